import { OPERATOR_ERRORS } from "./error-codes-operator.ts";
import { USER_ERRORS } from "./error-codes-user.ts";

export interface ErrorKind {
  readonly retry: "now" | "later" | "never";
  readonly audience: "user" | "operator";
  readonly hint: string;
}

/**
 * Every error that a user or an operator can meet. `retry` is its fate: `now` (the same call may just work),
 * `later` (with backoff), `never` (something must change first). `docs/errors.md` has a heading for each code.
 */
export const ERRORS = { ...USER_ERRORS, ...OPERATOR_ERRORS } as const satisfies {
  readonly [code: string]: ErrorKind;
};

export type ErrorCode = keyof typeof ERRORS;
