import { setTimeout } from "node:timers/promises";
import { pauseLeft } from "../migration/backfill.ts";
import { quoted } from "../migration/history.ts";
import type { Backfill, BackfillProgress } from "../model/backfill.ts";
import { PlumblineError } from "../model/errors.ts";
import type { HistoryPlace } from "./flyway-history.ts";
import { beginBackfill, withBackfillLock } from "./pg-backfill-begin.ts";
import { deadTable, progressOf, stateTable } from "./pg-backfill-state.ts";
import { type Row, serverWords, type Target } from "./pg-session.ts";

export interface BackfillOptions {
  readonly place: HistoryPlace;
  readonly now: () => Date;
  readonly progress: (progress: BackfillProgress) => void;
  /** Said once for each reason for which it waits. */
  readonly waiting: (why: string) => void;
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
  withBackfillLock(target, backfill, async () => {
    let state = await beginBackfill(target, backfill, options.place);
    const began = performance.now();
    const first = state.done;
    const pace: Pace = { size: backfill.batch, tries: 0 };
    while (state.state === "running" && !options.stop.aborted) {
      await holdBack(target, backfill, options);
      if (options.stop.aborted) break;
      const row = await runBatch(target, backfill, options.place, pace);
      const seconds = (performance.now() - began) / 1000;
      state = progressOf(row, seconds > 0 ? (Number(row["done"]) - first) / seconds : null);
      options.progress(state);
      if (state.state === "running") await sleep(backfill.throttle.rest, options.stop);
    }
    return state;
  });

interface Pace {
  /** Keys of the next batch: halved until the failing one is alone, doubled after each that went well. */
  size: number;
  /** Times in a row that something passing stood in the way. */
  tries: number;
}

const sleep = (milliseconds: number, stop: AbortSignal): Promise<void> =>
  setTimeout(milliseconds, undefined, { signal: stop }).catch(() => undefined);

/** Waits while replicas are behind, the server is busy, or the hour is not the right one. */
const holdBack = async (target: Target, backfill: Backfill, options: BackfillOptions): Promise<void> => {
  for (let said = ""; !options.stop.aborted; ) {
    const why = await reasonToWait(target, backfill, options.now());
    if (why === null) return;
    if (why.kind !== said) options.waiting(why.text);
    said = why.kind;
    await sleep(why.wait, options.stop);
  }
};

interface WaitReason {
  readonly kind: string;
  readonly text: string;
  /** Milliseconds until it is looked at again. */
  readonly wait: number;
}

const reasonToWait = async (
  target: Target,
  { throttle, pauseBetween }: Backfill,
  now: Date,
): Promise<WaitReason | null> => {
  const pause = pauseLeft(pauseBetween, now);
  if (pause > 0)
    return {
      kind: "window",
      text: `it pauses at this hour, for ${Math.ceil(pause / 60_000)} min more`,
      wait: Math.min(pause, 30_000),
    };
  if (throttle.replicationLag === null && throttle.activeSessions === null) return null;
  const [row] = await target.query(`select
    coalesce((select max(extract(epoch from replay_lag)) from pg_stat_replication), 0)::float8 as lag,
    (select count(*) from pg_stat_activity where state = 'active' and backend_type = 'client backend'
      and pid <> pg_backend_pid())::int as active`);
  const [lag, active] = [Number(row?.["lag"]), Number(row?.["active"])];
  if (throttle.replicationLag !== null && lag > throttle.replicationLag)
    return { kind: "lag", text: `a replica is ${lag.toFixed(1)} s behind`, wait: 1000 };
  if (throttle.activeSessions !== null && active > throttle.activeSessions)
    return { kind: "load", text: `${active} other sessions are active`, wait: 1000 };
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
      if (range === null) await writeState(target, backfill, place, "state = 'done', reason = null", []);
      else await work(target, backfill, place, range);
    }
    const after = await lockState(target, backfill, place);
    await target.run("commit");
    pace.size = Math.min(backfill.batch, pace.size * 2);
    pace.tries = 0;
    return after;
  } catch (thrown) {
    await target.run("rollback").catch(() => {});
    return afterFailure(target, backfill, place, { thrown, range, pace });
  }
};

const lockState = async (target: Target, { name }: Backfill, place: HistoryPlace): Promise<Row> => {
  const [row] = await target.query(`select * from ${stateTable(place)} where name = $1 for update`, [name]);
  if (row) return row;
  throw new PlumblineError("sql-failed", `The state of backfill ${name} is gone from ${stateTable(place)}.`);
};

interface KeyRange {
  readonly from: string;
  readonly to: string;
  readonly keys: number;
}

const nextRange = async (
  target: Target,
  { schema, table, key }: Backfill,
  state: Row,
  size: number,
): Promise<KeyRange | null> => {
  const [last, end] = [state["last_key"], state["end_key"]];
  if (end === null) return null;
  const column = quoted(key);
  // A parameter takes the type of the column that it is compared with.
  const [row] = await target.query(
    `select (array_agg(k))[1]::text as first, (array_agg(k))[count(*)]::text as last, count(*)::int as keys from (select ${column} as k
      from ${quoted(schema)}.${quoted(table)} where ${column} <= $1 ${last === null ? "" : `and ${column} > $2`}
      order by ${column} limit ${size}) as range`,
    last === null ? [end] : [end, last],
  );
  const keys = Number(row?.["keys"] ?? 0);
  return keys === 0 ? null : { from: String(row?.["first"]), to: String(row?.["last"]), keys };
};

const work = async (
  target: Target,
  backfill: Backfill,
  place: HistoryPlace,
  { from, to, keys }: KeyRange,
): Promise<void> => {
  await target.query(
    "select set_config('lock_timeout', $1, true), set_config('statement_timeout', $2, true)",
    [backfill.lockTimeout, backfill.statementTimeout],
  );
  const [row] = await target.query(
    `with changed as (${backfill.statement} returning 1) select count(*)::text as changed from changed`,
    [from, to],
  );
  await writeState(
    target,
    backfill,
    place,
    "last_key = $2, done = done + $3::bigint, changed = changed + $4::bigint",
    [to, String(keys), String(row?.["changed"] ?? 0)],
  );
};

const writeState = async (
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

const PASSING: readonly string[] = ["40001", "40P01", "55P03"];
const TOO_LONG = "57014";
// Data exceptions, violated constraints, and what a trigger or function raises: a row may be to blame.
const OF_ROWS: readonly string[] = ["22", "23", "P0", "44"];
const MOST_TRIES = 10;

/** Tries again what passes, narrows down what a row is to blame for, and stops at everything else. */
const afterFailure = async (
  target: Target,
  backfill: Backfill,
  place: HistoryPlace,
  { thrown, range, pace }: Failure,
): Promise<Row> => {
  const { message, code } = serverWords(thrown);
  // A lost connection has no code: the checkpoint tells where to go on.
  if (code === null || range === null) throw thrown;
  const narrows = code === TOO_LONG || OF_ROWS.includes(code.slice(0, 2));
  if (narrows && range.keys > 1) pace.size = Math.max(1, Math.floor(range.keys / 2));
  else if (PASSING.includes(code) && pace.tries < MOST_TRIES) {
    pace.tries += 1;
    await setTimeout(200 * pace.tries);
  } else if (narrows) await bury(target, backfill, place, { key: range.to, message, code });
  else
    await writeState(target, backfill, place, "state = 'stopped', reason = $2", [
      `${message} (SQLSTATE ${code})`,
    ]);
  return lockState(target, backfill, place);
};

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
    const full = Number(row["dead"]) + 1 > backfill.deadLetters;
    await writeState(
      target,
      backfill,
      place,
      `last_key = $2, done = done + 1, dead = dead + 1, state = case when $3::boolean then 'stopped' else state end,
        reason = case when $3::boolean then 'more keys failed than dead_letters allows' else reason end`,
      [key, full],
    );
    await target.run("commit");
  } catch (thrown) {
    await target.run("rollback").catch(() => {});
    throw thrown;
  }
};
