import { setTimeout } from "node:timers/promises";
import { rowInForce } from "../migration/applied.ts";
import {
  type HistoryRow,
  historyLock,
  historyTable,
  type NewHistoryRow,
  quoted,
  shortened,
} from "../migration/history.ts";
import { type Placeholders, placeholdersOf } from "../migration/placeholders.ts";
import { PlumblineError } from "../model/errors.ts";
import type { AppliedEntry } from "../model/migration.ts";
import { hasHistory, refuseStrangeRow } from "./flyway-history-shape.ts";
import type { Row, Target } from "./pg-session.ts";

/** Where the history is kept: plain names. */
export interface HistoryPlace {
  readonly schema: string;
  readonly table: string;
  /** Other tables that the tool keeps beside it. */
  readonly beside?: readonly string[];
}

/** All rows by rank; null where there is no history table. @throws `sql-invalid` where it is none, or a row makes no sense */
export const readHistory = async (
  target: Target,
  place: HistoryPlace,
): Promise<readonly HistoryRow[] | null> => {
  if (!(await hasHistory(target, place))) return null;
  const rows = await target.query(`select * from ${nameOf(place)} order by installed_rank`);
  for (const row of rows) refuseStrangeRow(row, place);
  return rows.map(rowOf);
};

const nameOf = ({ schema, table }: HistoryPlace): string => `${quoted(schema)}.${quoted(table)}`;
const textOr = (value: unknown): string | null =>
  value === null || value === undefined ? null : String(value);

const rowOf = (row: Row): HistoryRow => ({
  rank: Number(row["installed_rank"]),
  version: textOr(row["version"]),
  description: textOr(row["description"]) ?? "",
  type: textOr(row["type"]) ?? "SQL",
  script: textOr(row["script"]) ?? "",
  checksum: row["checksum"] === null ? null : Number(row["checksum"]),
  success: row["success"] === true,
  installedBy: textOr(row["installed_by"]) ?? "",
  installedOn: row["installed_on"] instanceof Date ? row["installed_on"] : null,
  milliseconds: Number(row["execution_time"]),
});

/** A row in the words that all tools share. */
export const entryOf = (row: HistoryRow): AppliedEntry => ({
  rank: row.rank,
  version: row.version,
  description: row.description,
  script: row.script,
  checksum: row.checksum === null ? null : String(row.checksum),
  success: row.success,
  at: row.installedOn,
  by: row.installedBy,
  milliseconds: row.milliseconds,
});

/**
 * What the history has of the run of a file with this checksum (null: whatever it was): what a repeatable one has from
 * its run before, or a version from before it was undone, says nothing of this one.
 */
export const entryOfRun = (
  history: readonly HistoryRow[],
  script: string,
  checksum: string | null,
): AppliedEntry | null => {
  const row = rowInForce(history, script);
  const entry = row && entryOf(row);
  const isOlder =
    checksum !== null && entry?.version === null && entry.success && entry.checksum !== checksum;
  return isOlder ? null : entry;
};

/** Whether schemas hold nothing that somebody made; what extensions bring does not count. */
export const areSchemasEmpty = async (target: Target, schemas: readonly string[]): Promise<boolean> => {
  const rows = await target.query(
    `select 1 as there from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = any($1) and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
        and not exists (select 1 from pg_depend d where d.objid = c.oid and d.deptype = 'e') limit 1`,
    [schemas],
  );
  return rows.length === 0;
};

/** Makes the history table, and schemas that are not there, of which a row tells then. */
export const makeHistory = async (
  target: Target,
  place: HistoryPlace,
  schemas: readonly string[],
): Promise<void> => {
  const found = await target.query("select nspname::text as name from pg_namespace where nspname = any($1)", [
    schemas,
  ]);
  const made = schemas.filter((schema) => !found.some(({ name }) => name === schema));
  await target.run("begin");
  try {
    for (const schema of made) await target.run(`create schema ${quoted(schema)}`);
    for (const statement of historyTable(place.schema, place.table)) await target.run(statement);
    if (made.length > 0) await addHistoryRow(target, place, schemaRow(made));
    await target.run("commit");
  } catch (thrown) {
    await target.run("rollback").catch(() => {});
    throw thrown;
  }
};

const schemaRow = (made: readonly string[]): NewHistoryRow => ({
  rank: 0,
  version: null,
  description: "<< Flyway Schema Creation >>",
  type: "SCHEMA",
  script: made.map(quoted).join(","),
  checksum: null,
  success: true,
  milliseconds: 0,
});

export const addHistoryRow = async (
  target: Target,
  place: HistoryPlace,
  row: NewHistoryRow,
): Promise<void> => {
  await target.query(
    `insert into ${nameOf(place)}
      (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success)
      values ($1, $2, $3, $4, $5, $6, current_user, $7, $8)`,
    [
      row.rank,
      row.version,
      shortened(row.description, 200, "start"),
      row.type,
      shortened(row.script, 1000, "end"),
      row.checksum,
      row.milliseconds,
      row.success,
    ],
  );
};

/** Says how a migration ended whose row was written before it began. */
export const endHistoryRow = async (
  target: Target,
  place: HistoryPlace,
  { rank, success, milliseconds }: Pick<NewHistoryRow, "rank" | "success" | "milliseconds">,
): Promise<void> => {
  await target.query(
    `update ${nameOf(place)} set success = $2, execution_time = $3, installed_on = now() where installed_rank = $1`,
    [rank, success, milliseconds],
  );
};

/** Forgets that a migration failed, as Flyway's repair does; it is pending again. Returns how many rows went. */
export const removeFailedRow = async (
  target: Target,
  place: HistoryPlace,
  script: string,
): Promise<number> => {
  const rows = await target.query(
    `delete from ${nameOf(place)} where script = $1 and not success returning installed_rank`,
    [shortened(script, 1000, "end")],
  );
  return rows.length;
};

/** Runs `work` while nobody else migrates by this history, Flyway included. @throws `workspace-busy` */
export const withHistoryLock = async <Result>(
  target: Target,
  place: HistoryPlace,
  patience: { readonly seconds: number },
  work: () => Promise<Result>,
): Promise<Result> => {
  const key = String(historyLock(place.schema, place.table));
  const end = performance.now() + patience.seconds * 1000;
  while (!(await tryLock(target, key))) {
    if (performance.now() >= end)
      throw new PlumblineError("workspace-busy", `Somebody else migrates ${target.place} now.`, {
        hint: "Wait for the other run, or find it in pg_locks (locktype advisory).",
      });
    await setTimeout(200);
  }
  try {
    return await work();
  } finally {
    await target.query("select pg_advisory_unlock($1::bigint)", [key]).catch(() => {});
  }
};

const tryLock = async (target: Target, key: string): Promise<boolean> =>
  (await target.query("select pg_try_advisory_lock($1::bigint) as got", [key]))[0]?.["got"] === true;

/** What Flyway gives every migration besides the placeholders that a team defines. */
export const builtInPlaceholders = async (
  target: Target,
  place: HistoryPlace,
  own: Readonly<Record<string, string>>,
): Promise<Placeholders> => {
  const [row] = await target.query("select current_user as who, current_database() as what");
  const now = new Date().toISOString();
  return placeholdersOf({
    "flyway:defaultSchema": place.schema,
    "flyway:table": place.table,
    "flyway:user": String(row?.["who"] ?? ""),
    "flyway:database": String(row?.["what"] ?? ""),
    "flyway:timestamp": `${now.slice(0, 10)} ${now.slice(11, 19)}`,
    "flyway:workingDirectory": ".",
    "flyway:environment": "default",
    ...own,
  });
};
