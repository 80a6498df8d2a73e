import { budgetSpent } from "../migration/backfill-budget.ts";
import type { Backfill, BackfillLoad, BackfillProgress, BackfillWait } from "../model/backfill.ts";
import { PlumblineError } from "../model/errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { HistoryPlace } from "./flyway-history.ts";
import { beginBackfill, withBackfillLock } from "./pg-backfill-begin.ts";
import { finishBackfill } from "./pg-backfill-finish.ts";
import { changeKeys, type KeyRange, nextRange } from "./pg-backfill-keys.ts";
import { deadTable, progressOf, stateTable } from "./pg-backfill-state.ts";
import { throttleOf } from "./pg-backfill-throttle.ts";
import { asBackfillTrouble, failureWords, PASSING, stateOf, TOO_LONG } from "./pg-backfill-trouble.ts";
import { type Row, serverWords, type Target } from "./pg-session.ts";

export interface BackfillOptions {
  readonly place: HistoryPlace;
  readonly clock: Clock;
  /** The session that is asked about replicas and load; the working one where left out. */
  readonly sampler?: Target;
  /** Awaited after each batch, with what was measured before it; false: no further one is begun. */
  readonly border: (progress: BackfillProgress, load: BackfillLoad) => Promise<boolean>;
  /** Awaited once for each reason for which no batch may begin; false: it is not waited for here. */
  readonly waiting: (why: BackfillWait, load: BackfillLoad) => Promise<boolean>;
  /** Ends it after the batch that is under way; it goes on from there another time. */
  readonly stop: AbortSignal;
}

/**
 * Runs a backfill from its checkpoint until it is done, paused, stopped, or told to end. Each batch is a transaction that
 * holds its checkpoint too, so that a process may die at any time: no key is done twice and none is left out.
 * @throws `sql-invalid`, `sql-failed`, `workspace-busy` where it runs elsewhere
 */
export const runBackfill = (
  target: Target,
  backfill: Backfill,
  options: BackfillOptions,
): Promise<BackfillProgress> =>
  withBackfillLock(target, backfill, options.place, async () => {
    const { clock, stop, border, place } = options;
    const sampler = await samplerOf(target, options.sampler);
    let state = await beginBackfill(target, backfill, place);
    const began = clock.now().getTime();
    const first = state.done;
    const pace: Pace = { size: backfill.batch, clock, isPast: false };
    while (state.state === "running" && !stop.aborted) {
      const load = await holdBack(backfill, { ...options, sampler });
      if (load === null || stop.aborted) break;
      const row = await runBatch(target, backfill, place, pace);
      const seconds = (clock.now().getTime() - began) / 1000;
      state = progressOf(row, seconds > 0 ? (Number(row["done"]) - first) / seconds : null);
      if (pace.isPast && state.state === "running" && backfill.verify !== null)
        state = await finishBackfill({ target, sampler }, backfill, place, {
          ...{ verify: backfill.verify, dead: state.dead },
        });
      if (!(await border(state, load))) break;
      if (state.state === "running") await clock.wait(backfill.throttle.rest, stop);
    }
    return state;
  });

interface Pace {
  readonly clock: Clock;
  /** Keys of the next batch: halved until the failing one is alone, doubled after each that went well. */
  size: number;
  /** No key is left, and only what is left may keep it from being done. */
  isPast: boolean;
}

/** A standby knows nothing of other replicas and of what is written: then the working session is asked. */
export const samplerOf = async (target: Target, sampler: Target | undefined): Promise<Target> => {
  const [row] = (await sampler?.query("select pg_is_in_recovery() as standby")) ?? [];
  return sampler === undefined || row?.["standby"] === true ? target : sampler;
};

/** Waits while replicas are behind, the server is busy, or the hour is not the right one; null: it was not waited for. */
export const holdBack = async (
  backfill: Backfill,
  { sampler, clock, waiting, stop }: BackfillOptions & { readonly sampler: Target },
): Promise<BackfillLoad | null> => {
  for (let said = ""; !stop.aborted; ) {
    const { load, wait } = await throttleOf(sampler, backfill, clock.now());
    if (wait === null) return load;
    if (wait.kind !== said && !(await waiting(wait, load))) return null;
    said = wait.kind;
    await clock.wait(wait.wait, stop);
  }
  return null;
};

/** One batch, and the row of its backfill after it. */
const runBatch = async (
  target: Target,
  backfill: Backfill,
  place: HistoryPlace,
  pace: Pace,
): Promise<Row> => {
  let range: KeyRange | null = null;
  try {
    await target.run("begin");
    const row = await lockState(target, backfill, place);
    if (row["state"] === "running") {
      range = await nextRange(target, backfill, row, pace.size);
      pace.isPast = range === null;
      if (range === null && backfill.verify === null)
        await writeState(target, backfill, place, "state = 'done', reason = null", []);
      else if (range !== null) await work(target, backfill, place, range);
    }
    const after = await lockState(target, backfill, place);
    await target.run("commit");
    pace.size = Math.min(backfill.batch, pace.size * 2);
    return after;
  } catch (thrown) {
    await target.run("rollback").catch(() => {});
    return afterFailure(target, backfill, place, { thrown, range, pace });
  }
};

export const lockState = async (target: Target, { name }: Backfill, place: HistoryPlace): Promise<Row> => {
  const [row] = await target.query(`select * from ${stateTable(place)} where name = $1 for update`, [name]);
  if (row) return row;
  throw new PlumblineError("sql-failed", `The state of backfill ${name} is gone from ${stateTable(place)}.`);
};

const work = async (
  target: Target,
  backfill: Backfill,
  place: HistoryPlace,
  { from, to, rows }: KeyRange,
): Promise<void> => {
  const changed = await changeKeys(target, backfill, { from, to });
  await writeState(
    target,
    backfill,
    place,
    "last_key = $2, done = done + $3::bigint, changed = changed + $4::bigint, failing = 0",
    [to, String(rows), changed],
  );
};

export const writeState = async (
  target: Target,
  { name }: Backfill,
  place: HistoryPlace,
  what: string,
  values: readonly unknown[],
): Promise<void> => {
  await target.query(`update ${stateTable(place)} set ${what}, updated_at = now() where name = $1`, [
    name,
    ...values,
  ]);
};

interface Failure {
  readonly thrown: unknown;
  readonly range: KeyRange | null;
  readonly pace: Pace;
}

// Data exceptions, violated constraints, and what a trigger or function raises: a row may be to blame.
const OF_ROWS: readonly string[] = ["22", "23", "P0", "44"];

/** Whether a row may be to blame, or the amount of them. */
export const isOfRows = (code: string): boolean => code === TOO_LONG || OF_ROWS.includes(code.slice(0, 2));

const LONGEST_WAIT_MS = 5000;

/**
 * Tries again what passes, narrows down what a row is to blame for, and stops at everything else, or once its file
 * allows no more failures.
 */
const afterFailure = async (
  target: Target,
  backfill: Backfill,
  place: HistoryPlace,
  { thrown, range, pace }: Failure,
): Promise<Row> => {
  const { message } = serverWords(thrown);
  const code = stateOf(thrown);
  // Of a lost connection the checkpoint tells where to go on; before its statement no row can be to blame.
  if (code === null || range === null) throw asBackfillTrouble(thrown);
  const narrows = isOfRows(code);
  if (narrows && range.keys > 1) pace.size = Math.max(1, Math.floor(range.keys / 2));
  else if (PASSING.includes(code)) await tryAgain(target, backfill, place, { thrown, pace });
  else if (narrows) await bury(target, backfill, place, { key: range.to, message, code });
  else await writeState(target, backfill, place, "state = 'stopped', reason = $2", [failureWords(thrown)]);
  return lockState(target, backfill, place);
};

/** Somebody else's work stood in the way: that is counted in the target, so that no new slice begins at 0. */
const tryAgain = async (
  target: Target,
  backfill: Backfill,
  place: HistoryPlace,
  { thrown, pace }: Pick<Failure, "thrown" | "pace">,
): Promise<void> => {
  await writeState(target, backfill, place, "failing = failing + 1", []);
  const row = await lockState(target, backfill, place);
  const spent = budgetSpent(countsOf(row), backfill);
  if (spent !== null)
    await stopAt(target, backfill, place, `${spent}, the last one: ${failureWords(thrown)}`);
  else await pace.clock.wait(Math.min(LONGEST_WAIT_MS, 200 * Number(row["failing"])));
};

const countsOf = (row: Row): Parameters<typeof budgetSpent>[0] => ({
  ...{ done: Number(row["done"]), dead: Number(row["dead"]), failing: Number(row["failing"]) },
});

/** A pause that came meanwhile stands. */
const stopAt = (target: Target, backfill: Backfill, place: HistoryPlace, why: string): Promise<void> =>
  writeState(
    target,
    backfill,
    place,
    "state = case when state = 'running' then 'stopped' else state end, reason = case when state = 'running' then $2 else reason end",
    [why],
  );

/** Keeps one failing key and goes past it, in one transaction. */
const bury = async (
  target: Target,
  backfill: Backfill,
  place: HistoryPlace,
  { key, message, code }: { readonly key: string; readonly message: string; readonly code: string },
): Promise<void> => {
  await target.run("begin");
  try {
    const row = await lockState(target, backfill, place);
    await target.query(
      `insert into ${deadTable(place)} (name, key, message, sql_state) values ($1, $2, $3, $4) on conflict do nothing`,
      [backfill.name, key, message, code],
    );
    const counts = countsOf(row);
    const spent = budgetSpent(
      { done: counts.done + 1, dead: counts.dead + 1, failing: counts.failing + 1 },
      backfill,
    );
    await writeState(
      target,
      backfill,
      place,
      "last_key = $2, done = done + 1, dead = dead + 1, failing = failing + 1",
      [key],
    );
    if (spent !== null) await stopAt(target, backfill, place, spent);
    await target.run("commit");
  } catch (thrown) {
    await target.run("rollback").catch(() => {});
    throw thrown;
  }
};
