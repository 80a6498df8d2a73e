import type { ErrorCode } from "../model/error-codes.ts";
import type { PlumblineError } from "../model/errors.ts";

// These end when somebody else is done, not when we have tried often enough.
const PATIENT: readonly ErrorCode[] = [
  "workspace-busy",
  "account-busy",
  "workspace-locked",
  "forge-unavailable",
  "forge-rate-limited",
  "database-unavailable",
];
const ATTEMPTS = { now: 4, later: 8, patient: 2000 } as const;
const FIRST_MS = 1_000;
const LONGEST_MS = 300_000;
// Who waits for a workspace stands in line: a minute is long enough between two looks.
const LONGEST_IN_LINE_MS = 60_000;

/** A job that was begun this often without an end takes its process down with it, and is not begun again. */
export const MOST_STARTS = ATTEMPTS.patient;

/**
 * When a job that failed with this error for the `attempt`-th time (from 1) is tried again; null: never. `chance`, from
 * 0 to 1, spreads those that failed together by a fifth.
 */
export const nextAttempt = (
  error: PlumblineError,
  attempt: number,
  now: Date,
  chance: number,
): Date | null => {
  const { retry } = error.kind;
  if (retry === "never") return null;
  const patient = PATIENT.includes(error.code);
  if (attempt >= (patient ? ATTEMPTS.patient : ATTEMPTS[retry])) return null;
  const longest = /^(workspace|account)-/.test(error.code) ? LONGEST_IN_LINE_MS : LONGEST_MS;
  const backoff = Math.min(longest, FIRST_MS * 2 ** Math.min(attempt - 1, 20)) * (0.8 + 0.2 * chance);
  const ms = Math.max(asked(error), retry === "now" ? 0 : backoff);
  return new Date(now.getTime() + Math.round(ms));
};

/** What the other side asked for, in milliseconds; never more than an hour. */
const asked = ({ detail }: PlumblineError): number => {
  const seconds = Number(detail["retryAfterSeconds"] ?? 0);
  return Number.isFinite(seconds) ? Math.min(seconds, 3600) * 1000 : 0;
};
