import { failureReason } from "../migration/left-out.ts";
import { PlumblineError } from "../model/errors.ts";
import { serverWords } from "./pg-session.ts";

/** What somebody else's work causes; it goes away by itself. */
export const PASSING: readonly string[] = ["40001", "40P01", "55P03"];
/** The statement took longer than it may. */
export const TOO_LONG = "57014";
// The connection is lost, the server ends or begins, or has no room for now.
const AWAY = /^(?:08...|57P0.|53...)$/;

/** The SQLSTATE of what a server answered; null where it did not answer: the connection is lost. */
export const stateOf = (thrown: unknown): string | null => {
  const answered = typeof thrown === "object" && thrown !== null && "severity" in thrown;
  const { code } = serverWords(thrown);
  return answered && code !== null && !AWAY.test(code) ? code : null;
};

/** Why it failed, in words that hold no value of a row. */
export const failureWords = (thrown: unknown): string => {
  const { message, code, position } = serverWords(thrown);
  // Only the reading of our own statement points into it: what runs later may quote rows.
  return failureReason(code ?? "", position === null ? null : message);
};

/**
 * What a backfill's session met outside of its statement: an answer that stays the same is `sql-failed`, what goes away
 * by itself `database-unavailable`; what is Plumbline's own, and a lost connection, stay as they were thrown.
 */
export const asBackfillTrouble = (thrown: unknown): unknown => {
  if (thrown instanceof PlumblineError) return thrown;
  const code = stateOf(thrown);
  if (code === null) return thrown;
  const lasting = !PASSING.includes(code);
  return new PlumblineError(
    lasting ? "sql-failed" : "database-unavailable",
    `The server refused what the backfill needs: ${failureWords(thrown)}.`,
    lasting ? { hint: "Mend it, then resume the backfill." } : {},
  );
};
