import { ERRORS, type ErrorCode, type ErrorKind } from "./error-codes.ts";

/** An error that knows its fate. `detail` is for logs and is redacted there; `message` is for people. */
export class PlumblineError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly detail: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: { hint?: string; cause?: unknown; detail?: Record<string, unknown> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "PlumblineError";
    this.code = code;
    this.hint = options.hint ?? ERRORS[code].hint;
    this.detail = options.detail ?? {};
  }

  get kind(): ErrorKind {
    return ERRORS[this.code];
  }
}

/** Whatever was thrown, as an error with a code: an unknown one is our bug. */
export const asPlumblineError = (thrown: unknown): PlumblineError => {
  if (thrown instanceof PlumblineError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new PlumblineError("bug", message, { cause: thrown });
};
