import { offsetOfCharacter, placesIn } from "../migration/place.ts";
import type { Script, Statement } from "../migration/script.ts";
import { serverWords, type Target } from "./pg-session.ts";

/** A statement that the server refused. The message is place and the server's words. */
export class StatementFailed extends Error {
  /** Statements of the script that were done before. */
  readonly done: number;
  /** SQLSTATE; null where the connection was lost. */
  readonly state: string | null;

  constructor(message: string, done: number, state: string | null) {
    super(message);
    this.name = "StatementFailed";
    this.done = done;
    this.state = state;
  }
}

/** Runs a script's statements one by one. @throws StatementFailed */
export const runScript = async (target: Target, path: string, { statements }: Script): Promise<void> => {
  for (const [done, statement] of statements.entries()) {
    try {
      if (statement.copyData === null) await target.run(statement.text);
      else await target.copy(statement.text, statement.copyData);
    } catch (thrown) {
      const { message, code, position } = serverWords(thrown);
      const line = lineOf(statement, position);
      const state = code === null ? "" : ` (SQLSTATE ${code})`;
      throw new StatementFailed(`${path}:${line}: ${message}${state}.`, done, code);
    }
  }
};

const lineOf = ({ text, place }: Statement, position: number | null): number =>
  position === null
    ? place.line
    : place.line + placesIn(text, false)(offsetOfCharacter(text, position)).line - 1;
