import { resourceStates } from "../drift/states.ts";
import type { Actor } from "../model/alert.ts";
import { type Finding, isByHand } from "../model/finding.ts";
import { isJsonObject } from "../model/json.ts";
import type { Plan } from "../model/plan.ts";
import type { ActorLookup, ActorQuestion } from "../ports/actor-lookup.ts";
import type { WorkspaceRow } from "../ports/ledger.ts";
import type { World } from "./world.ts";

const MOST_RESOURCES = 20;
const TIME_MS = 10_000;
const DAY_MS = 86_400_000;

/**
 * Who changed what was just found, by address, as far as audit logs tell within a few seconds. Never required: what
 * cannot be asked is told in the log, and the look goes on.
 */
export const askActors = async (
  world: Pick<World, "actorLookups" | "clock" | "log">,
  workspace: WorkspaceRow,
  found: readonly Finding[],
  plan: Plan,
): Promise<ReadonlyMap<string, Actor>> => {
  const { actorLookups: lookups = [], clock } = world;
  const actors = new Map<string, Actor>();
  if (lookups.length === 0) return actors;
  const now = clock.now();
  const from = workspace.lastDriftAt ?? new Date(now.getTime() - DAY_MS);
  const wanted = new Set(found.filter(isByHand).map(({ address }) => address));
  const signal = AbortSignal.timeout(TIME_MS);
  const resources = resourceStates(plan).filter(({ address }) => wanted.has(address));
  for (const { address, type, actual, recorded } of resources.slice(0, MOST_RESOURCES)) {
    const question = {
      workspace: workspace.key,
      address,
      type,
      names: namesIn(actual ?? recorded),
      from,
      to: now,
    };
    const actor = await ask(world, lookups, question, signal);
    if (actor) actors.set(address, actor);
    if (signal.aborted) break;
  }
  return actors;
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
