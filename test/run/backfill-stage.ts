import type { BackfillProgress, BackfillState } from "../../src/model/backfill.ts";
import type { ParsedCommand } from "../../src/model/command.ts";
import type { BackfillEnd, BackfillOrder, Backfills } from "../../src/ports/backfills.ts";
import { backfillJob } from "../../src/run/backfill-job.ts";
import { backfillCommand } from "../../src/run/command-backfill.ts";
import { BACKFILL_KEY, BACKFILL_NAME, backfillWorld } from "../child/backfill-world.ts";
import { openTestDatabase } from "../contract/test-database.ts";

/** A database of which a test says how far it is, and what happens while it works. */
export const openJobStage = async (more = "") => {
  const seen: {
    wishes: BackfillOrder["wish"][];
    during: () => Promise<BackfillState>;
    more: Partial<BackfillProgress>;
  } = { wishes: [], during: async () => "done", more: {} };
  const backfills: Backfills = {
    declared: async () => [],
    isReady: async () => true,
    hold: async () => {},
    run: async (_call, _backfill, { wish }) => {
      seen.wishes.push(wish);
      return endOf(await seen.during(), seen.more);
    },
  };
  const stage = await backfillWorld(await openTestDatabase(), { target: "pglite:", backfills, more });
  const job = () =>
    backfillJob(stage.world)({ workspace: BACKFILL_KEY, name: BACKFILL_NAME }, AbortSignal.any([]));
  const say = (command: Omit<ParsedCommand, "command">, { number = 1, by = "dana" } = {}) =>
    backfillCommand(stage.world, {
      command: { command: "backfill", ...command },
      pull: { repo: "acme/shop", number } as never,
      ...{ by, commentId: 1 },
    });
  return { ...stage, seen, job, say };
};

export type JobStage = Awaited<ReturnType<typeof openJobStage>>;

const endOf = (state: BackfillState, more: Partial<BackfillProgress>): BackfillEnd => ({
  progress: {
    ...{ name: BACKFILL_NAME, checksum: "c", state, reason: null, lastKey: "100", done: 100, changed: 100 },
    ...{ dead: 0, verification: null, estimate: 300, rate: null, startedAt: null, updatedAt: null },
    ...more,
  },
  ...{ wait: null, load: { lag: null, active: null }, leftOut: [], retries: false },
});
