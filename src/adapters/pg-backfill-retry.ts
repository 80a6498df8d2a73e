import type { Backfill } from "../model/backfill.ts";
import type { HistoryPlace } from "./flyway-history.ts";
import { type BackfillOptions, holdBack, isOfRows, lockState, samplerOf, writeState } from "./pg-backfill.ts";
import { withBackfillLock } from "./pg-backfill-begin.ts";
import { changeKeys } from "./pg-backfill-keys.ts";
import { deadTable, readProgress } from "./pg-backfill-state.ts";
import { serverWords, type Target } from "./pg-session.ts";

/**
 * Tries every key that was left out once more, each in a transaction that also takes it off the list. One that fails
 * again stays there with the new reason, behind those that were not tried. Held back and ended between two keys as a
 * run is between two batches; false where keys are left that were not tried.
 * @throws `sql-failed` for a failure that no row is to blame for, `workspace-busy` where it runs elsewhere
 */
export const retryDeadLetters = (
  target: Target,
  backfill: Backfill,
  options: BackfillOptions,
): Promise<boolean> =>
  withBackfillLock(target, backfill, options.place, async () => {
    const { place, clock, border, stop } = options;
    const sampler = await samplerOf(target, options.sampler);
    const rows = await target.query(`select key from ${deadTable(place)} where name = $1 order by at, key`, [
      backfill.name,
    ]);
    for (const row of rows) {
      const load = await holdBack(backfill, { ...options, sampler });
      if (load === null || stop.aborted) return false;
      await retryKey(target, backfill, place, String(row["key"]));
      const [now] = await readProgress(target, place, [backfill]);
      if (now && !(await border(now, load))) return row === rows.at(-1);
      await clock.wait(backfill.throttle.rest, stop);
    }
    return true;
  });

const retryKey = async (
  target: Target,
  backfill: Backfill,
  place: HistoryPlace,
  key: string,
): Promise<void> => {
  await target.run("begin");
  try {
    await lockState(target, backfill, place);
    const changed = await changeKeys(target, backfill, { from: key, to: key });
    await target.query(`delete from ${deadTable(place)} where name = $1 and key = $2`, [backfill.name, key]);
    await writeState(target, backfill, place, "dead = dead - 1, changed = changed + $2::bigint", [changed]);
    await target.run("commit");
  } catch (thrown) {
    await target.run("rollback").catch(() => {});
    const { message, code } = serverWords(thrown);
    if (code === null || !isOfRows(code)) throw thrown;
    await target.query(
      `update ${deadTable(place)} set message = $3, sql_state = $4, at = now() where name = $1 and key = $2`,
      [backfill.name, key, message, code],
    );
  }
};
