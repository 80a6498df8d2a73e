import { randomBytes } from "node:crypto";
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
}

const cookieName = ({ secure }: SessionWorld): string => (secure ? "__Host-plumbline" : "plumbline-session");

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

export const endSession = (world: SessionWorld, reply: FastifyReply): void => {
  reply.clearCookie(cookieName(world), { path: "/", secure: world.secure, httpOnly: true, sameSite: "lax" });
};

/** The session of a request: signed by this instance and not over; null otherwise. */
export const sessionOf = async (world: SessionWorld, request: FastifyRequest): Promise<Session | null> => {
  const kept = readCookie(world, request, cookieName(world));
  if (!kept) return null;
  const csrf = String(kept["csrf"]);
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
export const writeCookie = (
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

export const readCookie = (
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
