import { lastingOf } from "../migration/own-transactions.ts";
import type { Migration } from "../migration/resolve.ts";
import type { Script } from "../migration/script.ts";
import { PlumblineError } from "../model/errors.ts";
import { isConnectionLost, StatementFailed } from "./flyway-statements.ts";

interface Failing {
  readonly migration: Pick<Migration, "path" | "name">;
  readonly script: Script;
  readonly transactional: boolean;
}

/** What a failing migration left behind, in words; anything else than a failing statement as it is. */
export const failureOf = (thrown: unknown, { migration, transactional, script }: Failing): unknown => {
  if (!(thrown instanceof StatementFailed)) return thrown;
  const { message, done, state, place, words } = thrown;
  const lost = isConnectionLost(state);
  const outcome = lost ? "unknown" : transactional ? "failed-clean" : "failed-partial";
  const left = doneWords(lastingOf(script.statements, done));
  const kept = lost
    ? "The connection was lost: what was done has to be looked at."
    : transactional
      ? "Nothing of it was kept."
      : `${left}; it ran without a transaction.`;
  return new PlumblineError("sql-failed", `${message} ${kept}`, {
    detail: {
      script: migration.path,
      file: place.path,
      line: place.line,
      column: place.column,
      words,
      version: migration.name.version,
      state,
      outcome,
      statement: Math.min(done + 1, script.statements.length),
      statements: script.statements.length,
    },
    ...(transactional && !lost
      ? { hint: "Mend the file and run it again; the history has no row of it." }
      : {}),
  });
};

const doneWords = (done: number): string => {
  if (done === 0) return "None of its statements was done to its end";
  return done === 1
    ? "Its first statement is done and stays"
    : `Its first ${done} statements are done and stay`;
};
