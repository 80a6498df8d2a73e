import { createHash, randomUUID } from "node:crypto";
import type { FastifyRequest } from "fastify";
import type { Principal } from "../../model/access.ts";
import { PlumblineError } from "../../model/errors.ts";
import { canonicalJson, type Json } from "../../model/json.ts";
import type { RequestRows } from "../../ports/ledger-messages.ts";
import type { Asking } from "./actions.ts";

export interface Once {
  readonly requests: RequestRows;
  readonly now: () => Date;
}

export interface Done {
  readonly status: number;
  readonly answer: unknown;
  readonly replayed: boolean;
}

/** Whoever began a request may have died; after this it may be taken up by its next asking. */
const STALE_MS = 120_000;

/**
 * Does the work of one request. With an `Idempotency-Key` it is done once: asked again, it gives the answer of the first
 * time; while it is going on `request-in-progress`; the key of another request is refused.
 */
export const once = async (
  { requests, now }: Once,
  asked: { readonly principal: Principal; readonly request: FastifyRequest; readonly given: object },
  work: (asking: Asking) => Promise<unknown>,
): Promise<Done> => {
  const { principal, request, given } = asked;
  const by = actorOf(principal);
  const header = request.headers["idempotency-key"];
  if (header === undefined)
    return { status: 202, answer: await work({ by, request: randomUUID() }), replayed: false };
  const name = String(header);
  if (!/^[\x21-\x7e]{1,255}$/.test(name))
    throw new PlumblineError("wrong-arguments", "An Idempotency-Key is 1 to 255 visible ASCII characters.");
  const key = sha256(`${by}\n${name}`);
  const fingerprint = sha256(
    `${request.method} ${request.url}\n${canonicalJson(JSON.parse(JSON.stringify(given)))}`,
  );
  const at = now();
  const began = await requests.begin(key, fingerprint, at, new Date(at.getTime() - STALE_MS));
  if (began.is === "done") return { status: began.status, answer: began.answer, replayed: true };
  if (began.is === "going") throw new PlumblineError("request-in-progress", "This request is being done.");
  if (began.is === "other")
    throw new PlumblineError("wrong-arguments", "This Idempotency-Key was used for another request.");
  try {
    const answer = await work({ by, request: key.slice(0, 32) });
    await requests.finish(key, 202, JSON.parse(JSON.stringify(answer)) as Json);
    return { status: 202, answer, replayed: false };
  } catch (thrown) {
    await requests.drop(key).catch(() => undefined);
    throw thrown;
  }
};

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** As the audit names whoever asked over HTTP. */
export const actorOf = ({ kind, name }: Pick<Principal, "kind" | "name">): string => `${kind}:${name}`;
