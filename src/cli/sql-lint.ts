import { basename } from "node:path";
import { loadSqlParser } from "../adapters/libpg.ts";
import { type LintFile, lintScripts } from "../migration/lint.ts";
import { compareNames, readMigrationName } from "../migration/names.ts";
import { parseScript } from "../migration/parse-script.ts";
import type { SqlParser } from "../migration/script.ts";
import { PlumblineError } from "../model/errors.ts";
import type { SqlLintReport } from "../model/sql-lint.ts";
import { type Call, EXIT, printJson, textOption } from "./command.ts";
import { renderLint } from "./render-sql-lint.ts";
import { readSqlFiles, type SqlFile } from "./sql-files.ts";

/** `plumbline sql lint FILE...`: 2 where a finding is an error. A folder stands for the .sql files in it. */
export const sqlLint = async (call: Call): Promise<number> => {
  const files = await readSqlFiles(call, call.args);
  const report = lintFiles(files, await loadSqlParser(), pgVersion(call));
  const { suppressed, ...plain } = report;
  if (call.json) printJson(call, suppressed.length === 0 ? plain : report);
  else call.out(renderLint(report, files.length));
  return report.findings.some(({ severity }) => severity === "error") ? EXIT.somethingToSay : EXIT.done;
};

export const DEFAULT_PG_VERSION = 16;

/** `--pg-version 15`, `15.4`; the major version. @throws `wrong-arguments` */
export const pgVersion = (call: Pick<Call, "options">): number => {
  const given = textOption(call, "pg-version");
  if (given === undefined) return DEFAULT_PG_VERSION;
  const major = Number(/^(\d{1,2})(\.\d+)*$/.exec(given)?.[1] ?? Number.NaN);
  if (major >= 9 && major <= 30) return major;
  throw new PlumblineError(
    "wrong-arguments",
    `--pg-version is a PostgreSQL version such as 16, not ${given}.`,
  );
};

// Linted in the order in which they would run, so that one may know what another made; reported as they were given.
const lintFiles = (files: readonly SqlFile[], parse: SqlParser, version: number): SqlLintReport => {
  const inOrder = files.toSorted(byName);
  const today = new Date().toISOString().slice(0, 10);
  const report = lintScripts(
    inOrder.map((file) => lintFileOf(file, parse)),
    { parse, version, today, oneRun: false },
  );
  const given = new Map(files.map(({ file }, index) => [file, index]));
  const placed = <T extends { readonly file: string }>(findings: readonly T[]): readonly T[] =>
    findings.toSorted((a, b) => (given.get(a.file) ?? 0) - (given.get(b.file) ?? 0));
  return { class: report.class, findings: placed(report.findings), suppressed: placed(report.suppressed) };
};

const byName = (a: SqlFile, b: SqlFile): number => {
  const [left, right] = [readMigrationName(basename(a.file)), readMigrationName(basename(b.file))];
  return left && right ? compareNames(left, right) : 0;
};

const lintFileOf = ({ file, text }: SqlFile, parse: SqlParser): LintFile => ({
  file,
  script: parseScript(text, parse),
  repeatable: readMigrationName(basename(file))?.kind === "repeatable",
});
