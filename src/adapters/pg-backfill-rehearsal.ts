import { quoted } from "../migration/history.ts";
import { leftOutReason } from "../migration/left-out.ts";
import type { Backfill, BackfillVerify } from "../model/backfill.ts";
import type { RehearsedBackfill } from "../model/backfill-plan.ts";
import { PlumblineError } from "../model/errors.ts";
import { isOfRows } from "./pg-backfill.ts";
import { keyTrouble } from "./pg-backfill-begin.ts";
import { changeKeys, nextRange } from "./pg-backfill-keys.ts";
import { failureWords, stateOf, TOO_LONG } from "./pg-backfill-trouble.ts";
import { serverWords, type Target } from "./pg-session.ts";

/**
 * Runs the first batch of a backfill where nothing is at stake, and takes it back. Where the table holds no rows the
 * statement runs for none: that the schema knows its columns is told all the same.
 */
export const rehearseBackfill = async (scratch: Target, backfill: Backfill): Promise<RehearsedBackfill> => {
  const { name } = backfill;
  const nothing = { name, keys: 0, changed: 0, milliseconds: 0, leftOut: null };
  const trouble = await keyTrouble(scratch, backfill);
  if (trouble !== null) return { ...nothing, failure: trouble };
  const began = performance.now();
  // What looked at the schema before left a path of its own.
  await scratch.run("reset search_path");
  await scratch.run("begin");
  try {
    const range = await firstRange(scratch, backfill);
    const changed = await changeKeys(scratch, backfill, range ?? { from: null, to: null });
    const milliseconds = Math.round((performance.now() - began) * 10) / 10;
    const uncounted = backfill.verify && (await countTrouble(scratch, backfill.verify));
    if (uncounted !== null) return { ...nothing, failure: uncounted };
    return { ...nothing, keys: range?.rows ?? 0, changed: Number(changed), milliseconds, failure: null };
  } catch (thrown) {
    if (thrown instanceof PlumblineError) return { ...nothing, failure: thrown.message.replace(/\.$/, "") };
    const { message, code } = serverWords(thrown);
    // What a server says of a row may quote it.
    if (code !== null && isOfRows(code)) return { ...nothing, leftOut: leftOutReason(code), failure: null };
    return { ...nothing, failure: code === null ? message : failureWords(thrown) };
  } finally {
    await scratch.run("rollback");
  }
};

/** Why what is left could not be counted at the end; how many there are says nothing after one batch. */
const countTrouble = async (scratch: Target, verify: BackfillVerify): Promise<string | null> => {
  try {
    await scratch.query(verify.query);
    return null;
  } catch (thrown) {
    if (stateOf(thrown) === TOO_LONG) return null;
    return `verify: ${failureWords(thrown)}`;
  }
};

const firstRange = async (scratch: Target, backfill: Backfill) => {
  const { schema, table, key, batch } = backfill;
  const [row] = await scratch.query(
    `select (select k::text from (select ${quoted(key)} as k from ${quoted(schema)}.${quoted(table)}
      order by 1 desc limit 1) as highest) as end_key`,
  );
  return nextRange(scratch, backfill, { last_key: null, end_key: row?.["end_key"] ?? null }, batch);
};
