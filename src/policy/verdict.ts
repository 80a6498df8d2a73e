import type {
  Excepted,
  PolicyAnswer,
  PolicyException,
  PolicyMessage,
  PolicySet,
  PolicyVerdict,
} from "../model/policy.ts";
import { isCovered } from "../model/resource-context.ts";

/** What one set's answer means for a workspace: its level, and the exceptions that still hold. */
export const verdictOf = (
  set: PolicySet,
  answer: Pick<PolicyAnswer, "denied" | "warned" | "excepted" | "failed">,
  { workspace, now, ms }: { readonly workspace: string; readonly now: Date; readonly ms: number },
): PolicyVerdict => {
  const inSet = <M extends PolicyMessage>(message: M) => ({ set: set.name, ...message });
  const excepted: Excepted[] = answer.excepted.map((message) => ({
    ...inSet(message),
    owner: "the policy set itself",
    reason: "an exception rule",
    until: "",
  }));
  const denied: PolicyMessage[] = [];
  for (const message of answer.denied) {
    const covering = answer.failed
      ? []
      : set.exceptions.filter((one) => covers(one, message.policy, workspace));
    const holding = covering.find(({ until }) => until >= now);
    if (holding) excepted.push({ ...inSet(message), ...saidBy(holding) });
    else denied.push(covering[0] ? withEnded(message, covering[0]) : message);
  }
  const warned = answer.warned.map(inSet);
  const { owners, approvals } = set;
  return {
    sets: [set.name],
    denied: set.level === "deny" ? denied.map((one) => ({ ...inSet(one), owners, approvals })) : [],
    warned: set.level === "warn" ? [...denied.map(inSet), ...warned] : set.level === "deny" ? warned : [],
    dryRun: set.level === "dry_run" ? [...denied.map(inSet), ...warned] : [],
    excepted,
    ms,
  };
};

/** A set with the exceptions of a repository, where it takes them; they can speak of that repository alone. */
export const withRepositoryExceptions = (
  set: PolicySet,
  repo: string,
  exceptions: readonly (PolicyException & { readonly set: string })[],
): PolicySet => {
  if (!set.repositoryExceptions) return set;
  const own = exceptions
    .filter((one) => one.set === set.name)
    .map(({ set: _set, ...one }) => ({ ...one, workspace: keyPattern(repo, one.workspace ?? "*") }));
  return { ...set, exceptions: [...set.exceptions, ...own] };
};

const keyPattern = (repo: string, place: string): string =>
  `${repo}//${place}${place.includes("#") ? "" : "#*"}`;

const covers = (exception: PolicyException, policy: string, workspace: string): boolean =>
  isCovered(exception.policy, policy) &&
  (exception.workspace === null || isCovered(exception.workspace, workspace));

const saidBy = ({ owner, reason, until }: PolicyException): Pick<Excepted, "owner" | "reason" | "until"> => ({
  owner,
  reason,
  until: dayOf(until),
});

const withEnded = ({ policy, message }: PolicyMessage, { owner, until }: PolicyException): PolicyMessage => ({
  policy,
  message: `${message} (The exception that ${owner} had for it ended on ${dayOf(until)}.)`,
});

const dayOf = (date: Date): string => date.toISOString().slice(0, 10);

/** The verdicts of several sets as one. */
export const togetherOf = (verdicts: readonly PolicyVerdict[]): PolicyVerdict => ({
  sets: verdicts.flatMap(({ sets = [] }) => sets),
  denied: verdicts.flatMap(({ denied }) => denied),
  warned: verdicts.flatMap(({ warned }) => warned),
  dryRun: verdicts.flatMap(({ dryRun }) => dryRun),
  excepted: verdicts.flatMap(({ excepted }) => excepted),
  ms: Math.round(verdicts.reduce((sum, { ms }) => sum + ms, 0)),
});

/** The same with every text passed through `redact`: a rule may print what it judges. */
export const redactedVerdict = (verdict: PolicyVerdict, redact: (text: string) => string): PolicyVerdict => {
  const safe = <M extends PolicyMessage>(messages: readonly M[]): readonly M[] =>
    messages.map((one) => ({ ...one, message: redact(one.message) }));
  return {
    ...verdict,
    denied: safe(verdict.denied),
    warned: safe(verdict.warned),
    dryRun: safe(verdict.dryRun),
    excepted: safe(verdict.excepted),
  };
};

/** Whether a set judges a repository: `acme/infra`, `acme/*`, or no pattern at all. */
export const judgesRepo = ({ repos }: Pick<PolicySet, "repos">, repo: string): boolean =>
  repos.length === 0 || repos.some((pattern) => isCovered(pattern.toLowerCase(), repo.toLowerCase()));
