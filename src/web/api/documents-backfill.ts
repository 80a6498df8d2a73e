import { z } from "zod";
import { BACKFILL_STATES } from "../../model/backfill-run.ts";
import { CHANGE_CLASSES } from "../../model/change-class.ts";

const time = z.iso.datetime();

export const BACKFILL_STATE = z.enum(BACKFILL_STATES);

export const backfillDocument = z
  .object({
    workspace: z.string(),
    name: z.string(),
    run: z.string().meta({ description: "The apply that it was approved with." }),
    pull: z.object({ repo: z.string(), number: z.int() }).nullable(),
    table: z.string(),
    class: z.enum(CHANGE_CLASSES),
    checksum: z.string().meta({ description: "Of its file, as it was approved." }),
    state: BACKFILL_STATE,
    reason: z.string().nullable(),
    throttle: z.string().nullable().meta({ description: "Why no batch is begun for now." }),
    lag: z.number().nullable().meta({ description: "Seconds that the slowest replica is behind." }),
    active: z.int().nullable().meta({ description: "Active sessions of others." }),
    done: z.int().meta({ description: "Keys passed, those that were left out included." }),
    changed: z.int(),
    dead: z.int().meta({ description: "Keys that were left out." }),
    total: z.int().nullable().meta({ description: "By statistics." }),
    rate: z.number().nullable().meta({ description: "Keys a second, lately." }),
    secondsLeft: z.int().nullable(),
    leftOut: z
      .array(z.object({ key: z.string(), why: z.string(), sqlState: z.string(), at: time }))
      .meta({ description: "The first hundred; no value of a row." }),
    freezeOverride: z
      .object({ by: z.string(), at: time })
      .nullable()
      .meta({ description: "Who lets it work through closed windows, and freezes that began before then." }),
    verification: z
      .object({
        left: z.int().nullable().meta({ description: "Rows that are still to be changed." }),
        problem: z.string().nullable().meta({ description: "Why they could not be counted." }),
        at: time,
      })
      .nullable()
      .meta({ description: "Null where its file asks for none, or it was not asked yet." }),
    requestedBy: z.string(),
    createdAt: time,
    progressedAt: time.nullable(),
    endedAt: time.nullable(),
  })
  .meta({ id: "Backfill" });

export type BackfillDocument = z.infer<typeof backfillDocument>;
