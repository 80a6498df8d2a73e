import type { Backfill } from "../../src/model/backfill.ts";

/** A backfill of `public.t` by its `id` that nothing holds back; tests say what of it is their subject. */
export const SAMPLE: Backfill = {
  ...{ name: "b", after: null, schema: "public", home: "public", table: "t", key: "id", batch: 100 },
  statement: "update t set n = n + 1 where id between $1 and $2",
  throttle: { replicationLag: null, activeSessions: null, rest: 0 },
  ...{ pauseBetween: [], outsideWindows: false, lockTimeout: "2s", statementTimeout: "1min", checksum: "c" },
  ...{ deadLetters: 100, errorBudget: { share: 1, inARow: 20 }, verify: null },
};
