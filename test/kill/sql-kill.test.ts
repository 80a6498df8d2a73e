import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSqlKillBench, type SqlKillBench, sqlKillMissing } from "./sql-bench.ts";
import { STATE_POINTS } from "./sql-points.ts";
import { STORIES } from "./sql-stories.ts";

// Two deaths of the matrix that `npm run test:kill -- --sql` walks through whole: one where all is done and nobody wrote
// it down, one in the middle of what runs without a transaction.
const SAMPLE = ["committed, not written", "running statement 2, not sent"];

describe.skipIf(sqlKillMissing !== null)(
  `killed while it migrates (${sqlKillMissing ?? "PostgreSQL"})`,
  () => {
    let bench: SqlKillBench;
    beforeAll(async () => {
      bench = await openSqlKillBench();
    }, 120_000);
    afterAll(() => bench.close());

    test.each(STATE_POINTS.filter(({ state }) => SAMPLE.includes(state)))(
      "$state: nothing is sent twice, and all is told",
      async ({ story, point }) => {
        expect(await bench.kill(STORIES[story], point)).toMatchObject({ reached: true, wrong: [] });
      },
      120_000,
    );
  },
);
