import { PlumblineError } from "../model/errors.ts";
import type { RehearsalFailure } from "../model/rehearsal.ts";
import { StatementFailed } from "./flyway-statements.ts";

/** A refused statement or file as data. @throws whatever else was thrown */
export const failureOf = (thrown: unknown): RehearsalFailure => {
  if (thrown instanceof StatementFailed) {
    const { place, words, state } = thrown;
    return { script: place.path, line: place.line, column: place.column, message: words, state };
  }
  const { file, line, column, words, state } =
    thrown instanceof PlumblineError ? thrown.detail : ({} as PlumblineError["detail"]);
  if (typeof file !== "string" || typeof words !== "string") throw thrown;
  return {
    script: file,
    line: Number(line),
    column: Number(column),
    message: words,
    state: typeof state === "string" ? state : null,
  };
};
