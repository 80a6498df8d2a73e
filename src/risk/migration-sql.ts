import type { FileChange, FileFinding } from "../model/stateful-change.ts";
import { STATEMENT_RULES, type StatementRule } from "./sql-rules.ts";
import { actionsIn, type Statement, statementsIn } from "./sql-statements.ts";

export const isSqlFile = (path: string): boolean => /\.(sql|psql|ddl)$/i.test(path);

/** A migration's way back (`U2__x.sql`, `x.down.sql`) is not run on the way forward. */
const isWayBack = (path: string): boolean =>
  /(^|\/)U\d[\w.]*__|[._-](down|rollback|undo)\.(sql|psql|ddl)$/i.test(path);

const LOOKS_LIKE_MIGRATION =
  /(^|\/)(db\/migrate|migrations?|flyway|liquibase|schema|changelogs?)\/|(^|\/)[VR]\d*[\w.]*__|(^|\/)\d{3,}[_-]/i;

/**
 * What a changed SQL file does when it is run, statement by statement. One that is not new and lies among migrations
 * is told as well: what was applied is remembered by its checksum.
 */
export const sqlFindings = (
  { path, before, after }: FileChange,
  lint: (sql: string, path: string) => readonly FileFinding[] = byWords,
): readonly FileFinding[] => {
  if (isWayBack(path)) return [];
  const isMigration = LOOKS_LIKE_MIGRATION.test(path);
  const edited = before !== null && isMigration && !isRepeatable(path);
  return [
    ...(edited ? [history(path, after === null)] : []),
    ...(after === null
      ? []
      : lint(withoutWayBack(after), path).filter((one) => isMigration || one.class !== "R1")),
  ];
};

// Flyway runs `R__x.sql` again whenever it changes.
const isRepeatable = (path: string): boolean => /(^|\/)R__/.test(path);

/** Goose and dbmate keep both ways in one file; lines are kept. */
const withoutWayBack = (text: string): string => {
  const down = text.search(/^--\s*(\+goose\s+Down|migrate:down|rollback\b)/im);
  return down === -1 ? text : text.slice(0, down);
};

const history = (path: string, gone: boolean): FileFinding => ({
  path,
  subject: "",
  rule: gone ? "migration-deleted" : "migration-edited",
  class: "R3",
  message: gone
    ? "Deletes a migration: where it was applied, the history names a file that is not there."
    : "Edits a migration: where it was applied, its checksum no longer fits, and the edit never runs.",
  wayOut: "Leave it as it is, and add a new migration.",
});

/** Keywords only: good enough to tell what must be looked at, and for every dialect. */
export const byWords = (sql: string, path: string): readonly FileFinding[] =>
  statementsIn(sql).flatMap((statement) => {
    const found = actionsIn(statement).flatMap((action) => oneAction(action, path));
    const byRule = new Map(found.map((one) => [one.rule, one]));
    return [...byRule.values()];
  });

const oneAction = ({ text, line }: Statement, path: string): readonly FileFinding[] => {
  const rules: readonly Omit<StatementRule, "matches">[] =
    text.length > LONGEST && !ROWS.test(text) ? [TOO_LONG] : rulesFor(text.slice(0, LONGEST));
  return rules.map((one) => ({
    path,
    line,
    subject: text.slice(0, 80),
    rule: one.rule,
    class: one.class,
    message: one.message,
    wayOut: one.wayOut,
    ...(one.phase ? { phase: one.phase } : {}),
  }));
};

const rulesFor = (text: string): readonly StatementRule[] =>
  STATEMENT_RULES.filter((one) => one.matches.test(text) && !one.except?.test(text));

// Nobody writes such a statement by hand, and patterns take their time on it.
const LONGEST = 5_000;
const ROWS = /^(insert into|copy)\b/i;
const TOO_LONG: Omit<StatementRule, "matches"> = {
  rule: "sql-too-long",
  class: "R4",
  message: "A statement too long to be judged: taken as the worse case.",
  wayOut: "Split it.",
};
