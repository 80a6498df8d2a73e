import type { FastifyInstance } from "fastify";

/** On every answer. Nothing here is meant to be framed, sniffed, kept, or to load from elsewhere. */
const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  "cache-control": "private, no-store",
};

/** A route's own header stands over the common one. `https`: whether people reach the service so. */
export const addSecurityHeaders = (app: FastifyInstance, { https }: { readonly https: boolean }): void => {
  app.addHook("onSend", async (_request, reply) => {
    for (const [name, value] of Object.entries(HEADERS))
      if (!reply.hasHeader(name)) reply.header(name, value);
    if (https) reply.header("strict-transport-security", "max-age=31536000");
  });
};
