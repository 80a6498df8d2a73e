import type { ErrorCode } from "../model/error-codes.ts";
import { asPlumblineError, PlumblineError } from "../model/errors.ts";
import type { Redactor } from "../ports/redactor.ts";

/** A failed request in our words: which call, which answer; never its headers or body. */
export const asForgeError = (thrown: unknown, about: string, redactor?: Redactor): PlumblineError => {
  if (isGraphqlError(thrown))
    return forgeError("forge-refused", about, firstLine(thrown.message), {}, redactor);
  if (!isRequestError(thrown)) return asPlumblineError(thrown);
  const { status, said, detail } = readFailure(thrown);
  return forgeError(codeOf(status, said, detail), about, said, detail, redactor);
};

const forgeError = (
  code: ForgeCode,
  about: string,
  said: string,
  detail: Record<string, unknown>,
  redactor?: Redactor,
): PlumblineError => {
  const text = `${SENTENCES[code](about)}${said ? `: ${said}` : ""}`;
  return new PlumblineError(code, redactor?.redact(text) ?? text, { detail });
};

/** The work's result, or `fallback` where the server does not know the call or the token may not make it. */
export const orWhereRefused = <T, F>(work: Promise<T>, fallback: F): Promise<T | F> =>
  work.catch((thrown: unknown): F => {
    if (isForgeError(asForgeError(thrown, "the repository"), "forge-not-found", "forge-refused"))
      return fallback;
    throw thrown;
  });

export const isForgeError = (thrown: unknown, ...codes: readonly ErrorCode[]): thrown is PlumblineError =>
  thrown instanceof PlumblineError && codes.includes(thrown.code);

type ForgeCode = Extract<ErrorCode, `forge-${string}`>;

const SENTENCES: Readonly<Record<ForgeCode, (about: string) => string>> = {
  "forge-unavailable": (about) => `GitHub does not answer for ${about}`,
  "forge-rate-limited": (about) => `GitHub takes no more requests for ${about} for now`,
  "forge-refused": (about) => `GitHub refuses what was asked of ${about}`,
  "forge-not-found": (about) => `GitHub does not find what was asked of ${about}`,
  "forge-conflict": (about) => `GitHub cannot do that to ${about} as it stands`,
};

interface Failure {
  readonly status: number;
  /** GitHub's own words, one line. */
  readonly said: string;
  readonly detail: { readonly status: number; readonly [name: string]: unknown };
}

/** Octokit's error, by shape: plugins carry their own copies of the class. */
interface RequestError extends Error {
  readonly status: number;
  readonly request: { readonly method: string; readonly url: string };
  readonly response?: {
    readonly data?: unknown;
    readonly headers?: Readonly<Record<string, string | number | undefined>>;
  };
}

const readFailure = (thrown: RequestError): Failure => {
  const { status, request, response } = thrown;
  const headers = response?.headers ?? {};
  return {
    status,
    said: saidBy(thrown),
    detail: {
      status,
      method: request.method,
      path: new URL(request.url, "https://forge").pathname,
      requestId: headers["x-github-request-id"],
      retryAfterSeconds: headers["retry-after"],
      remaining: headers["x-ratelimit-remaining"],
    },
  };
};

const isRequestError = (thrown: unknown): thrown is RequestError =>
  thrown instanceof Error &&
  typeof (thrown as Partial<RequestError>).status === "number" &&
  "request" in thrown;

/** GraphQL refuses with an answer that is a success by its status. */
const isGraphqlError = (thrown: unknown): thrown is Error =>
  thrown instanceof Error && thrown.name === "GraphqlResponseError";

const saidBy = ({ response, message }: RequestError): string => {
  const data = response?.data as { message?: unknown; errors?: readonly unknown[] } | undefined;
  if (typeof data?.message !== "string") return `${response ? "" : "no connection, "}${firstLine(message)}`;
  const more = (data.errors ?? []).map((error) => (error as { message?: unknown } | null)?.message ?? error);
  return firstLine([data.message, ...more.filter((text) => typeof text === "string")].join("; "));
};

const firstLine = (text: string): string => (text.split("\n", 1)[0] ?? "").slice(0, 300);

const codeOf = (status: number, said: string, detail: Failure["detail"]): ForgeCode => {
  if (status === 404) return "forge-not-found";
  if (status === 405 || status === 409) return "forge-conflict";
  if (status === 429) return "forge-rate-limited";
  if (status === 403 && (detail["remaining"] === "0" || /rate limit/i.test(said)))
    return "forge-rate-limited";
  return status >= 400 && status < 500 ? "forge-refused" : "forge-unavailable";
};
