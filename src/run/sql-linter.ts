import { lintScripts } from "../migration/lint.ts";
import { readMigrationName } from "../migration/names.ts";
import { parseScript } from "../migration/parse-script.ts";
import type { SqlParser } from "../migration/script.ts";
import type { SqlFinding } from "../model/sql-lint.ts";
import type { FileFinding } from "../model/stateful-change.ts";
import { byWords } from "../risk/migration-sql.ts";

/** Judges a changed SQL file with PostgreSQL's own parser; one of another dialect by its words. */
export const sqlLinter =
  (parse: SqlParser, now: () => Date) =>
  (sql: string, path: string): readonly FileFinding[] => {
    const words = byWords(sql, path);
    const repeatable = readMigrationName(path.slice(path.lastIndexOf("/") + 1))?.kind === "repeatable";
    const options = { parse, version: NEWEST, today: now().toISOString().slice(0, 10), oneRun: false };
    const script = parseScript(sql, parse);
    // What a comment accepts is accepted by the linter; its class counts all the same.
    const { findings, suppressed } = lintScripts([{ file: path, script, repeatable }], options);
    if (script.statements.some(({ error }) => error)) return words;
    return merged([...findings, ...suppressed], words);
  };

/** Which server will run it is not known here. */
const NEWEST = 18;

/** The parser says more of a statement than words do; only words tell phases, and what is harmless. */
const merged = (linted: readonly SqlFinding[], words: readonly FileFinding[]): readonly FileFinding[] => {
  const byLine = new Map(words.map((word) => [word.line, word]));
  const told = new Set(linted.map(({ line }) => line));
  return [
    ...linted.map(({ file, line, statement, rule, class: level, message, fix }): FileFinding => {
      const phase = byLine.get(line)?.phase;
      const subject = statement.replaceAll(/\s+/g, " ").slice(0, 80);
      return {
        path: file,
        line,
        subject,
        rule,
        class: level,
        message,
        wayOut: fix,
        ...(phase ? { phase } : {}),
      };
    }),
    ...words.filter(({ line }) => !told.has(line ?? 0)),
    // A linter that is content with a statement does not make it less destructive.
    ...words.filter(
      (word) =>
        told.has(word.line ?? 0) && linted.every((one) => one.line !== word.line || one.class < word.class),
    ),
  ];
};
