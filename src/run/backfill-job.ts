import { asPlumblineError } from "../model/errors.ts";
import { followUps, type JobOf, nothing, type Outcome } from "../model/job.ts";
import type { BackfillRow } from "../ports/ledger-backfills.ts";
import type { Lease } from "../ports/ledger-leases.ts";
import { backfillSoon } from "./backfill-approve.ts";
import { approvedBackfill } from "./backfill-file.ts";
import { stops, whyNotYet } from "./backfill-ready.ts";
import { after, type Slice, stopped, waits } from "./backfill-settle.ts";
import { targetOf } from "./backfill-target.ts";
import type { DatabaseWorld, World } from "./world.ts";

/** So long one job works before it makes room: a drain, a pause or another backfill never waits for longer. */
const SLICE_MS = 15_000;
const BUSY_MS = 15_000;
/** So often its progress is stored; whether it may go on is asked at every batch. */
const STORE_MS = 1000;

/**
 * Some batches of a backfill, read aloud: is it still wanted and allowed, what was approved, work until the slice is
 * over, store how far it is, come again. The lease is of backfills alone, so that plans and looks of the workspace go
 * on; whatever dies, the target's own checkpoint tells where to go on.
 */
export const backfillJob =
  (world: World) =>
  async ({ workspace, name }: JobOf<"backfill">, signal: AbortSignal): Promise<Outcome> => {
    const row = await world.ledger.backfills.get(workspace, name);
    if (row === null) return nothing;
    if (row.state === "paused" || row.state === "cancelled") return hold(world, row);
    if (row.state !== "waiting" && row.state !== "running") return nothing;
    const outcome = await world.withLease(leaseOf(workspace), `backfill:${name}`, (lease, lost) =>
      slice(world, row, lease, AbortSignal.any([signal, lost])),
    );
    if ("value" in outcome) return outcome.value;
    return followUps(backfillSoon(row, new Date(world.clock.now().getTime() + BUSY_MS)));
  };

/** Only backfills of the workspace keep each other off. */
export const leaseOf = (workspace: string): string => `backfill:${workspace}`;

const slice = async (world: World, row: BackfillRow, lease: Lease, signal: AbortSignal): Promise<Outcome> => {
  const { token } = lease;
  let here: Slice = { row, token: row.token };
  try {
    const target = await targetOf(world, row);
    const wait = await whyNotYet(world, row, target);
    if (wait !== null)
      return stops(wait) ? await stopped(world, here, wait.text) : await waits(world, here, wait);
    const taken = await world.ledger.backfills.change(row.workspace, row.name, {
      from: ["waiting", "running"],
      token: row.token,
      set: { state: "running", token, reason: null, updatedAt: world.clock.now() },
    });
    // A person said something since it was read: that is done by the next job.
    if (!taken) return followUps(backfillSoon(row));
    here = { row, token };
    const backfill = await approvedBackfill(world, row, target.databases.parse);
    const end = await target.databases.backfills.run(target.call, backfill, {
      ...{ clock: world.clock, wish: row.wish, stop: signal },
      border: borderOf(world, here),
    });
    return await after(world, here, end);
  } catch (thrown) {
    return failed(world, here, thrown, signal);
  }
};

/** Between two batches: a pause, a cancel and a newer lease are seen here, at the next border. */
const borderOf = (
  world: World,
  { row, token }: Slice,
): Parameters<DatabaseWorld["backfills"]["run"]>[2]["border"] => {
  const { ledger, clock } = world;
  const began = clock.now().getTime();
  let stored = 0;
  return async ({ done, changed, dead, estimate, rate }, load) => {
    const now = clock.now();
    if (now.getTime() - stored < STORE_MS) {
      const seen = await ledger.backfills.get(row.workspace, row.name);
      if (seen?.state !== "running" || seen.token !== token) return false;
    } else {
      stored = now.getTime();
      const set = { done, changed, dead, total: estimate ?? row.total, ...load, throttle: null };
      const ours = await ledger.backfills.change(row.workspace, row.name, {
        from: ["running"],
        token,
        set: { ...set, ...(rate === null ? {} : { rate }), progressedAt: now, updatedAt: now },
      });
      if (!ours) return false;
    }
    return now.getTime() - began < SLICE_MS;
  };
};

const AWAY_MS = 30_000;

/** What no person has to mend is tried again; everything else stops it and says why. */
const failed = async (world: World, here: Slice, thrown: unknown, signal: AbortSignal): Promise<Outcome> => {
  if (signal.aborted) throw thrown;
  const { code, message, hint } = asPlumblineError(thrown);
  const why = world.redactor.redact(message);
  if (["sql-invalid", "sql-failed", "config-invalid", "gate-denied"].includes(code))
    return stopped(world, here, hint === "" ? why : `${why} ${hint}`);
  world.log.warn("a batch of a backfill could not be done", { workspace: here.row.workspace, error: thrown });
  const text =
    code === "workspace-busy"
      ? why
      : `the database could not be asked: ${code === "bug" ? "the connection was lost" : why}`;
  return waits(world, here, { kind: "away", text, wait: AWAY_MS });
};

/** A terminal is kept from going on with it too. What cannot be reached now is held by the ledger all the same. */
const hold = async (world: World, row: BackfillRow): Promise<Outcome> => {
  try {
    const { databases, call } = await targetOf(world, row);
    await databases.backfills.hold(call, row, `${row.state} on the pull request`);
  } catch (error) {
    world.log.warn("a backfill could not be held in its database", { workspace: row.workspace, error });
  }
  return nothing;
};
