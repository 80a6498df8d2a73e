import { Readable } from "node:stream";
import type { FastifyPluginAsync } from "fastify";

export interface RunLogRoutes {
  /** The run's log in parts, redacted; null where run or seal are wrong. */
  readonly readLog: (run: string, seal: string) => Promise<AsyncIterable<string> | null>;
}

/**
 * `GET /runs/RUN/log?seal=...`: the full log of a run as plain text, for whoever has the link out of a comment. The
 * seal is keyed by the instance, so that nobody can guess the link of another run.
 */
export const runLogRoutes =
  ({ readLog }: RunLogRoutes): FastifyPluginAsync =>
  async (app) => {
    app.get<{ Params: { run: string }; Querystring: { seal?: string } }>(
      "/runs/:run/log",
      async (request, reply) => {
        const text = await readLog(request.params.run, String(request.query.seal ?? ""));
        reply.header("content-type", "text/plain; charset=utf-8");
        reply.header("x-content-type-options", "nosniff");
        reply.header("cache-control", "private, no-store");
        reply.header("referrer-policy", "no-referrer");
        if (text === null) return reply.code(404).send("There is no such log.\n");
        return reply.send(Readable.from(text));
      },
    );
  };
