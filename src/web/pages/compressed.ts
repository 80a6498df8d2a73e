import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { FastifyInstance } from "fastify";

const gzipped = promisify(gzip);
/** Below this the header costs what it spares. */
const LEAST = 1024;

/** Answers of text travel compressed to who takes that. */
export const addCompression = (app: FastifyInstance): void => {
  app.addHook("onSend", async (request, reply, body) => {
    if (typeof body !== "string" || body.length < LEAST) return body;
    reply.header("vary", "accept-encoding");
    if (!/\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""))) return body;
    reply.header("content-encoding", "gzip").removeHeader("content-length");
    return gzipped(body, { level: 5 });
  });
};
