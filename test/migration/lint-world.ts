import { loadSqlParser } from "../../src/adapters/libpg.ts";
import { type LintOptions, lintScripts } from "../../src/migration/lint.ts";
import { readMigrationName } from "../../src/migration/names.ts";
import { parseScript } from "../../src/migration/parse-script.ts";

const parse = await loadSqlParser();

/** Lints one text, or several files by name, as a command would. */
export const lint = (
  sql: string | Readonly<Record<string, string>>,
  {
    version = 16,
    today = "2026-07-01",
    oneRun = false,
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
    { parse, version, today, oneRun, context },
  );
};

/** `rule` of each finding; errors end in `!`. */
export const rulesOf = (...args: Parameters<typeof lint>): readonly string[] =>
  lint(...args).findings.map(({ rule, severity }) => (severity === "error" ? `${rule}!` : rule));
