import type { OperatorCommand } from "../model/config.ts";
import { PlumblineError } from "../model/errors.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import type { Clock } from "../ports/clock.ts";
import type { Redactor } from "../ports/redactor.ts";
import { callJson } from "./cloud-call.ts";
import { askCommand } from "./json-command.ts";

/** Where a cloud gives the machine itself a token. */
export interface TokenPlace {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface TokenOptions {
  /** The operator's command that prints a token, plain or as JSON; null: the machine's own, from `place`. */
  readonly command: OperatorCommand | null;
  readonly place: TokenPlace;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly redactor: Redactor;
  readonly clock: Pick<Clock, "now">;
}

export type TokenSource = (signal: AbortSignal) => Promise<string>;

// A token that ends while it travels is of no use.
const MARGIN_MS = 60_000;
const COMMAND_KEEPS_MS = 5 * 60_000;

/** Bearer tokens of a cloud, each asked for anew shortly before it ends, and known to the redactor. */
export const tokenSource = (options: TokenOptions): TokenSource => {
  const { redactor, clock } = options;
  let kept: { readonly token: string; readonly until: number } | null = null;
  return async (signal) => {
    const now = clock.now().getTime();
    if (kept && now < kept.until) return kept.token;
    const { token, lastsMs } = await freshToken(options, signal);
    redactor.learn(token);
    kept = { token, until: now + lastsMs };
    return token;
  };
};

const freshToken = async (
  { command, place, env, redactor }: TokenOptions,
  signal: AbortSignal,
): Promise<{ readonly token: string; readonly lastsMs: number }> => {
  if (command !== null) {
    const how = { command: command.command, names: command.env, env, redactor };
    const said = await askCommand(
      { ...how, timeoutMs: command.timeoutSeconds * 1000 },
      {},
      {
        about: "a cloud's token",
        signal,
      },
    );
    return { token: tokenIn(said), lastsMs: COMMAND_KEEPS_MS };
  }
  const answer = await callJson({ ...place, signal });
  const seconds = isJsonObject(answer) ? Number(answer["expires_in"]) : 0;
  return { token: tokenIn(JSON.stringify(answer)), lastsMs: Math.max(0, (seconds || 0) * 1000 - MARGIN_MS) };
};

/** `gcloud` prints it plain, `az` and the machines' own services as a member of an object. */
const tokenIn = (said: string): string => {
  const text = said.trim();
  const read = text.startsWith("{") ? (JSON.parse(text) as Json) : text;
  const token = isJsonObject(read) ? (read["access_token"] ?? read["accessToken"] ?? read["token"]) : read;
  if (typeof token === "string" && /^[\x21-\x7e]{8,}$/.test(token)) return token;
  throw new PlumblineError("context-failed", "What should print a cloud's token printed none.");
};
