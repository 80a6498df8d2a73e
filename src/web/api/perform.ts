import type { FastifyRequest } from "fastify";
import type { z } from "zod";
import { mayAct, placesOf } from "../../gate/access.ts";
import type { AccessRole, Principal } from "../../model/access.ts";
import { PlumblineError } from "../../model/errors.ts";
import { type GuardWorld, knows } from "../guard.ts";
import type { Action, Acts } from "./actions.ts";
import { actorOf, type Done, type Once, once } from "./once.ts";
import type { AskWorld, Operation } from "./operation.ts";

export const API = "/api/v1";

/** Whoever asks; throws `Refused` where it is nobody, or nobody knows whether the request is their own. */
export const admitted = async (guard: GuardWorld, request: FastifyRequest): Promise<Principal> => {
  const who = await knows(guard, request);
  if ("principal" in who) return who.principal;
  throw new Refused(who.status, who.message);
};

/** 401 is no code of ours: it says that nobody asked. */
export class Refused extends PlumblineError {
  readonly status: 401 | 403;
  constructor(status: 401 | 403, message: string) {
    super("not-allowed", message);
    this.status = status;
  }
}

/**
 * One question, for the API and for pages: with the role that it takes, and only of what the asker may see. Throws
 * `not-allowed`, `wrong-arguments` and `not-found`, also for what is there and not theirs to see.
 */
export const answerTo = async (
  world: Omit<AskWorld, "visible">,
  principal: Principal,
  operation: Operation,
  { id, query }: { readonly id: string; readonly query: unknown },
): Promise<unknown> => {
  const { role, reach } = operation;
  if (reach === "all") needs(principal, role, [null]);
  const visible = placesOf(principal, role);
  if (visible.length === 0) throw notAllowed(role);
  const given = valid(operation.query, query, "query");
  const asked = { ...world, visible };
  // Whoever may not see it is not told that it is there.
  const mustSee = (workspace: string | undefined): void => {
    if (workspace !== undefined && !mayAct(principal, role, workspace))
      throw new PlumblineError("not-found", `There is no ${operation.name} ${id}.`);
  };
  mustSee(await operation.workspaceNamed?.(asked, id));
  const answer = await operation.ask(asked, { ...given, id });
  mustSee(operation.workspaceOf?.(answer as never));
  await operation.given?.(asked, actorOf(principal), answer as never);
  return answer;
};

/** One change, for the API and for pages: with the role on all that it is about, and once for each idempotency key. */
export const perform = async (
  world: { readonly acts: Acts; readonly once: Once },
  asked: { readonly principal: Principal; readonly request: FastifyRequest },
  action: Action,
  { id, body }: { readonly id: string; readonly body: unknown },
): Promise<Done> => {
  const { principal } = asked;
  if (placesOf(principal, action.role).length === 0) throw notAllowed(action.role);
  const given = { ...valid(action.body, body, "body"), id };
  needs(principal, action.role, (await action.reaches(world.acts, given)) ?? [null]);
  return once(world.once, { ...asked, given }, (asking) => action.act(world.acts, asking, given));
};

const needs = (principal: Principal, role: AccessRole, places: readonly (string | null)[]): void => {
  if (!places.every((place) => mayAct(principal, role, place))) throw notAllowed(role);
};

const notAllowed = (role: AccessRole): PlumblineError =>
  new PlumblineError("not-allowed", `This takes the role ${role} on all that it is about.`);

const valid = <Shape extends z.ZodType>(shape: Shape, value: unknown, where: string): z.infer<Shape> => {
  const read = shape.safeParse(value);
  if (read.success) return read.data;
  const problems = read.error.issues.map(({ path, message }) => `${[where, ...path].join(".")}: ${message}`);
  throw new PlumblineError("wrong-arguments", problems.join("; "), {
    hint: `The OpenAPI document at ${API}/openapi.json says what is taken.`,
  });
};
