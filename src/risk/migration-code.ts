import type { ChangeClass } from "../model/change-class.ts";
import type { FileChange, FileFinding } from "../model/stateful-change.ts";

/** Migrations that are no SQL: Liquibase changelogs, and code of Alembic, Django, Rails, Knex and their like. */
export const isCodeMigration = (path: string, text = ""): boolean => {
  if (/databaseChangeLog/.test(text) && /\.(xml|ya?ml|json)$/i.test(path)) return true;
  return MIGRATION_FOLDER.test(path) && /\.(py|rb|js|mjs|cjs|ts|php|go|cs|kt|java|ex|exs)$/i.test(path);
};

const MIGRATION_FOLDER = /(^|\/)(db\/migrate|migrations?|versions|alembic)\//i;

export const codeMigrationFindings = ({ path, before, after }: FileChange): readonly FileFinding[] => {
  const edited = before === null ? [] : [history(path, after === null)];
  if (after === null) return edited;
  const lines = withoutComments(forward(after)).split("\n");
  const found = lines.flatMap((text, index) =>
    CALLS.filter((call) => call.matches.test(text)).map((call) => ({
      path,
      line: index + 1,
      subject: text.trim().slice(0, 80),
      rule: call.rule,
      class: call.class,
      message: call.message,
      wayOut: LATER,
      ...(call.phase ? { phase: call.phase } : {}),
    })),
  );
  if (found.length > 0) return [...edited, ...found];
  return [...edited, unknown(path)];
};

const LATER =
  "Add the new shape beside the old one, move over, and take the old one away in a later pull request.";

const history = (path: string, gone: boolean): FileFinding => ({
  path,
  subject: "",
  rule: gone ? "migration-deleted" : "migration-edited",
  class: "R3",
  message: `${gone ? "Deletes" : "Edits"} a migration: where it was applied, history and files no longer agree.`,
  wayOut: "Leave it as it is, and add a new migration.",
});

const unknown = (path: string): FileFinding => ({
  path,
  subject: "",
  rule: "migration-unknown",
  class: "R2",
  message: "A migration whose calls Plumbline does not know.",
  wayOut: "Say in the `stateful_change` block what it does.",
});

/** The way back is not run; its lines are emptied so that the others keep their numbers. */
const forward = (text: string): string => {
  const down =
    /^[ \t]*(def\s+(down|downgrade)\b|(exports|module\.exports)\.down\b|(export\s+)?(async\s+)?function\s+down\b|public\s+function\s+down\b|protected\s+override\s+void\s+Down\b|def\s+down\b|<rollback>|-?\s*rollback:)/gm;
  let kept = text;
  for (const match of text.matchAll(down)) {
    const rest = text.slice(match.index + match[0].length);
    const end = rest.search(
      /^[ \t]*(def\s+(up|upgrade|change)\b|(exports|module\.exports)\.up\b|(export\s+)?(async\s+)?function\s+up\b|public\s+function\s+up\b|<\/rollback>|-\s*changeSet:)/m,
    );
    const until = end === -1 ? text.length : match.index + match[0].length + end;
    kept =
      kept.slice(0, match.index) +
      text.slice(match.index, until).replaceAll(/[^\n]/g, " ") +
      kept.slice(until);
  }
  return kept;
};

const withoutComments = (text: string): string => text.replaceAll(/^\s*(#|\/\/|--).*$/gm, "");

const CALLS: readonly {
  readonly rule: string;
  readonly class: ChangeClass;
  readonly matches: RegExp;
  readonly message: string;
  readonly phase?: "expand" | "contract";
}[] = [
  {
    rule: "migration-drop-table",
    class: "R4",
    matches: /\b(drop_?table(_?if_?exists)?|DeleteModel|dropIfExists)\b|\bDROP\s+TABLE\b/i,
    message: "Drops a table and the rows in it.",
    phase: "contract",
  },
  {
    rule: "migration-drop-column",
    class: "R4",
    matches: /\b(drop_?columns?|remove_columns?|RemoveField|remove_reference)\b|\bDROP\s+COLUMN\b/i,
    message: "Drops a column and the values in it.",
    phase: "contract",
  },
  {
    rule: "migration-delete",
    class: "R4",
    matches: /\b(truncate|delete_all|destroy_all)\b|\bDELETE\s+FROM\b|<delete\b|^\s*-?\s*delete:/i,
    message: "Deletes rows.",
    phase: "contract",
  },
  {
    rule: "migration-change-type",
    class: "R3",
    matches: /\b(alter_?column|change_column(?!_default|_comment|_null)|AlterField|modify_?data_?type)\b/i,
    message: "Changes a column's type.",
  },
  {
    rule: "migration-rename",
    class: "R3",
    matches: /\b(rename_?(column|table)|RenameField|RenameModel)\b/i,
    message: "Renames what running code still knows by its old name.",
    phase: "contract",
  },
  {
    rule: "migration-not-null",
    class: "R3",
    matches: /\b(addNotNullConstraint|change_column_null|nullable\s*=\s*False)\b/i,
    message: "Demands a value.",
    phase: "contract",
  },
  {
    rule: "migration-data",
    class: "R3",
    matches:
      /\b(RunPython|update_all|execute|RunSQL|knex\.raw|schema\.raw)\b|<update\b|<sql\b|^\s*-?\s*(update|sql):/i,
    message: "Runs statements of its own on the data.",
  },
  {
    rule: "migration-add",
    class: "R1",
    matches: /\b(create_?table|create_?model|add_?column|AddField|create_?index|add_?index|add_reference)\b/i,
    message: "Adds to the schema.",
    phase: "expand",
  },
];
