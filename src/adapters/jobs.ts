import { randomUUID } from "node:crypto";
import type { JobKind } from "../model/job.ts";
import type { Clock } from "../ports/clock.ts";
import type { Jobs } from "../ports/jobs.ts";
import type { Log } from "../ports/log.ts";
import type { Database } from "./database.ts";
import { asDatabaseError } from "./database-errors.ts";
import { startPump } from "./jobs-pump.ts";
import { jobRows } from "./jobs-rows.ts";
import { createSignal } from "./jobs-signal.ts";

export interface JobsOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** The same after a restart; only one process at a time works under it. Left out: a restart waits as for a stranger's death. */
  readonly instance?: string;
  /** Milliseconds after which a worker of another process that fell silent counts as dead. */
  readonly aliveMs?: number;
  /** Milliseconds between looks for jobs that another replica stored; what this process stores starts at once. */
  readonly pollMs?: number;
}

/** The durable queue in the ledger's database; decision 0007 says why it is a table of our own. */
export const createJobs = (database: Database, options: JobsOptions): Jobs => {
  const { clock } = options;
  const rows = jobRows(database.kysely, `${options.instance ?? ""}/${randomUUID()}`);
  const stored = createSignal();
  const settled = createSignal();
  const stops = new Set<() => Promise<void>>();
  const pollMs = options.pollMs ?? 500;
  const stopAll = async (): Promise<void> => {
    await Promise.all([...stops].map((stop) => stop()));
  };
  return {
    enqueue: async (jobs) => {
      await rows.insert(jobs, clock.now()).catch(rethrow);
      stored.raise();
    },
    work: async (limits) => {
      if (database.embedded && stops.size === 0) await rows.reclaimAll();
      else if (options.instance !== undefined && stops.size === 0) await rows.reclaimOf(options.instance);
      const pump = startPump({
        ...{ rows, clock, stored, settled, limits, pollMs, log: options.log, alone: database.embedded },
        aliveMs: options.aliveMs ?? 30_000,
      });
      const stop = async (): Promise<void> => {
        await pump.stop();
        stops.delete(stop);
      };
      stops.add(stop);
      return stop;
    },
    depth: async () => {
      const depth: Partial<Record<JobKind, { waiting: number; running: number }>> = {};
      for (const { kind, state, count } of await rows.depth().catch(rethrow)) {
        depth[kind] = { ...(depth[kind] ?? { waiting: 0, running: 0 }), [state]: count };
      }
      return depth;
    },
    idle: async () => {
      for (;;) {
        const change = settled.next();
        if (!(await rows.busy(clock.now()).catch(rethrow))) return;
        await (database.embedded ? change : Promise.race([change, clock.wait(pollMs)]));
      }
    },
    close: stopAll,
  };
};

const rethrow = (thrown: unknown): never => {
  throw asDatabaseError(thrown);
};
