import Fastify, { type FastifyInstance } from "fastify";
import { createReadModel } from "../../src/adapters/read-model.ts";
import type { AccessConfig, Principal } from "../../src/model/access.ts";
import type { Backfills } from "../../src/ports/backfills.ts";
import type { BackfillRow } from "../../src/ports/ledger-backfills.ts";
import { actsOf } from "../../src/run/acts.ts";
import type { World } from "../../src/run/world.ts";
import { API } from "../../src/web/api/perform.ts";
import { type ApiRoutes, apiRoutes } from "../../src/web/api/routes.ts";
import { addCookies } from "../../src/web/login.ts";
import { pageRoutes } from "../../src/web/pages/routes.ts";
import { type SessionWorld, sessionOf } from "../../src/web/session.ts";
import { BACKFILL_KEY, BACKFILL_NAME, backfillWorld } from "../child/backfill-world.ts";
import { silent } from "../contract/engine-bench.ts";
import { openTestDatabase } from "../contract/test-database.ts";
import { NOTHING_ELSE } from "./ask-nothing.ts";

const principal = (
  name: string,
  role: "viewer" | "operator" | "approver",
  workspaces: string,
): Principal => ({
  ...{ name, kind: "token", grants: [{ role, workspaces: [workspaces] }] },
});
const TOKENS: Readonly<Record<string, Principal>> = {
  viewer: principal("viewer", "viewer", "*"),
  operator: principal("operator", "operator", "*"),
  elsewhere: principal("elsewhere", "approver", "other/*"),
  plb_dana: principal("dana", "approver", "acme/shop//*"),
};
const ACCESS: AccessConfig = { oidc: null, adminToken: null, grants: [], sessionSeconds: 3600 };

/** One backfill that was approved, behind the API and the pages of a service that listens; its words are the real ones. */
export const openBackfillStage = async (backfills: Backfills) => {
  const database = await openTestDatabase();
  const stage = await backfillWorld(database, { target: "pglite:", backfills });
  const forge = { pull: async (ref: object) => ({ ...ref, head: { sha: "c1" } }) };
  const world = { ...stage.world, forge } as unknown as World;
  const read = createReadModel(database);
  const now = () => new Date();
  const byHash = async (name: string) => TOKENS[name] ?? null;
  const ended = { has: async () => false, add: async () => {} };
  const sessions: SessionWorld = { access: ACCESS, now, secure: false, byTokenHash: byHash, ended };
  const app = Fastify();
  addCookies(app, "0".repeat(64));
  const api: ApiRoutes = {
    guard: { byToken: byHash, session: (request) => sessionOf(sessions, request) },
    ask: { ...NOTHING_ELSE, read },
    follow: async function* () {},
    acts: actsOf(world, read),
    once: { requests: world.ledger.requests, now },
    ...{ log: silent, version: "0" },
  };
  await app.register(apiRoutes(api), { prefix: API });
  await app.register(
    pageRoutes({
      ...{ ...api, sessions, provider: false, pullUrl: () => null, redact: (text) => text },
      tokenHash: async (text) => (TOKENS[text] ? text : null),
    }),
  );
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  return { ...stage, world, app, url, ...handsOf(app), stand: standing(world), close: closing(app, stage) };
};

const closing = (app: FastifyInstance, stage: { readonly close: () => Promise<void> }) => async () => {
  await app.close();
  await stage.close();
};

/** Puts it where a test wants it, whatever happened before. */
const standing =
  ({ ledger }: World) =>
  async (set: Partial<BackfillRow>): Promise<void> => {
    const from = ["waiting", "running", "paused", "stopped", "done", "cancelled"] as const;
    const bare = { reason: null, wish: null, token: 0, dead: 0, leftOut: [], throttle: null, endedAt: null };
    await ledger.backfills.change(BACKFILL_KEY, BACKFILL_NAME, { from, set: { ...bare, ...set } });
  };

const handsOf = (app: FastifyInstance) => ({
  post: (path: string, payload: object, token = "plb_dana", headers: Record<string, string> = {}) =>
    app.inject({
      ...{ method: "POST" as const, url: `${API}${path}`, payload },
      headers: { authorization: `Bearer ${token}`, ...headers },
    }),
  get: (url: string, token = "plb_dana") =>
    app.inject({ url, headers: { authorization: `Bearer ${token}` } }),
  submit: (url: string, form: Record<string, string>, cookies: Record<string, string> = {}) =>
    app.inject({
      ...{ method: "POST" as const, url, cookies, payload: new URLSearchParams(form).toString() },
      headers: { "content-type": "application/x-www-form-urlencoded" },
    }),
});
