import { quoted } from "../migration/history.ts";
import type {
  Backfill,
  BackfillProgress,
  BackfillState,
  BackfillVerification,
  DeadLetter,
} from "../model/backfill.ts";
import type { HistoryPlace } from "./flyway-history.ts";
import type { Row, Target } from "./pg-session.ts";

/** Tables in the target that no migration makes: they stand beside the history. */
export const BACKFILL_TABLES = ["plumbline_backfill", "plumbline_backfill_dead"] as const;

const tableOf = ({ schema }: HistoryPlace, table: (typeof BACKFILL_TABLES)[number]): string =>
  `${quoted(schema)}.${table}`;
export const stateTable = (place: HistoryPlace): string => tableOf(place, "plumbline_backfill");
export const deadTable = (place: HistoryPlace): string => tableOf(place, "plumbline_backfill_dead");

/** Columns that came after the tables did. */
const LATER = [
  "failing integer not null default 0",
  "left_rows bigint",
  "left_problem text",
  "counted_at timestamptz",
];

export const makeBackfillTables = async (target: Target, place: HistoryPlace): Promise<void> => {
  if (!(await hasTables(target, place))) await createTables(target, place);
  if (await hasLater(target, place)) return;
  const columns = LATER.map((column) => `add column if not exists ${column}`).join(", ");
  await target.run(`alter table ${stateTable(place)} ${columns}`);
};

const hasLater = async (target: Target, place: HistoryPlace): Promise<boolean> => {
  const [row] = await target.query(
    "select count(*)::int as there from pg_attribute where attrelid = $1::regclass and attname = 'counted_at'",
    [stateTable(place)],
  );
  return row?.["there"] === 1;
};

/** Whether both are there as this version has them, and the session may write to them. */
export const mayWriteTables = async (target: Target, place: HistoryPlace): Promise<boolean> => {
  if (!(await hasTables(target, place)) || !(await hasLater(target, place))) return false;
  const [row] = await target.query(
    `select bool_and(has_table_privilege(name, privilege)) as may
      from unnest($1::text[]) as name, unnest(array['select', 'insert', 'update', 'delete']) as privilege`,
    [[stateTable(place), deadTable(place)]],
  );
  return row?.["may"] === true;
};

const createTables = async (target: Target, place: HistoryPlace): Promise<void> => {
  await target.run(`create table if not exists ${stateTable(place)} (
    name text primary key, checksum text not null, state text not null, reason text, last_key text, end_key text,
    done bigint not null default 0, changed bigint not null default 0, dead bigint not null default 0,
    estimate bigint, started_at timestamptz not null default now(), updated_at timestamptz not null default now())`);
  await target.run(`create table if not exists ${deadTable(place)} (
    name text not null, key text not null, message text not null, sql_state text not null,
    at timestamptz not null default now(), primary key (name, key))`);
};

const hasTables = async (target: Target, { schema }: HistoryPlace): Promise<boolean> => {
  const [row] = await target.query(
    "select count(*)::int as there from pg_tables where schemaname = $1 and tablename = any($2::text[])",
    [schema, [...BACKFILL_TABLES]],
  );
  return row?.["there"] === BACKFILL_TABLES.length;
};

/** How far backfills are, by name; those that never ran are `new`. */
export const readProgress = async (
  target: Target,
  place: HistoryPlace,
  backfills: readonly Pick<Backfill, "name">[],
): Promise<readonly BackfillProgress[]> => {
  const rows = (await hasTables(target, place))
    ? await target.query(`select * from ${stateTable(place)}`)
    : [];
  return backfills.map(({ name }) => {
    const row = rows.find((each) => each["name"] === name);
    return row ? progressOf(row) : NEW(name);
  });
};

const NEW = (name: string): BackfillProgress => ({
  ...{ name, checksum: null, state: "new", reason: null, lastKey: null, done: 0, changed: 0, dead: 0 },
  ...{ verification: null, estimate: null, rate: null, startedAt: null, updatedAt: null },
});

export const progressOf = (row: Row, rate: number | null = null): BackfillProgress => ({
  name: String(row["name"]),
  checksum: textOf(row["checksum"]),
  state: row["state"] as BackfillState,
  reason: textOf(row["reason"]),
  lastKey: textOf(row["last_key"]),
  done: Number(row["done"]),
  changed: Number(row["changed"]),
  dead: Number(row["dead"]),
  estimate: row["estimate"] === null ? null : Number(row["estimate"]),
  rate,
  verification: verificationOf(row),
  startedAt: row["started_at"] as Date,
  updatedAt: row["updated_at"] as Date,
});

/** Of a table that an older version made there is none. */
const verificationOf = (row: Row): BackfillVerification | null => {
  const { left_rows: left, left_problem: problem, counted_at: at } = row;
  return at instanceof Date
    ? { left: left === null ? null : Number(left), problem: textOf(problem), at }
    : null;
};

const textOf = (value: unknown): string | null =>
  value === null || value === undefined ? null : String(value);

export const readDeadLetters = async (
  target: Target,
  place: HistoryPlace,
  name: string,
): Promise<readonly DeadLetter[]> =>
  (await hasTables(target, place))
    ? (
        await target.query(`select * from ${deadTable(place)} where name = $1 order by at, key limit 100`, [
          name,
        ])
      ).map((row) => ({
        key: String(row["key"]),
        message: String(row["message"]),
        sqlState: String(row["sql_state"]),
        at: row["at"] as Date,
      }))
    : [];

/** Asks a running one to stop after its batch, wherever it runs. False where it is not under way. */
export const pauseBackfill = (
  target: Target,
  place: HistoryPlace,
  name: string,
  who: string,
): Promise<boolean> => setState(target, place, { name, from: ["running"], to: "paused", reason: who });

/** Lets a paused or stopped one run again, its failures in a row forgotten; nothing runs by that alone. */
export const resumeBackfill = async (target: Target, place: HistoryPlace, name: string): Promise<boolean> => {
  if (!(await hasTables(target, place))) return false;
  await makeBackfillTables(target, place);
  const from = ["paused", "stopped"] as const;
  return setState(target, place, { name, from, to: "running", reason: null, also: ", failing = 0" });
};

const setState = async (
  target: Target,
  place: HistoryPlace,
  change: {
    readonly name: string;
    readonly from: readonly BackfillState[];
    readonly to: BackfillState;
    readonly reason: string | null;
    readonly also?: string;
  },
): Promise<boolean> => {
  if (!(await hasTables(target, place))) return false;
  const rows = await target.query(
    `update ${stateTable(place)} set state = $2, reason = $3, updated_at = now()${change.also ?? ""}
      where name = $1 and state = any($4::text[]) returning 1 as changed`,
    [change.name, change.to, change.reason, [...change.from]],
  );
  return rows.length > 0;
};
