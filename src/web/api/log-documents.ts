import { z } from "zod";
import { RUN_STATE } from "./documents.ts";

/** What the API tells of a run's log. */
export const logDocument = z
  .object({
    run: z.string(),
    state: RUN_STATE,
    from: z.int().meta({ description: "The byte of the log that `text` begins with." }),
    next: z.int().meta({ description: "Where to go on: `from` of the next question." }),
    bytes: z
      .int()
      .meta({ description: "Of all that is written so far; there is more while `next` is less." }),
    text: z.string(),
  })
  .meta({ id: "RunLog" });

export const logFoundDocument = z
  .object({
    run: z.string(),
    state: RUN_STATE,
    hits: z.array(
      z.object({
        line: z.int().meta({ description: "Counted from 1." }),
        at: z.int().meta({ description: "The byte where it begins: `from` of `GET /runs/{id}/log`." }),
        text: z.string().meta({ description: "Without colours, and cut where it is long." }),
      }),
    ),
    searched: z.int().meta({ description: "Up to this byte." }),
    bytes: z.int(),
    next: z.string().nullable().meta({ description: "`cursor` of the next question." }),
  })
  .meta({ id: "RunLogFound" });

/** One part of a longer list. */
