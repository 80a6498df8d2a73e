import { PlumblineError } from "../model/errors.ts";

export interface Post {
  readonly url: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

const MOST_ANSWER = 100_000;

/** One JSON request. Fails with `alert-failed`, never naming the address: with some receivers it is a secret. */
export const postJson = async ({ url, body, headers = {}, timeoutMs = 10_000 }: Post): Promise<string> => {
  const response = await fetch(url, {
    method: "POST",
    body,
    // A redirect would carry the alert, and its signature, to somewhere that nobody configured.
    redirect: "error",
    signal: AbortSignal.timeout(timeoutMs),
    headers: { "content-type": "application/json; charset=utf-8", "user-agent": "plumbline", ...headers },
  }).catch((cause: unknown) => {
    throw new PlumblineError("alert-failed", "The alert receiver does not answer.", {
      cause,
      hint: "Check the alert's URL.",
    });
  });
  const answer = (await response.text()).slice(0, MOST_ANSWER);
  if (response.ok) return answer;
  const retryAfter = Number(response.headers.get("retry-after"));
  throw new PlumblineError("alert-failed", `The alert receiver answered ${response.status}.`, {
    hint: "Check the alert's URL and secret.",
    ...(retryAfter > 0 ? { detail: { retryAfterSeconds: retryAfter } } : {}),
  });
};
