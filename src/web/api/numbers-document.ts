import { z } from "zod";
import { CAUSE, RUN_KIND, RUN_STATE, SYNC } from "./documents.ts";
import { BACKFILL_STATE } from "./documents-backfill.ts";

const time = z.iso.datetime();
const took = z
  .object({ count: z.int(), median: z.number(), slow: z.number() })
  .meta({ id: "Took", description: "Seconds: the median and the 95th percentile of so many." });
const part = z.object({ of: z.int(), are: z.int(), share: z.number().nullable() });
const weekOfRuns = z.object({ ended: z.int(), failed: z.int(), seconds: z.number().nullable() });

const migrations = z
  .object({
    states: z.array(z.object({ state: z.string(), count: z.int() })),
    took: took.nullable(),
    slower: z.number().nullable().meta({
      description: "The worst time by that of its rehearsal, of those that took over a second.",
    }),
    retries: z.int().meta({ description: "Tries that a lock timeout took back." }),
    lockWait: z.number().nullable().meta({ description: "Seconds that one waited for locks, at most." }),
    rows: z.number().meta({ description: "Changed by them." }),
    lag: z
      .number()
      .nullable()
      .meta({ description: "Seconds that a replica was behind while one ran, at most." }),
    runningSeconds: z.number().nullable(),
    halfWay: z.int().meta({ description: "Workspaces that are stopped since one failed half-way." }),
    halfWaySeconds: z.number().nullable(),
    lastDoneSeconds: z.number().nullable(),
    schemaDrift: z.array(z.object({ cause: CAUSE, count: z.int() })),
  })
  .meta({ description: "Of SQL migrations." });

export const numbersDocument = z
  .object({
    from: time,
    to: time,
    recordedSince: time.nullable().meta({ description: "The oldest run that is kept." }),
    workspaces: z.record(SYNC, z.int()),
    open: z.array(z.object({ cause: CAUSE, count: z.int() })),
    oldestDriftSeconds: z.number().nullable(),
    queue: z.array(z.object({ kind: z.string(), waiting: z.int(), running: z.int() })),
    channels: z.array(z.object({ name: z.string(), failingSeconds: z.number().nullable() })),
    backfills: z
      .object({
        states: z.array(z.object({ state: BACKFILL_STATE, count: z.int() })),
        dead: z.int(),
        idleSeconds: z.number().nullable(),
      })
      .meta({
        description: "Now: by state, keys left out, and how long the slowest one under way had no batch.",
      }),
    migrations,
    followedThrough: part.meta({ description: "Of the drift found, what was formalized or reverted." }),
    toPull: took.nullable().meta({ description: "From found to held by a drift pull request." }),
    pullToEnd: took.nullable().meta({ description: "From there to formalized or reverted." }),
    toEnd: took.nullable().meta({ description: "From found to formalized or reverted." }),
    caughtInCycle: part
      .nullable()
      .meta({ description: "Found before a second look was due; null where schedules are not known." }),
    lateness: took
      .nullable()
      .meta({ description: "How long after its slot, with the jitter of its workspace, a look began." }),
    runs: z.array(z.object({ kind: RUN_KIND, state: RUN_STATE, count: z.int(), took: took.nullable() })),
    failures: z.array(part.extend({ kind: RUN_KIND })),
    owners: z.array(
      z.object({
        owner: z.string().nullable(),
        found: z.int(),
        whole: z.int().meta({ description: "In the whole weeks of the span." }),
        before: z
          .int()
          .nullable()
          .meta({ description: "In as many weeks before; null where not all of them were recorded." }),
      }),
    ),
    weeks: z.array(
      z.object({
        week: z.string(),
        isWhole: z.boolean().meta({ description: "Neither goes on nor is cut at its beginning." }),
        isRecorded: z.boolean().meta({ description: "Something was recorded before its end." }),
        found: z.int(),
        ended: z.int(),
        toEndSeconds: z.number().nullable(),
        byOwner: z.array(z.object({ owner: z.string().nullable(), found: z.int() })),
        plan: weekOfRuns,
        apply: weekOfRuns,
      }),
    ),
  })
  .meta({ id: "Numbers", description: "Drift here is what somebody's hand made. Times are seconds." });
