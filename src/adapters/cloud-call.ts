import { PlumblineError } from "../model/errors.ts";
import { isJsonObject, type Json } from "../model/json.ts";

export interface CloudCall {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON by POST; a GET where left out. */
  readonly body?: object;
  readonly token?: string;
  readonly signal: AbortSignal;
}

const MOST_BYTES = 8 * 2 ** 20;

/** One request to a cloud's API over JSON. Throws `context-failed` with the status, never with what was answered. */
export const callJson = async ({ url, headers = {}, body, token, signal }: CloudCall): Promise<Json> => {
  const { host } = new URL(url);
  const response = await fetch(url, {
    method: body ? "POST" : "GET",
    // A redirect would carry the token to somewhere that nobody configured.
    redirect: "error",
    signal,
    headers: {
      accept: "application/json",
      "user-agent": "plumbline",
      ...(body ? { "content-type": "application/json" } : {}),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  }).catch((cause: unknown) => {
    throw new PlumblineError("context-failed", `${host} does not answer.`, { cause });
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new PlumblineError("context-failed", `${host} answered ${response.status}.`);
  }
  return JSON.parse(await textOf(response, host)) as Json;
};

const textOf = async (response: Response, host: string): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MOST_BYTES) throw new PlumblineError("context-failed", `${host} answered more than 8 MB.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
};

/** Null where it is not there. */
export const member = (value: Json, name: string): Json =>
  isJsonObject(value) ? (value[name] ?? null) : null;

export const text = (value: Json, name: string): string | null => {
  const found = member(value, name);
  return typeof found === "string" ? found : null;
};

/** None where it is no list. */
export const listIn = (value: Json, name: string): readonly Json[] => {
  const found = member(value, name);
  return Array.isArray(found) ? found : [];
};
