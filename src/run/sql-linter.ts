import { innerStatements } from "../migration/inner-statements.ts";
import { lintScripts } from "../migration/lint.ts";
import { readMigrationName } from "../migration/names.ts";
import { parseScript } from "../migration/parse-script.ts";
import { phaseOfRule } from "../migration/phase.ts";
import { newScene } from "../migration/scene.ts";
import type { Script, SqlParser } from "../migration/script.ts";
import type { SqlFinding } from "../model/sql-lint.ts";
import type { FileFinding } from "../model/stateful-change.ts";
import { byWords } from "../risk/migration-sql.ts";

/** Judges a changed SQL file with PostgreSQL's own parser; one of another dialect by its words. */
export const sqlLinter =
  (parse: SqlParser, now: () => Date) =>
  (sql: string, path: string): readonly FileFinding[] => {
    const script = parseScript(sql, parse);
    const words = [...byWords(sql, path), ...wordsInBlocks(script, parse, path)];
    const repeatable = readMigrationName(path.slice(path.lastIndexOf("/") + 1))?.kind === "repeatable";
    const options = { parse, version: NEWEST, today: now().toISOString().slice(0, 10), oneRun: false };
    // What a comment accepts is accepted by the linter; its class counts all the same.
    const { findings, suppressed } = lintScripts([{ file: path, script, repeatable }], options);
    if (script.statements.some(({ error }) => error)) return words;
    return merged([...findings, ...suppressed], words);
  };

/** Which server will run it is not known here. */
const NEWEST = 18;

/** A DO block runs what stands in it, so that its statements have phases of their own. */
const wordsInBlocks = (script: Script, parse: SqlParser, path: string): readonly FileFinding[] => {
  const scene = newScene({ version: NEWEST, oneRun: false, searchPath: ["public"], live: null });
  return script.statements.flatMap(({ text, nodes, place }) =>
    nodes
      .flatMap((node) => innerStatements({ text, node }, scene, parse).run)
      .flatMap((inner) => byWords(inner.text, path).filter(({ phase }) => phase !== undefined))
      .map((word) => ({ ...word, line: place.line })),
  );
};

/** The parser says more of a statement than words do; only words tell what makes room, and what is harmless. */
const merged = (linted: readonly SqlFinding[], words: readonly FileFinding[]): readonly FileFinding[] => {
  const told = linted.map((one) => ({ one, found: asFileFinding(one, words) }));
  const at = (line: number | undefined) => told.filter(({ one }) => one.line === line);
  return [
    ...told.map(({ found }) => found),
    ...words.filter((word) => {
      const beside = at(word.line);
      if (beside.length === 0) return true;
      // A linter that is content with a statement does not make it less destructive; and one line may do both.
      const isWorse = beside.every(({ one }) => one.class < word.class);
      return isWorse || (word.phase === "expand" && beside.every(({ found }) => found.phase !== "expand"));
    }),
  ];
};

const asFileFinding = (
  { file, line, statement, rule, class: level, message, fix }: SqlFinding,
  words: readonly FileFinding[],
): FileFinding => {
  const phases = words.filter((word) => word.line === line).map(({ phase }) => phase);
  const said = phases.includes("contract") ? "contract" : phases.find((phase) => phase !== undefined);
  const phase = phaseOfRule(rule) ?? said;
  const subject = statement.replaceAll(/\s+/g, " ").slice(0, 80);
  return {
    ...{ path: file, line, subject, rule, class: level, message, wayOut: fix },
    ...(phase ? { phase } : {}),
  };
};
