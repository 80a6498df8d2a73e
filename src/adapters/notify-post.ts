import { PlumblineError } from "../model/errors.ts";

export interface Post {
  readonly url: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

const MOST_ANSWER = 100_000;
const MOST_WORDS = 200;

/** One JSON request. Fails with `alert-failed`, never naming the address: with some receivers it is a secret. */
export const postJson = async ({ url, body, headers = {}, timeoutMs = 10_000 }: Post): Promise<string> => {
  const response = await reach(url, {
    method: "POST",
    body,
    signal: AbortSignal.timeout(timeoutMs),
    headers: { "content-type": "application/json; charset=utf-8", "user-agent": "plumbline", ...headers },
  });
  const answer = (await response.text()).slice(0, MOST_ANSWER);
  if (response.ok) return answer;
  const retryAfter = Number(response.headers.get("retry-after"));
  const { status } = response;
  throw new PlumblineError("alert-failed", `The alert receiver answered ${status}.`, {
    hint: "Check the alert's URL and secret.",
    detail: {
      refused: status < 500 && status !== 408 && status !== 429,
      ...(retryAfter > 0 ? { retryAfterSeconds: retryAfter } : {}),
    },
  });
};

/** Whether somebody listens there: a question without a message. What it answers to that says nothing about it. */
export const probeAddress = async (url: string, timeoutMs = 5000): Promise<string> => {
  const headers = { "user-agent": "plumbline", connection: "close" };
  const signal = AbortSignal.timeout(timeoutMs);
  const response = await reach(url, { method: "HEAD", headers, signal });
  const { status } = response;
  if (status < 300 || (status >= 400 && status < 500))
    return `Its receiver is reached (${status}); nothing was sent.`;
  throw new PlumblineError("alert-failed", `The alert receiver answered ${status}.`, {
    ...(status < 400
      ? { hint: "It leads elsewhere, where no alert is sent: give the alert's final URL." }
      : {}),
  });
};

/** What a receiver said, short enough for a line: its own words are in it as they are. */
export const answerText = (said: string): string => {
  const words = said.replaceAll(/\s+/g, " ").trim();
  return words === "" ? "taken in" : words.slice(0, MOST_WORDS);
};

const reach = (url: string, init: RequestInit): Promise<Response> =>
  // A redirect would carry the alert, and its signature, to somewhere that nobody configured: it counts as a refusal.
  fetch(url, { ...init, redirect: "manual" }).catch((cause: unknown) => {
    throw new PlumblineError("alert-failed", "The alert receiver does not answer.", {
      cause,
      hint: "Check the alert's URL.",
    });
  });
