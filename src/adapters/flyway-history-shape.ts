import { quoted } from "../migration/history.ts";
import { isVersion } from "../migration/names.ts";
import { PlumblineError } from "../model/errors.ts";
import type { Row, Target } from "./pg-session.ts";

/** Plain names. */
interface TablePlace {
  readonly schema: string;
  readonly table: string;
}

const COLUMNS = [
  ...["installed_rank", "version", "description", "type", "script"],
  ...["checksum", "installed_by", "installed_on", "execution_time", "success"],
];

// Of every Flyway so far. What another type means nobody can say, so that nothing is concluded from its row.
const TYPES = [
  ...["SQL", "SQL_BASELINE", "UNDO_SQL", "BASELINE", "SCHEMA", "DELETE"],
  ...["JDBC", "JDBC_BASELINE", "UNDO_JDBC", "SPRING_JDBC", "UNDO_SPRING_JDBC"],
  ...["SCRIPT", "SCRIPT_BASELINE", "UNDO_SCRIPT", "CUSTOM", "UNDO_CUSTOM"],
];

/** Whether there is a history table. @throws `sql-invalid` where something else has its name */
export const hasHistory = async (target: Target, { schema, table }: TablePlace): Promise<boolean> => {
  const rows = await target.query(
    `select c.relkind::text as kind, a.attname::text as name from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p', 'v', 'm', 'f')`,
    [schema, table],
  );
  const [first] = rows;
  if (!first) return false;
  const name = `${schema}.${table}`;
  if (first["kind"] !== "r" && first["kind"] !== "p") throw notOurs(`${name} is no table.`);
  const lacking = COLUMNS.filter((column) => !rows.some((row) => row["name"] === column));
  if (lacking.length === 0) return true;
  throw notOurs(`${name} is no history of migrations: it has no column ${lacking.join(", ")}.`);
};

const notOurs = (message: string): PlumblineError =>
  new PlumblineError("sql-invalid", message, {
    hint: "Say which table holds the history, or is to hold it: --table NAME, or history_table in plumbline.yaml.",
  });

/** @throws `sql-invalid` for a row that cannot be understood */
export const refuseStrangeRow = (row: Row, { schema, table }: TablePlace): void => {
  const [type, version] = [row["type"], row["version"]];
  const strange = !TYPES.includes(String(type))
    ? `the type ${JSON.stringify(type)}, which no Flyway writes`
    : version !== null && !isVersion(String(version).replaceAll("_", "."))
      ? `the version ${JSON.stringify(version)}, which is none`
      : null;
  if (strange === null) return;
  const where = `installed_rank ${String(row["installed_rank"])}`;
  throw new PlumblineError("sql-invalid", `The row of ${schema}.${table} with ${where} has ${strange}.`, {
    hint: `Find out who wrote it (select * from ${quoted(schema)}.${quoted(table)} where installed_rank = ...) and put it right: what the database holds cannot be told without it.`,
  });
};
