import { isJsonObject, type Json } from "../model/json.ts";
import type { PlanHold } from "../model/plan-gate.ts";
import { type PullRequest, pullKey } from "../model/pull.ts";
import type { AffectedWorkspace } from "./affected.ts";
import type { World } from "./world.ts";

export interface Held {
  readonly workspace: AffectedWorkspace;
  readonly holds: readonly PlanHold[];
}

interface Kept {
  readonly head: string;
  /** Keys of what was shown for this head, and of what somebody let go on. */
  readonly shown: readonly string[];
  readonly letGo: readonly string[];
}

const keptKey = (pull: PullRequest): string => `plan-gate:${pullKey(pull)}`;

const keptFor = async (world: World, pull: PullRequest): Promise<Kept> => {
  const kept = await world.ledger.meta.get(keptKey(pull));
  return isJsonObject(kept) && kept["head"] === pull.head.sha
    ? (kept as unknown as Kept)
    : { head: pull.head.sha, shown: [], letGo: [] };
};

/**
 * A word counts only for what stood on the pull request before it was given: what is pushed between reading and
 * commenting is shown first, and waits for another word.
 */
export const stillHeld = async (
  world: World,
  pull: PullRequest,
  held: readonly Held[],
  by: string | null,
): Promise<readonly Held[]> => {
  if (held.length === 0) return [];
  const kept = await keptFor(world, pull);
  const holds = held.flatMap((one) => one.holds);
  const fresh = holds.filter(
    ({ key, verdict }) =>
      by !== null && verdict === "maintainer" && kept.shown.includes(key) && !kept.letGo.includes(key),
  );
  const letGo = new Set([...kept.letGo, ...fresh.map(({ key }) => key)]);
  const next: Kept = {
    head: kept.head,
    shown: [...new Set([...kept.shown, ...holds.map(({ key }) => key)])],
    letGo: [...letGo],
  };
  await world.ledger.transaction(async (ledger) => {
    await ledger.meta.set(keptKey(pull), next as unknown as Json);
    if (fresh.length > 0 && by !== null)
      await ledger.audit.append({
        at: world.clock.now(),
        actor: by,
        action: "let-plan-go-on",
        subject: pullKey(pull),
        details: { head: kept.head, holds: fresh.map((hold) => ({ ...hold })) },
      });
  });
  return held
    .map(({ workspace, holds: all }) => ({
      workspace,
      holds: all.filter(({ key, verdict }) => verdict === "deny" || !letGo.has(key)),
    }))
    .filter((one) => one.holds.length > 0);
};
