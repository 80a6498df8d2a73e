import type { FastifyError, FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { PlumblineError } from "../model/errors.ts";
import type { ReceiveWebhook, WebhookForge } from "../model/webhook.ts";
import type { Log } from "../ports/log.ts";

export interface WebhookRoutes {
  readonly receive: ReceiveWebhook;
  readonly ready: () => Promise<Readiness>;
  readonly log: Log;
}

export interface Readiness {
  readonly ok: boolean;
  /** One sentence for each part that is not ready. */
  readonly problems: readonly string[];
}

/** GitHub's own cap on a payload. */
export const WEBHOOK_LIMIT_BYTES = 25 * 1024 * 1024;

const ADDRESSES: readonly { readonly url: string; readonly forge: WebhookForge | null }[] = [
  { url: "/webhooks/github", forge: "github" },
  { url: "/webhooks/gitea", forge: "gitea" },
  { url: "/webhooks/gitlab", forge: "gitlab" },
  { url: "/events", forge: null },
];

/**
 * A Fastify plugin: the webhook addresses, `/healthz` (the process answers) and `/readyz` (it can work). Bodies
 * reach `receive` as the bytes that were signed; above 25 MB the answer is 413 and nothing is kept.
 */
export const webhookRoutes =
  (world: WebhookRoutes): FastifyPluginAsync =>
  async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser(
      "*",
      { parseAs: "buffer", bodyLimit: WEBHOOK_LIMIT_BYTES },
      (_request, body, done) => done(null, body),
    );
    app.setErrorHandler((error: FastifyError, request, reply) =>
      answerError(world.log, error, request, reply),
    );
    for (const { url, forge } of ADDRESSES) {
      app.post(url, { bodyLimit: WEBHOOK_LIMIT_BYTES }, async (request, reply) => {
        const rawBody = request.body instanceof Uint8Array ? request.body : new Uint8Array();
        const answer = await world.receive({ forge, headers: request.headers, rawBody });
        return reply.code(answer.status).send(answer.body);
      });
    }
    app.get("/healthz", async () => ({ ok: true }));
    app.get("/readyz", async (_request, reply) => {
      const readiness = await world.ready();
      return reply.code(readiness.ok ? 200 : 503).send(readiness);
    });
  };

/** What the forge shows in its delivery log; the cause stays in ours. */
const answerError = (
  log: Log,
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply => {
  if (error.statusCode === 413) return reply.code(413).send({ message: "The body is larger than 25 MB." });
  if (error.statusCode !== undefined && error.statusCode < 500) {
    return reply.code(error.statusCode).send({ message: "The request could not be read." });
  }
  const known = error instanceof PlumblineError;
  log[known ? "warn" : "error"]("a request failed", {
    url: request.routeOptions.url,
    code: known ? error.code : "bug",
    error,
  });
  return reply
    .code(503)
    .send({ message: "Plumbline could not take this in. Deliver it again, or wait for the next poll." });
};
