import { readClaims } from "../config/stateful-change.ts";
import { requiredRoles } from "../gate/approvals.ts";
import { demandedClass } from "../gate/claim.ts";
import { classOf, durableChanges, fileChanges } from "../gate/durable.ts";
import { rolloutGates } from "../gate/rollout.ts";
import type { ApproverFacts, DurableChange, StatefulFacts } from "../gate/stateful-facts.ts";
import { worstClass } from "../model/change-class.ts";
import { underServer } from "../model/governance.ts";
import type { Inspection, PlanSummary } from "../model/plan.ts";
import type { PullRef, PullRequest } from "../model/pull.ts";
import type { ContextEntry } from "../model/resource-context.ts";
import { parseWorkspaceKey } from "../model/workspace.ts";
import type { PlanRow } from "../ports/ledger.ts";
import { approverFacts } from "./approver-facts.ts";
import { isOverHttp } from "./asked.ts";
import { currentPlans } from "./current-plans.ts";
import { freezeSwitches } from "./freeze-switch.ts";
import type { ProtectedRules } from "./protected-rules.ts";
import { keptPullFiles, type PullFiles, readPullFiles, seeClaim } from "./pull-files.ts";
import { resourceContext } from "./resource-context.ts";
import { readRunInput } from "./run-input.ts";
import type { World } from "./world.ts";

/** Of which plan the facts are wanted; without one they are of the pull request's files alone. */
export interface AskedPlan {
  readonly workspace: string;
  readonly inspection: Pick<Inspection, "changes">;
  readonly digest: string;
  readonly owners: readonly string[];
  /** What is known of what it changes. */
  readonly context?: readonly ContextEntry[];
  /** Of a database: the newest version applied and the newest that comes. */
  readonly versions?: { readonly now: string | null; readonly next: string | null };
}

/**
 * Everything that the rules about durable state must know of a pull request, and of one plan in it. People are asked
 * after only where the class takes their approval.
 */
export const statefulFacts = async (
  world: World,
  pull: PullRequest,
  plan: AskedPlan | null,
  rules: Pick<ProtectedRules, "governance" | "resourceContext">,
  base: string,
): Promise<StatefulFacts> => {
  const governance = underServer(rules.governance, world.server);
  const files = await pullFiles(world, pull, base);
  const seen = await seeClaim(world, pull);
  const claims = readClaims(pull.body, files.metadata);
  const beside = fileChanges(files.findings);
  const own = [...(plan ? durableChanges(plan.inspection) : []), ...beside];
  const others = await otherChanges(world, pull, plan?.workspace ?? null);
  const pullClass = classOf([...own, ...others]);
  const asked: Omit<StatefulFacts, "approvers"> = {
    pullClass,
    // What nobody can see counts for every plan of the pull request.
    class: worstClass([classOf(own), claims.claim?.class ?? "R0"]),
    changes: [...own, ...others].toSorted(worstFirst),
    claims,
    ...(plan?.inspection.changes.some(({ type }) => type === "postgres_migration")
      ? { databases: true }
      : {}),
    governance,
    ...(plan?.context ? { context: plan.context } : {}),
    ...(files.rollout ? { rollout: files.rollout } : {}),
    ...(claims.claim?.requiresSchemaVersion
      ? { schemas: await appliedSchemas(world, pull.repo, rules, base) }
      : {}),
    ...(await circumstances(world, pull, plan)),
  };
  const wanted = { ...asked, approvers: nobody(pull, plan) };
  if (requiredRoles(wanted).length === 0) return wanted;
  const since = await visibleSince(world, pull, plan, seen.since);
  const owners = plan && plan.owners.length > 0 ? plan.owners : files.owners;
  return {
    ...asked,
    approvers: await approverFacts(world, { pull, governance, owners, digest: plan?.digest ?? null, since }),
  };
};

/**
 * The same for a revert, which applies the deploy branch and nothing of the pull request that it was asked for on: only
 * its own plan counts. Whoever asked for it stands for it as an author does, so that somebody else must approve. Below
 * R4 there is no author's word to wait for.
 */
export const revertFacts = async (
  world: World,
  pull: PullRequest,
  plan: AskedPlan,
  rules: Pick<ProtectedRules, "governance">,
  askedBy: string,
): Promise<StatefulFacts> => {
  const governance = underServer(rules.governance, world.server);
  const files = await keptPullFiles(world, pull, pull.head.sha);
  const seen = await seeClaim(world, pull);
  const claims = readClaims(pull.body, files?.metadata ?? []);
  const changes = durableChanges(plan.inspection);
  const found = classOf(changes);
  const { classes } = governance;
  const facts: Omit<StatefulFacts, "approvers"> = {
    pullClass: found,
    class: found,
    changes,
    claims: found < "R4" ? { claim: null, problems: [] } : claims,
    governance: { ...governance, classes: { ...classes, R3: { ...classes.R3, claim: false } } },
    ...(plan.context ? { context: plan.context } : {}),
    ...(await circumstances(world, pull, plan)),
  };
  const wanted = { ...facts, approvers: nobody(pull, plan) };
  if (requiredRoles(wanted).length === 0) return wanted;
  // Whoever asked over HTTP may be any of the people here: no approval is surely another one's.
  if (isOverHttp(askedBy)) return wanted;
  const { owners, digest } = plan;
  const since = await visibleSince(world, pull, plan, found < "R4" ? new Date(0) : seen.since);
  const approvers = await approverFacts(world, { pull, governance, owners, digest, since });
  return { ...facts, approvers: { ...approvers, excluded: new Set([...approvers.excluded, askedBy]) } };
};

/** Whether there is anything that people should be told. */
export const isWorthTelling = (facts: StatefulFacts): boolean =>
  demandedClass(facts) >= "R3" ||
  facts.claims.claim !== null ||
  facts.claims.problems.length > 0 ||
  rolloutGates(facts).length > 0 ||
  facts.changes.some(isDangerous);

/** What has a way out is told with it; of a plan, whose diff shows the rest, what breaks or loses something. */
export const isDangerous = ({ wayOut, class: level, system }: DurableChange): boolean =>
  wayOut !== undefined && level >= (system === undefined ? "R2" : "R3");

/** Asked anew each time: a migration may have been applied since the head was looked at. */
const appliedSchemas = async (
  world: World,
  repo: string,
  rules: Pick<ProtectedRules, "resourceContext">,
  base: string,
): Promise<NonNullable<StatefulFacts["schemas"]>> => {
  const { entries } = await resourceContext(world, { repo, base, rules, workspace: null, plan: null });
  return entries.flatMap(({ database, schemaVersion: version, source }) =>
    version === undefined ? [] : [{ database, version, source }],
  );
};

/** Where and when it is asked, and which freezes and overrides stand. */
const circumstances = async (
  world: World,
  pull: PullRequest,
  plan: AskedPlan | null,
): Promise<Pick<StatefulFacts, "workspace" | "switches" | "freezeOverride" | "now" | "trigger">> => {
  const id = plan ? parseWorkspaceKey(plan.workspace) : undefined;
  return {
    workspace: { key: plan?.workspace ?? "", dir: id?.dir ?? "", name: id?.name ?? "" },
    switches: await freezeSwitches(world),
    freezeOverride: await overrideOf(world, pull, plan?.digest ?? null),
    now: world.clock.now(),
    trigger: world.server.triggerWords[0] ?? "plumbline",
  };
};

/** One order for every plan of a pull request, so that what is said of all of them is said once. */
const worstFirst = (left: DurableChange, right: DurableChange): number =>
  right.class.localeCompare(left.class) || left.place.localeCompare(right.place);

const pullFiles = async (world: World, pull: PullRequest, base: string): Promise<PullFiles> => {
  const head = pull.head.sha;
  const kept = await keptPullFiles(world, pull, head);
  if (kept) return kept;
  const from = (await world.git.mergeBase(pull.repo, base, head)) ?? base;
  return readPullFiles(world, pull.repo, { head, base: from, merged: head });
};

const nobody = (pull: PullRequest, plan: AskedPlan | null): ApproverFacts => ({
  given: [],
  objections: [],
  head: pull.head.sha,
  digest: plan?.digest ?? null,
  since: new Date(0),
  excluded: new Set(),
  permitted: new Set(),
  members: {},
});

/** What the pull request's other plans do: the author speaks for all of them at once. */
const otherChanges = async (world: World, pull: PullRequest, own: string | null) => {
  const plans = await currentPlans(world.ledger, pull, await world.ledger.runs.list({ pull }));
  return plans
    .filter((row) => row.workspace !== own && row.head === pull.head.sha)
    .flatMap((row) => durableChanges((row.summary as unknown as PlanSummary).inspection));
};

/** An approval can only mean what was there: this plan, since it is the one to be seen, and this word of the author. */
const visibleSince = async (
  world: World,
  pull: PullRequest,
  plan: AskedPlan | null,
  claimSince: Date,
): Promise<Date> => {
  if (!plan) return claimSince;
  const runs = await world.ledger.runs.list({ workspace: plan.workspace, pull });
  const rows = await Promise.all(runs.map((run) => world.ledger.plans.ofRun(run.id)));
  const made = rows.filter((row): row is PlanRow => row !== null && row.head === pull.head.sha);
  const shown = shownSince(made, plan.digest) ?? world.clock.now();
  return shown > claimSince ? shown : claimSince;
};

/**
 * When a plan came to be the one that people see, whichever run made it first; null where another is the newest. What was
 * said while another one stood there between did not mean it, though it had been there before.
 */
export const shownSince = (
  plans: readonly Pick<PlanRow, "digest" | "createdAt">[],
  digest: string,
): Date | null => {
  const newestFirst = plans.toSorted((left, right) => right.createdAt.getTime() - left.createdAt.getTime());
  const other = newestFirst.findIndex((row) => row.digest !== digest);
  const series = other === -1 ? newestFirst : newestFirst.slice(0, other);
  return series.at(-1)?.createdAt ?? null;
};

/** The newest word that lets this very plan of this very head through freezes and closed windows. */
export const overrideOf = async (
  world: Pick<World, "ledger">,
  pull: PullRef & { readonly head: { readonly sha: string } },
  digest: string | null,
): Promise<StatefulFacts["freezeOverride"]> => {
  const rows = await world.ledger.approvals.list(pull);
  const mine = rows.filter(
    (row) =>
      row.kind === "override-freeze" &&
      row.voidedAt === null &&
      row.digest === digest &&
      row.head === pull.head.sha,
  );
  return mine.toSorted((left, right) => right.at.getTime() - left.at.getTime())[0] ?? null;
};

/** Owners of a workspace as they were configured when the plan was asked for. */
export const configuredOwners = async (world: World, row: PlanRow): Promise<readonly string[]> => {
  const run = await world.ledger.runs.get(row.run);
  return run ? readRunInput(run).config.owners : [];
};
