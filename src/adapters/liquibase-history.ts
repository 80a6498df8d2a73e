import { quoted } from "../migration/history.ts";
import type { AppliedEntry } from "../model/migration.ts";
import type { MigrationCall } from "../ports/migrations.ts";
import { changelogTable } from "./liquibase-command.ts";
import type { Row, Target } from "./pg-session.ts";

export interface LiquibaseHistory {
  readonly schema: string;
  readonly table: string;
  readonly exists: boolean;
  /** By the order in which they ran. */
  readonly entries: readonly AppliedEntry[];
  /** Somebody holds Liquibase's lock, or died with it. */
  readonly locked: boolean;
}

/** The table by which one run of Liquibase keeps others off. */
export const LOCKS = "databasechangeloglock";

export const readLiquibaseHistory = async (
  target: Target,
  call: MigrationCall,
): Promise<LiquibaseHistory> => {
  const [row] = await target.query("select coalesce(current_schema(), 'public') as name");
  const schema = call.database.schemas[0] ?? String(row?.["name"] ?? "public");
  const table = changelogTable(call);
  const found = await target.query(
    "select tablename::text as name from pg_tables where schemaname = $1 and tablename in ($2, 'databasechangeloglock')",
    [schema, table],
  );
  const has = (name: string) => found.some((one) => one["name"] === name);
  const rows = has(table)
    ? await target.query(
        `select * from ${quoted(schema)}.${quoted(table)} order by orderexecuted, dateexecuted`,
      )
    : [];
  const locks = has("databasechangeloglock")
    ? await target.query(`select 1 as there from ${quoted(schema)}.databasechangeloglock where locked`)
    : [];
  return { schema, table, exists: has(table), entries: rows.map(entryOf), locked: locks.length > 0 };
};

const entryOf = (row: Row): AppliedEntry => ({
  rank: Number(row["orderexecuted"]),
  version: String(row["id"]),
  description: String(row["comments"] || row["description"] || ""),
  script: ["filename", "id", "author"].map((column) => String(row[column])).join("::"),
  checksum: typeof row["md5sum"] === "string" ? row["md5sum"] : null,
  success: row["exectype"] !== "FAILED",
  at: row["dateexecuted"] instanceof Date ? row["dateexecuted"] : null,
  by: "",
  milliseconds: null,
});
