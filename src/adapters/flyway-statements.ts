import { offsetOfCharacter, placesIn } from "../migration/place.ts";
import type { Place, Script, Statement } from "../migration/script.ts";
import { type Target, wordsFor } from "./pg-session.ts";

/** A statement that the server refused. The message is place and the server's words. */
export class StatementFailed extends Error {
  /** Statements of the script that were done before. */
  readonly done: number;
  /** SQLSTATE; null where the connection was lost. */
  readonly state: string | null;
  readonly place: StatementPlace;
  /** The server's alone. */
  readonly words: string;

  constructor(place: StatementPlace, words: string, done: number, state: string | null) {
    const said = state === null ? "" : ` (SQLSTATE ${state})`;
    super(`${place.path}:${place.line}:${place.column}: ${words}${said}.`);
    this.name = "StatementFailed";
    this.place = place;
    this.words = words;
    this.done = done;
    this.state = state;
  }
}

export interface StatementPlace {
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

/** Stands around each statement, and runs it. */
export type StatementWatch = (
  statement: Statement,
  at: { readonly path: string; readonly transactional: boolean },
  run: () => Promise<number | null>,
) => Promise<unknown>;

/** Runs a script's statements one by one. @throws StatementFailed, and what `before` and `after` throw */
export const runScript = async (
  target: Target,
  path: string,
  { statements }: Script,
  { transactional = false, watch = (_statement, _at, run) => run(), from = 0, ...around }: RunWatch = {},
): Promise<void> => {
  for (const [done, statement] of statements.entries()) {
    const { text, copyData } = statement;
    if (done < from) continue;
    await around.before?.(done);
    try {
      await watch(statement, { path, transactional }, () =>
        copyData === null ? target.run(text) : target.copy(text, copyData),
      );
    } catch (thrown) {
      await around.failed?.();
      if (thrown instanceof StatementFailed) throw thrown;
      const { message, code, position } = wordsFor(target, thrown, text);
      throw new StatementFailed({ path, ...placeOf(statement, position) }, message, done, code);
    }
    await around.after?.(done + 1);
  }
};

/** Constraints that are checked at the end fail here. @throws StatementFailed */
export const commitScript = async (target: Target, path: string, { statements }: Script): Promise<void> => {
  try {
    await target.run("commit");
  } catch (thrown) {
    const { message, code } = wordsFor(target, thrown);
    const { line = 1, column = 1 } = statements.at(-1)?.place ?? {};
    throw new StatementFailed({ path, line, column }, `at its commit: ${message}`, statements.length, code);
  }
};

export interface RunWatch {
  /** A transaction is open around the whole script. */
  readonly transactional?: boolean;
  readonly watch?: StatementWatch | undefined;
  /** So many are done already, and left out. */
  readonly from?: number;
  /** Awaited before each statement, with how many are done. */
  readonly before?: (done: number) => Promise<void>;
  /** The same after each one that worked. */
  readonly after?: (done: number) => Promise<void>;
  /** Awaited after one that did not; throws nothing. */
  readonly failed?: () => Promise<void>;
}

const placeOf = ({ text, place }: Statement, position: number | null): Pick<Place, "line" | "column"> => {
  if (position === null) return place;
  const within = placesIn(text, false)(offsetOfCharacter(text, position));
  return {
    line: place.line + within.line - 1,
    column: within.line === 1 ? place.column + within.column - 1 : within.column,
  };
};

const LOST: readonly string[] = ["57P01", "57P02", "57P03"];

/** Whether a failure says that the session is gone, so that nobody knows what the server did with the last statement. */
export const isConnectionLost = (state: string | null): boolean =>
  state === null || state.startsWith("08") || LOST.includes(state);
