import type { DeadLetter } from "../model/backfill.ts";
import type { LeftOutKey } from "../model/backfill-run.ts";

/** A key that failed, for people who may not see rows: what a server says of a row may quote its values. */
export const leftOutKey = ({ key, sqlState, at }: Omit<DeadLetter, "message">): LeftOutKey => ({
  key,
  why: leftOutReason(sqlState),
  sqlState,
  at,
});

/** What a SQLSTATE says of a row, without the row. */
export const leftOutReason = (sqlState: string): string =>
  BY_STATE[sqlState] ??
  CONDITIONS[sqlState] ??
  BY_CLASS[sqlState.slice(0, 2)] ??
  CONDITIONS[sqlState.slice(0, 2)] ??
  "failed";

/**
 * A failure that no row is to blame for, for people who may not see rows: what a trigger or function raises under a
 * code of its own may quote one. `words` are those of a server that could not read the statement, which quote its text.
 */
export const failureReason = (sqlState: string, words: string | null): string =>
  `${words ?? CONDITIONS[sqlState] ?? CONDITIONS[sqlState.slice(0, 2)] ?? BY_CLASS[sqlState.slice(0, 2)] ?? "an error of a kind that is not PostgreSQL's own"} (SQLSTATE ${sqlState})`;

const BY_STATE: Readonly<Record<string, string>> = {
  "22001": "a text is too long for its column",
  "22003": "a number is out of range",
  "22007": "no valid time",
  "22008": "a time is out of range",
  "22012": "division by zero",
  "22P02": "a text cannot be read as its type",
  "23502": "a column would be NULL",
  "23503": "a foreign key points nowhere",
  "23505": "it would be there twice",
  "23514": "a check constraint refuses it",
  "23P01": "an exclusion constraint refuses it",
  "57014": "it takes longer than statement_timeout",
};
const BY_CLASS: Readonly<Record<string, string>> = {
  "22": "invalid data",
  "23": "a constraint refuses it",
  "44": "a view's check option refuses it",
  P0: "a trigger or function refuses it",
};

/** What PostgreSQL's manual calls them: whole codes, then classes. */
const CONDITIONS: Readonly<Record<string, string>> = {
  "25006": "the session is read-only",
  "40P01": "a deadlock",
  "42501": "insufficient privilege",
  "42601": "a syntax error",
  "42703": "undefined column",
  "42704": "undefined object",
  "42804": "types that do not match",
  "42883": "undefined function",
  "42P01": "undefined table",
  "42P10": "no constraint that ON CONFLICT could name",
  "53100": "the disk is full",
  "53300": "too many connections",
  "55P03": "a lock was not given within lock_timeout",
  "57P01": "the server is shut down",
  "08": "the connection failed",
  "25": "a transaction in the wrong state",
  "28": "the login is refused",
  "40": "the transaction was rolled back",
  "42": "the statement is not valid here",
  "53": "the server is short of resources",
  "54": "a limit of the server",
  "55": "an object in the wrong state",
  "57": "somebody at the server ended it",
  "58": "the server's system failed",
  "0A": "PostgreSQL does not support it",
  "3D": "no such database",
  "3F": "no such schema",
  XX: "an internal error of the server",
};
