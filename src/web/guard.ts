import { timingSafeEqual } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { mayAct } from "../gate/access.ts";
import type { AccessRole, Principal } from "../model/access.ts";

/** Somebody's session: who it is and the word that forms must repeat. */
export interface Session {
  readonly principal: Principal;
  readonly csrf: string;
}

export interface GuardWorld {
  /** Who a bearer token stands for. */
  readonly byToken: (token: string) => Promise<Principal | null>;
  /** The session of the request's cookie; null where there is none, or logins are off. */
  readonly session: (request: FastifyRequest) => Promise<Session | null> | Session | null;
}

/** Who asks: a bearer token counts before a cookie, and a wrong one never falls back to it. */
export const whoAsks = async (world: GuardWorld, request: FastifyRequest): Promise<Principal | null> => {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const token = /^Bearer (\S+)$/i.exec(authorization)?.[1];
    return token === undefined ? null : world.byToken(token);
  }
  return (await world.session(request))?.principal ?? null;
};

/** Who was let in; or the HTTP status and the sentence that whoever is not gets instead. */
export type Admitted =
  | { readonly principal: Principal }
  | { readonly status: 401 | 403; readonly message: string };

/** Who asks, where it is somebody whose request really is their own. */
export const knows = async (world: GuardWorld, request: FastifyRequest): Promise<Admitted> => {
  const principal = await whoAsks(world, request);
  if (!principal)
    return {
      status: 401,
      message: "Log in at /login, or send an API token: Authorization: Bearer plb_...",
    };
  if (!(await repeatsWord(world, request)))
    return { status: 403, message: "The x-csrf-token of /api/me is missing." };
  return { principal };
};

/**
 * A `preHandler` that lets in who holds a role: 401 for nobody, 403 for somebody else, and for what changes
 * something by a cookie without the session's word in `x-csrf-token`. `workspace` reads the key that the request is
 * about; null where it is about the whole service.
 */
export const requires =
  (world: GuardWorld, role: AccessRole, workspace: (request: FastifyRequest) => string | null = () => null) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const admitted = await knows(world, request);
    if ("status" in admitted) {
      if (admitted.status === 401) reply.header("www-authenticate", 'Bearer realm="plumbline"');
      return reply.code(admitted.status).send({ message: admitted.message });
    }
    if (!mayAct(admitted.principal, role, workspace(request)))
      return reply.code(403).send({ message: `This takes the role ${role}.` });
    return undefined;
  };

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/** Browsers send cookies with requests that another site made up; no other site knows the word. */
export const repeatsWord = async (world: GuardWorld, request: FastifyRequest): Promise<boolean> => {
  if (SAFE.has(request.method) || request.headers.authorization !== undefined) return true;
  const expected = Buffer.from((await world.session(request))?.csrf ?? "");
  const given = Buffer.from(String(request.headers["x-csrf-token"] ?? ""));
  return expected.length > 0 && expected.length === given.length && timingSafeEqual(expected, given);
};
