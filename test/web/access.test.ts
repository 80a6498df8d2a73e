import Fastify, { type FastifyInstance } from "fastify";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { oidcLogin } from "../../src/adapters/oidc.ts";
import type { AccessConfig, Principal } from "../../src/model/access.ts";
import { type GuardWorld, requires } from "../../src/web/guard.ts";
import { accessRoutes, addCookies } from "../../src/web/login.ts";
import { addSecurityHeaders } from "../../src/web/security-headers.ts";
import { type SessionWorld, sessionOf } from "../../src/web/session.ts";
import { silent } from "../contract/engine-bench.ts";
import { type IdentityProvider, startIdentityProvider } from "./identity-provider.ts";

const PUBLIC = "https://plumbline.example";
const tokens: Readonly<Record<string, Principal>> = {
  reader: { name: "reader", kind: "token", grants: [{ role: "viewer", workspaces: ["acme/*"] }] },
  boss: { name: "boss", kind: "token", grants: [{ role: "admin", workspaces: ["*"] }] },
};
let provider: IdentityProvider;
let app: FastifyInstance;
let now = new Date("2026-03-01T12:00:00Z");

beforeAll(async () => {
  provider = await startIdentityProvider();
});
afterAll(() => provider.close());
beforeEach(async () => {
  provider.claims = { email: "dana@acme.example", email_verified: true, groups: ["platform", "other"] };
  now = new Date("2026-03-01T12:00:00Z");
  const access: AccessConfig = {
    oidc: {
      issuer: provider.issuer,
      clientId: "plumbline",
      clientSecret: "s3cret",
      scopes: ["openid"],
      groupsClaim: "groups",
    },
    adminToken: null,
    grants: [{ role: "operator", groups: ["platform"], people: [], workspaces: ["*"] }],
    sessionSeconds: 3600,
  };
  const gone = new Set<string>();
  const ended = { has: async (id: string) => gone.has(id), add: async (id: string) => void gone.add(id) };
  const sessions: SessionWorld = { access, now: () => now, secure: true, ended };
  const guard: GuardWorld = {
    byToken: async (token) => tokens[token] ?? null,
    session: (request) => sessionOf(sessions, request),
  };
  app = Fastify();
  addSecurityHeaders(app, { https: true });
  addCookies(app, "0".repeat(64));
  const login = access.oidc && oidcLogin(access.oidc);
  await app.register(accessRoutes({ guard, sessions, login, publicUrl: PUBLIC, log: silent }));
  const key = (request: { readonly query: unknown }): string =>
    String((request.query as { key?: string }).key);
  app.get("/view", { preHandler: requires(guard, "viewer", key) }, async () => "seen");
  app.post("/freeze", { preHandler: requires(guard, "operator") }, async () => "frozen");
});

type Cookies = Record<string, string>;
const cookiesOf = (answer: { readonly cookies: readonly { name: string; value: string }[] }): Cookies =>
  Object.fromEntries(answer.cookies.map(({ name, value }) => [name, value]));

/** From `/login` over the provider and back, as a browser goes. */
const logIn = async (change: (callback: string) => string = (same) => same, login = "/login") => {
  const start = await app.inject(login);
  const there = await fetch(String(start.headers.location), { redirect: "manual" });
  const back = new URL(change(there.headers.get("location") ?? ""));
  return app.inject({ url: `${back.pathname}${back.search}`, cookies: cookiesOf(start) });
};

describe("a login", () => {
  test("makes a session that no script reads and that does what the groups may", async () => {
    const answer = await logIn();
    expect(answer.statusCode).toBe(302);
    expect(answer.headers.location).toBe("/");
    const cookie = answer.cookies.find(({ name }) => name === "__Host-plumbline");
    expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: "Lax", path: "/" });
    const cookies = cookiesOf(answer);
    const me = await app.inject({ url: "/api/me", cookies });
    expect(me.json()).toMatchObject({ name: "dana@acme.example", kind: "person", csrf: expect.any(String) });

    expect((await app.inject({ method: "POST", url: "/freeze", cookies })).statusCode).toBe(403);
    const headers = { "x-csrf-token": me.json().csrf as string };
    expect((await app.inject({ method: "POST", url: "/freeze", cookies, headers })).body).toBe("frozen");
    expect((await app.inject({ method: "POST", url: "/logout", cookies })).statusCode).toBe(403);
    const out = await app.inject({ method: "POST", url: "/logout", cookies, headers });
    expect([out.statusCode, cookiesOf(out)["__Host-plumbline"]]).toEqual([204, ""]);
    // A copy that somebody made of the cookie has ended with it.
    expect((await app.inject({ url: "/api/me", cookies })).statusCode).toBe(401);
    expect((await app.inject({ method: "POST", url: "/freeze", cookies, headers })).statusCode).toBe(401);
  });

  test.each<readonly [string, string]>([
    ["/findings/1?state=all", "/findings/1?state=all"],
    ["/drift/1/formalize", "/drift/1/formalize"],
    ["/findings?q=it's+(a)*,b@c!", "/findings?q=it's+(a)*,b@c!"],
    ["//evil.example", "/"],
    ["/\\evil.example", "/"],
    ["https://evil.example/", "/"],
    ["javascript:alert(1)", "/"],
    ["findings", "/"],
    [`/${"a".repeat(3000)}`, "/"],
  ])("that began at %s leads to %s", async (back, there) => {
    const answer = await logIn((same) => same, `/login?${new URLSearchParams({ back })}`);
    expect([answer.statusCode, answer.headers.location]).toEqual([302, there]);
  });

  test("ends with its time, and a changed cookie is none", async () => {
    const cookies = cookiesOf(await logIn());
    const status = async (given: Cookies) =>
      (await app.inject({ url: "/api/me", cookies: given })).statusCode;
    expect(await status(cookies)).toBe(200);
    const value = cookies["__Host-plumbline"] ?? "";
    expect(await status({ "__Host-plumbline": `A${value.slice(1)}` })).toBe(401);
    expect(await status({ "__Host-plumbline": value.split(".")[0] ?? "" })).toBe(401);
    now = new Date(now.getTime() + 3_600_001);
    expect(await status(cookies)).toBe(401);
  });

  test.each([
    ["another state", (url: string) => url.replace(/state=[^&]+/, "state=x")],
    ["no code", (url: string) => url.replace(/code=[^&]+/, "error=access_denied")],
  ])("with %s is none", async (_what, change) => {
    const answer = await logIn(change);
    expect(answer.statusCode).toBe(403);
    expect(cookiesOf(answer)["__Host-plumbline"]).toBeUndefined();
  });

  test.each([
    ["for another client", { aud: "other" }],
    ["by another issuer", { iss: "https://evil.example" }],
    ["with another nonce", { nonce: "x" }],
    ["that is over", { exp: 1 }],
  ])("with a token %s is none", async (_what, claims) => {
    Object.assign(provider.claims, claims);
    expect((await logIn()).statusCode).toBe(403);
  });

  test("that nobody began here is none, and an unverified address is no name", async () => {
    expect((await app.inject("/login/callback?code=code-1&state=x")).statusCode).toBe(400);
    provider.claims = { email: "boss@acme.example", email_verified: false, groups: [] };
    const cookies = cookiesOf(await logIn());
    const me = (await app.inject({ url: "/api/me", cookies })).json();
    expect(me).toMatchObject({ name: "s1", grants: [] });
    expect((await app.inject({ url: "/view?key=acme/x", cookies })).statusCode).toBe(403);
  });
});

describe("a token", () => {
  const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
  test("acts in its role at its place", async () => {
    expect((await app.inject({ url: "/view?key=acme/infra", ...as("reader") })).body).toBe("seen");
    expect((await app.inject({ url: "/view?key=evil/infra", ...as("reader") })).statusCode).toBe(403);
    expect((await app.inject({ method: "POST", url: "/freeze", ...as("reader") })).statusCode).toBe(403);
    expect((await app.inject({ method: "POST", url: "/freeze", ...as("boss") })).body).toBe("frozen");
  });
  test("that is wrong does not fall back to a cookie", async () => {
    const cookies = cookiesOf(await logIn());
    expect((await app.inject({ url: "/api/me", cookies, ...as("wrong") })).statusCode).toBe(401);
    expect((await app.inject("/view?key=acme/x")).headers["www-authenticate"]).toContain("Bearer");
  });
});

test("every answer says what a browser must not do with it", async () => {
  for (const url of ["/api/me", "/nowhere"]) {
    const { headers } = await app.inject(url);
    expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cache-control": "private, no-store",
      "strict-transport-security": expect.any(String),
    });
  }
});
