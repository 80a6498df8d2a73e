import { executionOf } from "./execution.ts";
import { parseScript } from "./parse-script.ts";
import type { Place, Script, SqlParser } from "./script.ts";

/** What takes a migration back, to be run in one transaction; or where and why it cannot be. */
export type Compensation =
  | { readonly script: Script; readonly refused: null }
  | { readonly script: null; readonly refused: Pick<Place, "line" | "column"> & { readonly why: string } };

export const compensationOf = (text: string, parse: SqlParser, version: number): Compensation => {
  const script = parseScript(text, parse);
  const execution = executionOf(script, { version, asked: null, mixed: false });
  if (execution.way === "transaction") return { script, refused: null };
  if (execution.way === "refused") return { script: null, refused: execution };
  const why = `${execution.why}, and what takes a migration back runs in one`;
  return { script: null, refused: { line: 1, column: 1, why } };
};

/** What the file beside a migration is called. */
export const compensationPath = (script: string): string => `${script}.compensate`;
