import { loadSqlParser } from "../../src/adapters/libpg.ts";
import { type LintOptions, lintScripts } from "../../src/migration/lint.ts";
import { readMigrationName } from "../../src/migration/names.ts";
import { parseScript } from "../../src/migration/parse-script.ts";
import type { LiveTable, SchemaContext } from "../../src/model/schema-context.ts";

const parse = await loadSqlParser();

/** Lints one text, or several files by name, as a command would. */
export const lint = (
  sql: string | Readonly<Record<string, string>>,
  {
    version = 16,
    today = "2026-07-01",
    oneRun = false,
    searchPath = ["public"],
    context = null,
  }: Partial<Omit<LintOptions, "parse">> = {},
) => {
  const files = typeof sql === "string" ? { "V1__a.sql": sql } : sql;
  return lintScripts(
    Object.entries(files).map(([file, text]) => ({
      file,
      script: parseScript(text, parse),
      repeatable: readMigrationName(file)?.kind === "repeatable",
    })),
    { parse, version, today, oneRun, searchPath, context },
  );
};

/** `rule` of each finding; errors end in `!`. */
export const rulesOf = (...args: Parameters<typeof lint>): readonly string[] =>
  lint(...args).findings.map(({ rule, severity }) => (severity === "error" ? `${rule}!` : rule));

/** A target with these tables, by name. */
export const live = (tables: SchemaContext["tables"]): SchemaContext => ({
  ...{ place: "db:5432/shop", version: 16, tables },
  readAt: new Date("2026-07-01T00:00:00Z"),
  countedSince: new Date("2026-01-01T00:00:00Z"),
});

export const liveTable = (rows: number, more: Partial<LiveTable> = {}): LiveTable => ({
  ...{ rows, bytes: rows * 800, indexes: [], dependants: [], reads: 0, writes: 0 },
  ...{ lastRead: null, classification: null, columns: {} },
  ...{ shape: { partitioned: false, keys: [], followers: [] }, ...more },
});
