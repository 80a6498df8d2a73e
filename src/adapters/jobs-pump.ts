import type { Clock } from "../ports/clock.ts";
import type { ClaimedJob, JobResult } from "../ports/jobs.ts";
import type { Log } from "../ports/log.ts";
import type { ClaimedRow, jobRows } from "./jobs-rows.ts";
import type { Signal } from "./jobs-signal.ts";
import { freeSlots, type Slot } from "./jobs-slots.ts";

export interface Pump {
  readonly rows: ReturnType<typeof jobRows>;
  readonly clock: Clock;
  readonly log: Log;
  readonly stored: Signal;
  readonly settled: Signal;
  /** No other process uses the queue: nobody dies unseen, nobody else stores jobs. */
  readonly alone: boolean;
  readonly aliveMs: number;
  readonly pollMs: number;
  readonly limits: {
    readonly concurrency: number;
    readonly background?: number;
    readonly handle: (job: ClaimedJob) => Promise<JobResult>;
  };
}

interface Running {
  readonly slot: Slot;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
}

/** Claims jobs while slots are free, one after another; sleeps when there is nothing to claim. */
export const startPump = (pump: Pump): { stop(): Promise<void> } => {
  const running = new Map<ClaimedRow, Running>();
  const [stopping, drained] = [new AbortController(), new AbortController()];
  const claims = claiming(pump, running, stopping.signal);
  const beats = pump.alone ? null : beating(pump, running, drained.signal);
  return {
    stop: async () => {
      stopping.abort();
      await claims;
      await Promise.all([...running.values()].map(({ ended }) => ended));
      drained.abort();
      await beats;
    },
  };
};

const claiming = async (pump: Pump, running: Map<ClaimedRow, Running>, stop: AbortSignal): Promise<void> => {
  while (!stop.aborted) {
    const changed = Promise.race([pump.stored.next(), pump.settled.next()]);
    try {
      // One time for both looks: a job that becomes due between them is seen by the second.
      const now = pump.clock.now();
      const row = await claimNext(pump, running, now);
      if (row) start(pump, running, row);
      else await sleep(pump, changed, await pauseMs(pump, now), stop);
    } catch (error) {
      pump.log.warn("the queue could not be read", { error });
      await pump.clock.wait(pump.pollMs, stop);
    }
  }
};

const claimNext = async (
  pump: Pump,
  running: Map<ClaimedRow, Running>,
  now: Date,
): Promise<ClaimedRow | null> => {
  const counts = { quick: 0, run: 0, background: 0 };
  for (const { slot } of running.values()) counts[slot] += 1;
  const { concurrency, background = concurrency } = pump.limits;
  const slots = freeSlots(counts, { concurrency, background });
  return slots.length === 0 ? null : pump.rows.claim(slots, now, pump.aliveMs);
};

const LONGEST_SLEEP_MS = 60_000;

const pauseMs = async ({ rows, clock, alone, pollMs }: Pump, now: Date): Promise<number> => {
  const longest = alone ? LONGEST_SLEEP_MS : pollMs;
  const due = await rows.nextDue(now);
  return due === null ? longest : Math.min(longest, due.getTime() - clock.now().getTime());
};

const sleep = async (pump: Pump, changed: Promise<void>, ms: number, stop: AbortSignal): Promise<void> => {
  if (ms <= 0) return;
  const awake = new AbortController();
  void changed.then(() => awake.abort());
  await pump.clock.wait(ms, AbortSignal.any([awake.signal, stop]));
};

const start = (pump: Pump, running: Map<ClaimedRow, Running>, row: ClaimedRow): void => {
  const abort = new AbortController();
  const work = async (): Promise<void> => {
    const result = await handled(pump, row, abort.signal);
    await settle(pump, row, result);
    running.delete(row);
    pump.settled.raise();
  };
  running.set(row, { slot: row.slot, abort, ended: work() });
};

const handled = async (pump: Pump, row: ClaimedRow, signal: AbortSignal): Promise<JobResult> => {
  try {
    const { job, attempt, request } = row;
    return await pump.limits.handle({ id: String(row.id), job, attempt, request, signal });
  } catch (error) {
    pump.log.error("a job's handler threw", { kind: row.job.kind, error });
    return { done: false, retryAt: null, message: error instanceof Error ? error.message : String(error) };
  }
};

const SETTLE_ATTEMPTS = 30;

/** A database that is away for a while costs no result; after that the job is run again once it is back. */
const settle = async (pump: Pump, row: ClaimedRow, result: JobResult): Promise<void> => {
  const retryAt = result.done ? null : result.retryAt;
  const message = result.done ? "" : result.message;
  for (let attempt = 1; attempt <= SETTLE_ATTEMPTS; attempt += 1) {
    try {
      return await (retryAt ? pump.rows.retry(row, retryAt, message) : pump.rows.finish(row));
    } catch (error) {
      pump.log.warn("a job's end could not be stored", { kind: row.job.kind, attempt, error });
      await pump.clock.wait(pump.pollMs);
    }
  }
};

const WATCHED = 2;

/** Says for every running job that its worker lives, and gives back those of workers that do not. */
const beating = async (
  pump: Pump,
  running: Map<ClaimedRow, Running>,
  drained: AbortSignal,
): Promise<void> => {
  const { rows, clock, aliveMs } = pump;
  // Seen twice with two beats in between: a worker whose clock differs from ours, or jumped, is not dead.
  let overdue: readonly (readonly string[])[] = [];
  while (!drained.aborted) {
    try {
      const [oldest = [], ...newer] = overdue;
      if (overdue.length === WATCHED) await rows.reclaim(oldest);
      overdue = [...(overdue.length === WATCHED ? newer : overdue), await rows.overdue(clock.now())];
      for (const [row, { abort }] of running) {
        const ours = await rows.beat(row, clock.now(), aliveMs);
        if (!ours && running.has(row)) abort.abort(new Error("the job was given to another worker"));
      }
    } catch (error) {
      pump.log.warn("the heartbeat could not be stored", { error });
    }
    await clock.wait(aliveMs / 3, drained);
  }
};
