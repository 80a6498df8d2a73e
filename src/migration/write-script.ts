import type { SchemaChange } from "./write-change.ts";
import type { WrittenStatement } from "./write-piece.ts";

/** One file of a change. What runs in one transaction, and what refuses one, cannot share a file. */
export interface WrittenScript {
  /** What it is there for, as a file name says it: empty, `indexes`, `validate`. */
  readonly purpose: "" | "enum_values" | "indexes" | "validate";
  readonly text: string;
  readonly statements: readonly WrittenStatement[];
}

/**
 * `guarded`: every statement may meet a database where it has been done, and does nothing there.
 */
export const scriptsOf = (
  { statements }: SchemaChange,
  { guarded }: { readonly guarded: boolean },
): readonly WrittenScript[] =>
  partsOf(statements).map(({ purpose, statements: own }) => ({
    purpose,
    statements: own,
    text: `${[...settingsOf(purpose, own), ...linesOf(own, guarded)].join("\n")}\n`,
  }));

type ScriptPart = Omit<WrittenScript, "text">;

const partsOf = (statements: readonly WrittenStatement[]): readonly ScriptPart[] => {
  const parts: { purpose: WrittenScript["purpose"]; statements: WrittenStatement[] }[] = [];
  for (const statement of statements) {
    const purpose = purposeOf(statement, statements);
    const last = parts.at(-1);
    if (last?.purpose === purpose) last.statements.push(statement);
    else parts.push({ purpose, statements: [statement] });
  }
  return parts;
};

const purposeOf = (
  statement: WrittenStatement,
  all: readonly WrittenStatement[],
): WrittenScript["purpose"] => {
  const { step } = statement;
  if (step === "validate" || step === "attach late") return "validate";
  if (/ concurrently$/.test(step)) return "indexes";
  if (step !== "add enum values") return "";
  // A new value can be used only after its transaction.
  const type = / TYPE (\S+) ADD VALUE /.exec(statement.sql)?.[1] ?? "";
  const used = all.some((other) => other.step !== step && other.sql.includes(type));
  return used ? "enum_values" : "";
};

const settingsOf = (
  purpose: WrittenScript["purpose"],
  statements: readonly WrittenStatement[],
): readonly string[] => {
  if (purpose === "indexes") return [];
  // Bodies may name what comes later in the file.
  const bodies = statements.some(
    ({ sql }) => /^CREATE OR REPLACE (FUNCTION|PROCEDURE) /.test(sql) && / LANGUAGE sql\b/.test(sql),
  );
  return [
    "SET LOCAL lock_timeout = '5s';",
    ...(bodies ? ["SET LOCAL check_function_bodies = off;"] : []),
    "",
  ];
};

const linesOf = (statements: readonly WrittenStatement[], guarded: boolean): readonly string[] => {
  const lines: string[] = [];
  let address = "";
  let waiting: WrittenStatement[] = [];
  const close = () => {
    if (waiting.length > 0) lines.push(guardedBlock(waiting));
    waiting = [];
  };
  for (const statement of statements) {
    if (statement.address !== address) {
      close();
      if (address !== "") lines.push("");
      lines.push(`-- ${oneLine(statement.address)}`);
      address = statement.address;
    }
    const said = remarksOf(statement);
    if (said.length > 0) {
      close();
      lines.push(...said);
    }
    if (guarded && statement.needed) waiting.push(statement);
    else {
      close();
      lines.push(`${guarded ? (statement.again ?? statement.sql) : statement.sql};`);
    }
  }
  close();
  return lines;
};

const remarksOf = ({ destroys, note }: WrittenStatement): readonly string[] => [
  ...(destroys === undefined ? [] : [`-- Destroys ${oneLine(destroys)}.`]),
  ...(note === undefined ? [] : [`-- ${oneLine(note)}`]),
];

const oneLine = (text: string): string => text.replaceAll(/[\r\n]+/g, " ");

// The catalogue writes names by the search path; with this one they are all qualified, as the conditions have them.
const guardedBlock = (statements: readonly WrittenStatement[]): string => {
  const inner = statements.flatMap(({ sql, again = sql, needed }) => [
    `  IF ${needed} THEN`,
    `    ${again};`,
    "  END IF;",
  ]);
  const tag = inner.some((line) => line.includes("$plumbline$")) ? "$plumbline_guard$" : "$plumbline$";
  return [
    `DO ${tag}`,
    "DECLARE plumbline_path text := current_setting('search_path');",
    "BEGIN",
    "  PERFORM set_config('search_path', 'pg_catalog', true);",
    ...inner,
    "  PERFORM set_config('search_path', plumbline_path, true);",
    `END ${tag};`,
  ].join("\n");
};
