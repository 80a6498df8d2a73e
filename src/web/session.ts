import { createHash, randomBytes } from "node:crypto";
import type { CookieSerializeOptions } from "@fastify/cookie";
import type { FastifyReply, FastifyRequest } from "fastify";
import { grantsOf } from "../gate/access.ts";
import type { AccessConfig, LoginClaims, Principal } from "../model/access.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import type { Session } from "./guard.ts";

export interface SessionWorld {
  readonly access: AccessConfig;
  readonly now: () => Date;
  /** Whether people reach the service over HTTPS: then cookies never travel without it. */
  readonly secure: boolean;
  /** Who an API token stands for now, by its hash; null where it has ended since somebody signed in with it. */
  readonly byTokenHash?: (hash: string) => Promise<Principal | null>;
  /** Sessions that ended before their time, by an id that tells nothing of them; kept for all replicas. */
  readonly ended: { has(id: string): Promise<boolean>; add(id: string): Promise<void> };
}

// Browsers keep a `__Host-` cookie only where this very host set it over HTTPS: no neighbour can plant one.
const cookieName = ({ secure }: SessionWorld): string => (secure ? "__Host-plumbline" : "plumbline-session");
const pendingName = ({ secure }: SessionWorld): string =>
  secure ? "__Host-plumbline-login" : "plumbline-login";

const options = ({ secure }: SessionWorld, seconds: number): CookieSerializeOptions => ({
  httpOnly: true,
  sameSite: "lax",
  secure,
  path: "/",
  signed: true,
  maxAge: seconds,
});

/** Begins a session. Only groups that some grant names are kept; what they allow is read from the configuration. */
export const beginSession = (world: SessionWorld, reply: FastifyReply, claims: LoginClaims): void => {
  const named = new Set(world.access.grants.flatMap(({ groups }) => groups));
  writeCookie(world, reply, cookieName(world), world.access.sessionSeconds, {
    subject: claims.subject,
    email: claims.email,
    groups: claims.groups.filter((group) => named.has(group)),
    csrf: randomBytes(24).toString("base64url"),
  });
};

/** A session of whoever showed an API token: it ends with the token. Only the token's hash is kept. */
export const beginTokenSession = (world: SessionWorld, reply: FastifyReply, hash: string): void => {
  writeCookie(world, reply, cookieName(world), world.access.sessionSeconds, {
    token: hash,
    csrf: randomBytes(24).toString("base64url"),
  });
};

/** A logout: a copy of the cookie counts no more either. */
export const endSession = async (
  world: SessionWorld,
  session: Pick<Session, "csrf">,
  reply: FastifyReply,
): Promise<void> => {
  await world.ended.add(idOf(session));
  clear(world, reply, cookieName(world));
};

const idOf = ({ csrf }: Pick<Session, "csrf">): string =>
  createHash("sha256").update(`session:${csrf}`).digest("hex").slice(0, 32);

/** Keeps what a login in progress must find again. */
export const writePending = (
  world: SessionWorld,
  reply: FastifyReply,
  pending: { readonly [key: string]: Json },
): void => writeCookie(world, reply, pendingName(world), PENDING_SECONDS, pending);

/** What this browser's login began with, once; null where it began none, or too long ago. */
export const takePending = (
  world: SessionWorld,
  request: FastifyRequest,
  reply: FastifyReply,
): { readonly [key: string]: Json } | null => {
  clear(world, reply, pendingName(world));
  return readCookie(world, request, pendingName(world));
};

const PENDING_SECONDS = 600;

const clear = ({ secure }: SessionWorld, reply: FastifyReply, name: string): void => {
  reply.clearCookie(name, { path: "/", secure, httpOnly: true, sameSite: "lax" });
};

/** The session of a request: signed by this instance and not over; null otherwise. */
export const sessionOf = async (world: SessionWorld, request: FastifyRequest): Promise<Session | null> => {
  const kept = readCookie(world, request, cookieName(world));
  if (!kept) return null;
  const csrf = String(kept["csrf"]);
  if (await world.ended.has(idOf({ csrf }))) return null;
  if (typeof kept["token"] === "string") {
    const principal = (await world.byTokenHash?.(kept["token"])) ?? null;
    return principal && { principal, csrf };
  }
  if (typeof kept["subject"] !== "string") return null;
  const claims: LoginClaims = {
    subject: kept["subject"],
    email: typeof kept["email"] === "string" ? kept["email"] : null,
    groups: Array.isArray(kept["groups"]) ? kept["groups"].map(String) : [],
  };
  const grants = grantsOf(claims, world.access.grants);
  return { principal: { name: claims.email ?? claims.subject, kind: "person", grants }, csrf };
};

/** A signed cookie that says itself until when it counts: a browser may keep it longer. */
const writeCookie = (
  world: SessionWorld,
  reply: FastifyReply,
  name: string,
  seconds: number,
  value: { readonly [key: string]: Json },
): void => {
  const until = world.now().getTime() + seconds * 1000;
  const text = Buffer.from(JSON.stringify({ ...value, name, until })).toString("base64url");
  reply.setCookie(name, text, options(world, seconds));
};

const readCookie = (
  world: SessionWorld,
  request: FastifyRequest,
  name: string,
): { readonly [key: string]: Json } | null => {
  const signed = request.cookies[name];
  const { valid, value } =
    signed === undefined ? { valid: false, value: null } : request.unsignCookie(signed);
  if (!valid || value === null) return null;
  const kept = JSON.parse(Buffer.from(value, "base64url").toString()) as Json;
  // One kind of cookie never passes for another.
  if (!isJsonObject(kept) || kept["name"] !== name) return null;
  return Number(kept["until"]) > world.now().getTime() ? kept : null;
};
