import { createHash } from "node:crypto";
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { asPlumblineError, PlumblineError } from "../../model/errors.ts";
import type { Log } from "../../ports/log.ts";
import type { GuardWorld } from "../guard.ts";
import { ACTIONS, type Action, type Acts } from "./actions.ts";
import { addLogStream, type LogStream } from "./log-stream.ts";
import type { Once } from "./once.ts";
import { openApi } from "./openapi.ts";
import type { AskWorld, Operation } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";
import { admitted, answerTo, perform, Refused } from "./perform.ts";
import { answerNotFound, sendProblem } from "./problem.ts";

export interface ApiRoutes {
  readonly guard: GuardWorld;
  readonly ask: Omit<AskWorld, "visible">;
  /** Logs as they grow. */
  readonly follow: LogStream["follow"];
  readonly acts: Acts;
  readonly once: Once;
  readonly version: string;
  readonly log: Log;
}

const MOST_BYTES = 64 * 1024;

/** A Fastify plugin: every question and action below `/api/v1`, and the OpenAPI document that describes them. */
export const apiRoutes =
  (world: ApiRoutes): FastifyPluginAsync =>
  async (app) => {
    app.setErrorHandler((error, request, reply) => answerError(world.log, error, request, reply));
    app.setNotFoundHandler(answerNotFound);
    app.addHook("onSend", async (request, reply, body) => withETag(request, reply, body));
    const described = openApi(world.version);
    app.get("/openapi.json", async () => described);
    for (const operation of OPERATIONS) addQuestion(app, world, operation);
    for (const action of ACTIONS) addAction(app, world, action);
    addLogStream(app, {
      read: world.ask.read,
      follow: world.follow,
      admitted: (request) => admitted(world.guard, request),
    });
  };

const route = (path: string): string => path.replace("{id}", ":id");
type Given = { Params: { id?: string } };

const addQuestion = (app: FastifyInstance, world: ApiRoutes, operation: Operation): void => {
  app.get<Given>(route(operation.path), async (request) => {
    const principal = await admitted(world.guard, request);
    return answerTo(world.ask, principal, operation, { id: request.params.id ?? "", query: request.query });
  });
};

const addAction = (app: FastifyInstance, world: ApiRoutes, action: Action): void => {
  app.post<Given>(route(action.path), { bodyLimit: MOST_BYTES }, async (request, reply) => {
    const principal = await admitted(world.guard, request);
    const wish = { id: request.params.id ?? "", body: request.body ?? {} };
    const done = await perform(world, { principal, request }, action, wish);
    if (done.replayed) reply.header("idempotent-replayed", "true");
    return reply.code(done.status).send(done.answer);
  });
};

/** What did not change since it was asked for last is not sent again. */
const withETag = (request: FastifyRequest, reply: FastifyReply, body: unknown): unknown => {
  reply.header("cache-control", "private, no-cache");
  if (request.method !== "GET" || reply.statusCode !== 200 || typeof body !== "string") return body;
  const tag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 27)}"`;
  reply.header("etag", tag);
  const known = String(request.headers["if-none-match"] ?? "").split(",");
  if (!known.some((one) => one.trim().replace(/^W\//, "") === tag)) return body;
  reply.code(304).removeHeader("content-type");
  return "";
};

const answerError = (
  log: Log,
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply => {
  if (thrown instanceof Refused) {
    if (thrown.status === 401) reply.header("www-authenticate", 'Bearer realm="plumbline"');
    return sendProblem(reply, thrown, thrown.status);
  }
  const { statusCode = 500 } = thrown as { readonly statusCode?: number };
  // Fastify's own: a body that is too large, no JSON, or of another kind.
  if (!(thrown instanceof PlumblineError) && statusCode < 500)
    return sendProblem(
      reply,
      new PlumblineError("wrong-arguments", "The body could not be read."),
      statusCode,
    );
  const error = asPlumblineError(thrown);
  if (error.code === "bug") log.error("a request failed", { url: request.routeOptions.url, error });
  return sendProblem(reply, error);
};
