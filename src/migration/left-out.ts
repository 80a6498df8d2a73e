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
  BY_STATE[sqlState] ?? BY_CLASS[sqlState.slice(0, 2)] ?? "failed";

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
