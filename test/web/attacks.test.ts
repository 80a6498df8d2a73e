import Fastify, { type FastifyInstance, type InjectOptions } from "fastify";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "../../src/adapters/database.ts";
import { createLedger } from "../../src/adapters/ledger.ts";
import { createReadModel } from "../../src/adapters/read-model.ts";
import { createRedactor } from "../../src/adapters/redactor.ts";
import type { AccessConfig, AccessRole } from "../../src/model/access.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import type { Login } from "../../src/ports/login.ts";
import { createToken, revokeToken, tokenPrincipal } from "../../src/run/access-tokens.ts";
import { actsOf } from "../../src/run/acts.ts";
import type { World } from "../../src/run/world.ts";
import type { Acts } from "../../src/web/api/actions.ts";
import { API } from "../../src/web/api/perform.ts";
import { apiRoutes } from "../../src/web/api/routes.ts";
import type { GuardWorld } from "../../src/web/guard.ts";
import { accessRoutes, addCookies } from "../../src/web/login.ts";
import { addRedaction } from "../../src/web/redacted-answers.ts";
import { addSecurityHeaders } from "../../src/web/security-headers.ts";
import { type SessionWorld, sessionOf } from "../../src/web/session.ts";
import { silent } from "../contract/engine-bench.ts";
import { openTestDatabase } from "../contract/test-database.ts";
import { NOTHING_ELSE } from "./ask-nothing.ts";

// Doors as the service opens them, with a real ledger behind; only what an action would do is a list.
const A = "acme/infra//a#default";
const B = "acme/infra//b#default";
const PULL = { repo: "acme/infra", number: 3 };
const CANARY = "canary one/9f8e?7d6c+5b";
const done: string[] = [];
let now = new Date("2026-03-01T12:00:00Z");
const clock = { now: () => now };
let ledger: Ledger;
let database: Database;
let app: FastifyInstance;

const access: AccessConfig = {
  ...{ oidc: null, adminToken: null, sessionSeconds: 3600 },
  grants: [{ role: "operator", groups: ["platform"], people: [], workspaces: ["*"] }],
};
const login: Login = {
  begin: async (back) => ({
    url: `https://id.example/authorize?redirect_uri=${encodeURIComponent(back)}`,
    pending: { state: "s", nonce: "n", verifier: "v" },
  }),
  finish: async () => ({ subject: "s1", email: "dana@acme.example", groups: ["platform"] }),
};

beforeAll(async () => {
  database = await openTestDatabase();
  ledger = createLedger(database);
  for (const key of [A, B])
    await ledger.workspaces.upsert({
      ...{ key, repo: "acme/infra", dir: key.slice(12, 13), name: "default", project: null },
      ...{ kind: "terraform", config: { owners: [`team ${CANARY}`] } },
      refs: {
        desired: { repo: "acme/infra", dir: "a", branch: "main" },
        recorded: { type: "terraform-state", lineage: null, serial: null },
        actual: { type: "providers", sources: [] },
      },
    });
  await ledger.locks.request(A, PULL, "ann", now);
  await ledger.locks.request(B, { repo: "acme/infra", number: 9 }, "bob", now);
  await ledger.locks.request(B, PULL, "ann", now);

  const read = createReadModel(database);
  const redactor = createRedactor();
  redactor.learn(CANARY);
  const note = (name: string) => async (asking: { readonly by: string }) => {
    done.push(`${asking.by} ${name}`);
    return { answer: null, pull: null, queued: [] };
  };
  const acts: Acts = {
    ...actsOf({ ledger, clock } as World, read),
    ...{ onDrift: note("drift"), onPull: note("pull"), look: note("look") },
    ...{ freeze: note("freeze"), unfreeze: note("unfreeze") },
  };
  const sessions: SessionWorld = {
    ...{ access, now: () => now, secure: true },
    ended: { has: async () => false, add: async () => {} },
  };
  const guard: GuardWorld = {
    byToken: (token) => tokenPrincipal({ ledger, clock }, token, null),
    session: (request) => sessionOf(sessions, request),
  };
  app = Fastify();
  addSecurityHeaders(app, { https: true });
  addRedaction(app, (text) => redactor.redact(text));
  addCookies(app, "0".repeat(64));
  const publicUrl = "https://plumbline.example";
  await app.register(accessRoutes({ guard, sessions, login, publicUrl, log: silent }));
  const ask = { read, ...NOTHING_ELSE };
  const once = { requests: ledger.requests, now: () => now };
  const follow = async function* () {};
  await app.register(apiRoutes({ guard, ask, acts, once, follow, version: "0", log: silent }), {
    prefix: API,
  });
});
afterAll(() => ledger.close());
beforeEach(() => {
  done.length = 0;
  now = new Date("2026-03-01T12:00:00Z");
});

const tokenFor = async (role: AccessRole, workspaces: readonly string[], expiresAt: Date | null = null) =>
  createToken({ ledger, clock }, { name: "t", role, workspaces, by: "ops", expiresAt });
const bearer = (text: string) => ({ authorization: `Bearer ${text}` });
const status = async (wish: InjectOptions): Promise<number> => (await app.inject(wish)).statusCode;

type Cookies = Record<string, string>;
const cookiesOf = (answer: { readonly cookies: readonly { name: string; value: string }[] }): Cookies =>
  Object.fromEntries(answer.cookies.map(({ name, value }) => [name, value]));
const logIn = async (before: Cookies = {}): Promise<Cookies> => {
  const begun = await app.inject({ url: "/login", cookies: before });
  const back = await app.inject({
    url: "/login/callback?code=c&state=s",
    cookies: { ...before, ...cookiesOf(begun) },
  });
  return cookiesOf(back);
};
const wordOf = async (cookies: Cookies): Promise<string> =>
  (await app.inject({ url: "/api/me", cookies })).json().csrf;

describe("another site, with a cookie", () => {
  test.each([
    ["no word", {}],
    ["a made-up word", { "x-csrf-token": "x".repeat(32) }],
    ["an empty word", { "x-csrf-token": "" }],
    ["a form's type", { "content-type": "application/x-www-form-urlencoded" }],
    ["a text's type", { "content-type": "text/plain" }],
    [
      "our own origin, claimed",
      { origin: "https://plumbline.example", referer: "https://plumbline.example/" },
    ],
    ["another method in a header", { "x-http-method-override": "GET", "x-method-override": "GET" }],
  ])("changes nothing by %s", async (_what, headers) => {
    const cookies = await logIn();
    const payload = JSON.stringify({ reason: "x" });
    const type = { "content-type": "application/json" };
    const answer = await app.inject({
      ...{ method: "POST", url: `${API}/freeze`, cookies, payload },
      headers: { ...type, ...headers },
    });
    expect([403, 415]).toContain(answer.statusCode);
    expect(done).toEqual([]);
  });

  test("nor by the word of somebody else's session; with its own it is a person's act", async () => {
    const [mine, other] = [await logIn(), await logIn()];
    const post = async (word: string) =>
      status({
        ...{ method: "POST", url: `${API}/freeze`, cookies: mine, payload: { reason: "x" } },
        headers: { "x-csrf-token": word },
      });
    expect(await post(await wordOf(other))).toBe(403);
    expect(done).toEqual([]);
    expect(await post(await wordOf(mine))).toBe(202);
    expect(done).toEqual(["person:dana@acme.example freeze"]);
  });

  test("a session that was fixed before the login is not the one after it", async () => {
    const fixed = await logIn();
    const after = await logIn(fixed);
    expect(after["__Host-plumbline"]).not.toBe(fixed["__Host-plumbline"]);
    expect(await wordOf(after)).not.toBe(await wordOf(fixed));
  });

  test("a login leads to one address, whatever was asked for, and its cookie cannot be planted by a neighbour", async () => {
    for (const more of [
      "?next=https://evil.example",
      "?redirect_uri=//evil.example",
      "?returnTo=/\\evil.example",
    ]) {
      const begun = await app.inject({ url: `/login${more}`, headers: { host: "evil.example" } });
      expect(begun.headers.location).toBe(
        "https://id.example/authorize?redirect_uri=https%3A%2F%2Fplumbline.example%2Flogin%2Fcallback",
      );
      const [cookie] = begun.cookies;
      expect(cookie).toMatchObject({
        name: "__Host-plumbline-login",
        secure: true,
        httpOnly: true,
        path: "/",
      });
      const back = await app.inject({
        ...{ url: `/login/callback${more}&code=c&state=s`, cookies: cookiesOf(begun) },
        headers: { "x-forwarded-host": "evil.example" },
      });
      expect(back.headers.location).toMatch(/^\/(?!\/)[\w/]*$/);
    }
  });
});

describe("a token", () => {
  test("that is over, taken back, cut off or in the address opens nothing", async () => {
    const over = await tokenFor("admin", ["*"], new Date(now.getTime() + 1000));
    const back = await tokenFor("admin", ["*"]);
    const url = `${API}/workspaces`;
    expect(await status({ url, headers: bearer(over.text) })).toBe(200);
    now = new Date(now.getTime() + 1000);
    expect(await status({ url, headers: bearer(over.text) })).toBe(401);
    expect(await status({ url, headers: bearer(back.text.slice(0, -1)) })).toBe(401);
    expect(await status({ url: `${url}?access_token=${back.text}&token=${back.text}` })).toBe(401);
    expect(await status({ url, headers: { cookie: `token=${back.text}` } })).toBe(401);
    expect(await status({ url, headers: { authorization: `Basic ${btoa(`x:${back.text}`)}` } })).toBe(401);
    await revokeToken({ ledger, clock }, back.token.id, "ops");
    expect(await status({ url, headers: bearer(back.text) })).toBe(401);
    // Neither its text nor its hash stands where audit and lists are read.
    const kept = JSON.stringify(await ledger.audit.list({ limit: 100 }));
    expect(kept).not.toContain(back.text.slice(4));
  });

  test("acts in no place that its pattern does not name", async () => {
    const { text } = await tokenFor("operator", ["acme/infra//a#*"]);
    const headers = bearer(text);
    const keys = [
      B,
      "acme/infra//a",
      "acme/infra//ab#default",
      `x${A}`,
      "*",
      "%",
      ".*",
      `${B}\nacme/infra//a#default`,
    ];
    for (const key of keys) {
      const url = `${API}/workspaces/${encodeURIComponent(key)}`;
      expect(await status({ url, headers })).toBe(404);
      expect(await status({ method: "POST", url: `${url}/freeze`, payload: { reason: "x" }, headers })).toBe(
        403,
      );
    }
    const around = `${API}/workspaces/${encodeURIComponent(A)}/..%2F${encodeURIComponent(B)}/freeze`;
    expect(await status({ method: "POST", url: around, payload: { reason: "x" }, headers })).toBe(404);
    expect(done).toEqual([]);
    // A dot in a pattern is a dot.
    const dotted = await tokenFor("viewer", ["acme.infra//a#*"]);
    const url = `${API}/workspaces/${encodeURIComponent(A)}`;
    expect(await status({ url, headers: bearer(dotted.text) })).toBe(404);
  });

  test("unlocks no pull request that also waits where it may not act", async () => {
    const { text } = await tokenFor("operator", ["acme/infra//a#*"]);
    const wish = {
      ...{ method: "POST" as const, url: `${API}/pulls/${encodeURIComponent("acme/infra#3")}/unlock` },
      payload: { reason: "x" },
    };
    expect(await status({ ...wish, headers: bearer(text) })).toBe(403);
    const both = await tokenFor("operator", ["acme/infra//*"]);
    expect(await status({ ...wish, headers: bearer(both.text) })).toBe(202);
    expect(done).toEqual(["token:t pull"]);
  });
});

test("no other way round leads to an answer without a name", async () => {
  const paths = [
    ...["/workspaces", "/audit", "/queue", "/settings", "/runs/run_x/log", "/locks"],
    ...[
      `/workspaces/${encodeURIComponent(A)}`,
      "/workspaces/",
      "//workspaces",
      "/./workspaces",
      "/%77orkspaces",
    ],
  ];
  for (const path of paths)
    for (const method of ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "POST"] as const)
      for (const prefix of [API, API.toUpperCase(), `/x/..${API}`, "/api%2Fv1"]) {
        const forwarded = {
          "x-forwarded-user": "admin",
          "x-forwarded-for": "127.0.0.1",
          forwarded: "for=127.0.0.1",
        };
        const code = await status({ method, url: `${prefix}${path}`, headers: forwarded });
        expect({
          method,
          path: prefix + path,
          code,
          open: ![400, 401, 403, 404, 405, 415].includes(code),
        }).toMatchObject({
          open: false,
        });
      }
});

test("a secret that got into the records is in no answer", async () => {
  const { text } = await tokenFor("viewer", ["*"]);
  for (const url of [`${API}/workspaces`, `${API}/workspaces/${encodeURIComponent(A)}`]) {
    const answer = await app.inject({ url, headers: bearer(text) });
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toContain("team (redacted)");
    expect(answer.body).not.toContain(CANARY);
  }
});
