import type { FastifyRequest } from "fastify";
import { asPlumblineError, PlumblineError } from "../../model/errors.ts";
import type { Log } from "../../ports/log.ts";
import { Refused } from "../api/perform.ts";
import { statusOf } from "../api/problem.ts";
import { safeBack } from "../safe-back.ts";
import type { Drawn } from "./page.ts";
import { signInPage } from "./sign-in.ts";
import { problemPage } from "./told.ts";

export interface ProblemWorld {
  readonly provider: boolean;
  readonly redact: (text: string) => string;
  readonly log: Log;
}

export interface Answer {
  readonly status: number;
  readonly drawn: Drawn;
}

/** What a person reads instead of the page: a form to sign in, or what went wrong with the request's id for the log. */
export const problemAnswer = (world: ProblemWorld, thrown: unknown, request: FastifyRequest): Answer => {
  if (thrown instanceof Refused && thrown.status === 401) {
    const back = request.method === "GET" ? safeBack(request.url) : "/";
    return { status: 401, drawn: signInPage({ provider: world.provider, back, failed: false }) };
  }
  const { statusCode = 500 } = thrown as { readonly statusCode?: number };
  if (!(thrown instanceof PlumblineError) && statusCode < 500) {
    const message = "The form could not be read.";
    return { status: statusCode, drawn: problemPage("That could not be read", message, "", request.id) };
  }
  const error = asPlumblineError(thrown);
  if (error.code === "bug") world.log.error("a page failed", { url: request.routeOptions.url, error });
  const message =
    error.code === "bug"
      ? "This is Plumbline's own mistake; its log says more."
      : world.redact(error.message);
  return {
    status: thrown instanceof Refused ? thrown.status : statusOf(error),
    drawn: problemPage(`That did not go (${error.code})`, message, error.hint, request.id),
  };
};

export const notFoundPage = (request: FastifyRequest): Drawn =>
  problemPage(
    "There is no such page",
    "Nothing is at this address. What it was about may have ended, or the address is cut off.",
    "",
    request.id,
  );

/** Whether a browser asks: programs get their answer as JSON. */
export const wantsPage = (request: FastifyRequest): boolean =>
  /\btext\/html\b/.test(String(request.headers.accept ?? ""));
