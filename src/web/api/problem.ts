import type { FastifyReply, FastifyRequest } from "fastify";
import { ERRORS, type ErrorCode } from "../../model/error-codes.ts";
import { asPlumblineError, PlumblineError } from "../../model/errors.ts";

const STATUS: Partial<Record<ErrorCode, number>> = {
  "not-found": 404,
  "forge-not-found": 404,
  "workspace-unknown": 404,
  "not-allowed": 403,
  "bad-cursor": 400,
  "wrong-arguments": 400,
  "request-in-progress": 409,
  "too-many-streams": 429,
  bug: 500,
};

/** The HTTP status of an error: 503 for what passes by itself, 422 for what somebody must change first. */
export const statusOf = ({ code }: PlumblineError): number =>
  STATUS[code] ?? (ERRORS[code].retry === "never" ? 422 : 503);

/** An error as `application/problem+json` (RFC 9457). The cause stays in the log. */
export const sendProblem = (reply: FastifyReply, thrown: unknown, status?: number): FastifyReply => {
  const error = asPlumblineError(thrown);
  const code = status ?? statusOf(error);
  return reply
    .code(code)
    .type("application/problem+json")
    .send({
      type: `urn:plumbline:error:${error.code}`,
      title: TITLES[code] ?? "Unprocessable",
      status: code,
      code: error.code,
      detail: error.code === "bug" ? "This is Plumbline's own mistake; its log says more." : error.message,
      hint: error.hint,
      request: reply.request.id,
    });
};

/** For whoever asks for an address that nothing has. */
export const answerNotFound = ({ method, url }: FastifyRequest, reply: FastifyReply): FastifyReply =>
  sendProblem(reply, new PlumblineError("not-found", `There is no ${method} ${url.split("?")[0]}.`));

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad request",
  401: "Nobody is logged in",
  403: "Not allowed",
  404: "Not found",
  409: "In progress",
  415: "JSON is wanted",
  413: "Too large",
  429: "Too many",
  500: "Our mistake",
  503: "Not now",
};
