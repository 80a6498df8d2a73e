import { DEFAULT_RETENTION } from "../model/config.ts";
import { type FollowUp, followUps, type Outcome } from "../model/job.ts";
import { backfillsDue } from "./backfill-approve.ts";
import { janitor } from "./janitor.ts";
import { lookAtRun } from "./recover.ts";
import { publishSoon } from "./settle-run.ts";
import type { World } from "./world.ts";

const RECENT_MS = 24 * 3_600_000;
const MIRROR_IDLE_MS = 30 * 24 * 3_600_000;

/**
 * The broom, at start and by timer: publishes what is still owed, so that no status stays pending, forgets old
 * deliveries, and keeps the disk bounded.
 */
export const sweep = (world: World) => async (): Promise<Outcome> => {
  const now = world.clock.now();
  const { deliveriesMs } = { ...DEFAULT_RETENTION, ...world.server.retention };
  await world.ledger.deliveries.forget(new Date(now.getTime() - deliveriesMs));
  await world.ledger.requests.forget(new Date(now.getTime() - RECENT_MS));
  const running = await world.ledger.runs.list({
    states: ["running", "apply-started", "verifying", "unknown"],
  });
  await world.git.tidy({
    maxBytes: world.server.git.maxBytes,
    idleMs: MIRROR_IDLE_MS,
    inUse: running.map((run) => run.workspace),
  });
  await tidyRecords(world, now);
  // Whatever kept a look from its end, an apply in doubt is looked at again.
  const doubtful = running.filter(({ state }) => state === "unknown").map(lookAtRun);
  // Whatever swallowed its job, a backfill goes on; where one waits, a second is dropped.
  const backfills = await backfillsDue(world.ledger);
  return followUps(...(await owedPublishes(world, now)), ...doubtful, ...backfills);
};

/** Once a day, by one of all replicas. What fails here is tried again tomorrow, and holds nothing else up. */
const tidyRecords = async (world: World, now: Date): Promise<void> => {
  if (!(await world.ledger.deliveries.remember(`janitor:${now.toISOString().slice(0, 10)}`, now))) return;
  await janitor(world).catch((error: unknown) =>
    world.log.warn("old records could not be removed", { error }),
  );
};

/**
 * Whatever may have changed since it was told: a publish that found nothing new says nothing. What ended long ago only
 * where its last word is still owed.
 */
const owedPublishes = async (world: World, now: Date): Promise<readonly FollowUp[]> => {
  const recent = new Date(now.getTime() - RECENT_MS);
  return (await world.ledger.pulls.list({}))
    .filter((row) => row.state === "open" || row.publishedHash === null || row.updatedAt >= recent)
    .map((row) => publishSoon(row.pull));
};
