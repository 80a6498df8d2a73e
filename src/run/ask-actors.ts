import type { Lifecycle } from "../drift/lifecycle.ts";
import { resourceStates } from "../drift/states.ts";
import type { Actor, ActorAnswer } from "../model/alert.ts";
import { type Finding, isByHand, type OpenFinding } from "../model/finding.ts";
import { isJsonObject } from "../model/json.ts";
import type { Plan } from "../model/plan.ts";
import type { ActorLookup, ActorQuestion } from "../ports/actor-lookup.ts";
import type { Ledger } from "../ports/ledger.ts";
import { answerOf } from "./actors.ts";
import type { World } from "./world.ts";

const MOST_RESOURCES = 20;
const TIME_MS = 10_000;
const DAY_MS = 86_400_000;
/** Audit logs learn of a call up to 15 minutes after it; what is not there by then is not asked for ever. */
const ASKED_FOR_MS = 3_600_000;
const PAUSE_MS = 5 * 60_000;

type Found = Finding & { readonly fingerprint: string };
interface Wish extends Pick<ActorQuestion, "from" | "to"> {
  readonly finding: Found;
  readonly before: ActorAnswer | null;
}

/**
 * Who changed what was found, as far as audit logs tell within a few seconds: of what this look opened, and of what is
 * open while nobody or only a guess is known of it, for an hour and once more after that. Never required: what cannot
 * be asked is told in the log, and the look goes on. Holds only what is to be kept anew.
 */
export const askActors = async (
  world: Pick<World, "actorLookups" | "clock" | "log"> & { readonly ledger: Asked },
  workspace: string,
  { opened, kept }: Pick<Lifecycle, "opened" | "kept">,
  plan: Plan,
): Promise<ReadonlyMap<Found, ActorAnswer>> => {
  const { actorLookups: lookups = [], clock } = world;
  const answers = new Map<Found, ActorAnswer>();
  if (lookups.length === 0) return answers;
  const now = clock.now();
  const from = await lookBefore(world.ledger, workspace, now);
  // Whoever set the same value once is not who set it now.
  for (const finding of opened) answers.set(finding, { actor: null, from, asks: 0, askedAt: now });
  const wishes = [
    ...opened.filter(isByHand).map((finding) => ({ finding, from, to: now, before: null })),
    ...(await wishesAgain(world.ledger, kept.filter(isByHand), from, now)),
  ];
  const signal = AbortSignal.timeout(TIME_MS);
  for (const { wishes: same, question } of questionsOf(workspace, wishes, plan).slice(0, MOST_RESOURCES)) {
    const actor = await ask(world, lookups, question, signal);
    for (const { finding, from, before } of same) {
      const asks = (before?.asks ?? 0) + 1;
      answers.set(finding, { actor: actor ?? before?.actor ?? null, from, asks, askedAt: now });
    }
    if (signal.aborted) break;
  }
  return answers;
};

type Asked = Pick<Ledger, "meta"> & { readonly runs: Pick<Ledger["runs"], "list"> };

/** When the look began that did not see it yet. What is changed while a look goes on, that look may miss. */
const lookBefore = async ({ runs }: Asked, workspace: string, now: Date): Promise<Date> => {
  const [last] = await runs.list({ workspace, kind: "drift", states: ["succeeded"], limit: 1 });
  return last?.startedAt ?? new Date(now.getTime() - DAY_MS);
};

/** Of what was opened before, with the time in which it was changed; what was asked the least comes first. */
const wishesAgain = async (
  ledger: Asked,
  kept: readonly OpenFinding[],
  lookBefore: Date,
  now: Date,
): Promise<readonly Wish[]> => {
  const wishes: Wish[] = [];
  for (const finding of kept) {
    const before = await answerOf(ledger, finding.workspace, finding);
    if (before?.actor?.confidence === "exact") continue;
    const to = finding.openedAt;
    const isYoung = now.getTime() - to.getTime() <= ASKED_FOR_MS;
    const paused = before !== null && now.getTime() - before.askedAt.getTime() < PAUSE_MS;
    if (paused || !(isYoung || (before !== null && before.asks < 2))) continue;
    const dayBefore = new Date(to.getTime() - DAY_MS);
    const from = before?.from ?? (lookBefore < to ? lookBefore : dayBefore);
    wishes.push({ finding, from, to, before });
  }
  return wishes.toSorted((left, right) => (left.before?.asks ?? 0) - (right.before?.asks ?? 0));
};

interface Question {
  readonly question: ActorQuestion;
  readonly wishes: readonly Wish[];
}

/** One for all findings of a resource of the same time. */
const questionsOf = (workspace: string, wishes: readonly Wish[], plan: Plan): readonly Question[] => {
  const states = new Map(resourceStates(plan).map((one) => [one.address, one]));
  const groups = Map.groupBy(wishes, ({ finding: { address }, from, to }) =>
    JSON.stringify([address, from, to]),
  );
  return [...groups.values()].flatMap((same): readonly Question[] => {
    const [first] = same;
    const state = first && states.get(first.finding.address);
    if (!state) return [];
    const { address, type, actual, recorded } = state;
    const { from, to } = first;
    return [
      { wishes: same, question: { workspace, address, type, names: namesIn(actual ?? recorded), from, to } },
    ];
  });
};

/** What an audit log may call a resource. */
const namesIn = (value: unknown): readonly string[] => {
  if (!isJsonObject(value as never)) return [];
  const resource = value as Readonly<Record<string, unknown>>;
  const names = ["id", "arn", "name", "identifier", "bucket"].map((key) => resource[key]);
  return [...new Set(names.filter((name): name is string => typeof name === "string" && name !== ""))];
};

const ask = async (
  { log }: Pick<World, "log">,
  lookups: readonly ActorLookup[],
  question: ActorQuestion,
  signal: AbortSignal,
): Promise<Actor | null> => {
  for (const lookup of lookups.filter(({ covers }) => covers(question.type))) {
    try {
      const actor = await lookup.find(question, signal);
      if (actor) return actor;
    } catch (error) {
      log.warn("an audit log could not be asked who changed a resource", { source: lookup.name, error });
    }
  }
  return null;
};
