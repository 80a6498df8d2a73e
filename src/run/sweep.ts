import { type FollowUp, followUps, type Outcome } from "../model/job.ts";
import { publishSoon } from "./frame.ts";
import type { World } from "./world.ts";

const DELIVERY_MEMORY_MS = 7 * 24 * 3_600_000;
const MIRROR_IDLE_MS = 30 * 24 * 3_600_000;

/**
 * The broom, at start and by timer: publishes what is still owed, so that no status stays pending, forgets old
 * deliveries, and keeps the disk bounded.
 */
export const sweep = (world: World) => async (): Promise<Outcome> => {
  const now = world.clock.now();
  await world.ledger.deliveries.forget(new Date(now.getTime() - DELIVERY_MEMORY_MS));
  const running = await world.ledger.runs.list({
    states: ["running", "apply-started", "verifying", "unknown"],
  });
  await world.git.tidy({
    maxBytes: world.server.git.maxBytes,
    idleMs: MIRROR_IDLE_MS,
    inUse: running.map((run) => run.workspace),
  });
  return followUps(...(await owedPublishes(world)));
};

const owedPublishes = async (world: World): Promise<readonly FollowUp[]> => {
  const open = await world.ledger.pulls.list({ state: "open" });
  const merged = await world.ledger.pulls.list({ state: "merged" });
  return [...open, ...merged].filter((row) => row.publishedHash === null).map((row) => publishSoon(row.pull));
};
