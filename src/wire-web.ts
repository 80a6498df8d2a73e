import { createHmac } from "node:crypto";
import Fastify from "fastify";
import { oidcLogin } from "./adapters/oidc.ts";
import { along } from "./adapters/trail.ts";
import { exposureProblems } from "./config/exposure.ts";
import { receiveWebhook } from "./entry/webhook.ts";
import type { AccessConfig } from "./model/access.ts";
import { PlumblineError } from "./model/errors.ts";
import { pullAddress } from "./report/pull-address.ts";
import { isLive, listTokens, tokenHash, tokenHashPrincipal, tokenPrincipal } from "./run/access-tokens.ts";
import { actsOf } from "./run/acts.ts";
import { channelViews } from "./run/channels.ts";
import { followLog } from "./run/follow-log.ts";
import { freezeSwitches } from "./run/freeze-switch.ts";
import { evidenceOf, noteHandOut } from "./run/hand-out-evidence.ts";
import { readSealedLog } from "./run/log-link.ts";
import { policyOverview } from "./run/policy-overview.ts";
import { readRunLog } from "./run/read-log.ts";
import type { World } from "./run/world.ts";
import { API } from "./web/api/perform.ts";
import { type ApiRoutes, apiRoutes } from "./web/api/routes.ts";
import type { GuardWorld } from "./web/guard.ts";
import { accessRoutes, addCookies } from "./web/login.ts";
import { metricsRoutes } from "./web/metrics.ts";
import { pageRoutes } from "./web/pages/routes.ts";
import { addRedaction } from "./web/redacted-answers.ts";
import { runLogRoutes } from "./web/run-log.ts";
import { addSecurityHeaders } from "./web/security-headers.ts";
import { type SessionWorld, sessionOf } from "./web/session.ts";
import { webhookRoutes } from "./web/webhooks.ts";

export interface OpenWeb {
  /** `http://HOST:PORT`, as bound. */
  readonly url: string;
  close(): Promise<void>;
}

/** Webhooks, logs and logins. Fails with `exposed` where others could reach it and it could not tell who asks; throws `port-taken`. */
export const openWeb = async (world: World): Promise<OpenWeb> => {
  const { server } = world;
  await refuseExposed(world);
  const app = Fastify({
    logger: false,
    genReqId: () => world.newId("req"),
    // A workspace's key is a path, and is encoded as one part of an address.
    routerOptions: { maxParamLength: 2000 },
  });
  // Whatever a request leads to names it.
  app.addHook("onRequest", (request, _reply, done) => along({ request: request.id }, done));
  const https = server.publicUrl?.startsWith("https://") ?? false;
  addSecurityHeaders(app, { https });
  addRedaction(app, (text) => world.redactor.redact(text));
  addCookies(app, createHmac("sha256", world.key).update("cookies").digest("hex"));
  const { sessions, guard } = doorOf(world, { https });
  await app.register(webhooksOf(world));
  await app.register(runLogRoutes({ readLog: (run, seal) => readSealedLog(world, run, seal) }));
  await app.register(accessOf(world, { sessions, guard }));
  const api = apiOf(world, guard);
  await app.register(apiRoutes(api), { prefix: API });
  await app.register(pagesOf(world, api, sessions));
  await app.register(metricsOf(world, guard));
  const { host, port } = server.listen;
  try {
    const url = await app.listen({ host, port });
    return { url, close: () => app.close() };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EADDRINUSE") throw cause;
    throw new PlumblineError("port-taken", `Port ${port} on ${host} is taken.`, { cause });
  }
};

const refuseExposed = async ({ server, ledger, clock }: World): Promise<void> => {
  const tokens = (await listTokens(ledger)).some((token) => isLive(token, clock.now()));
  const problems = exposureProblems(server, tokens);
  if (problems.length === 0) return;
  const list = problems.map((problem) => `- ${problem}`).join("\n");
  throw new PlumblineError(
    "exposed",
    `Others can reach ${server.listen.host}, and this is missing:\n${list}`,
  );
};

const webhooksOf = (world: World): ReturnType<typeof webhookRoutes> => {
  const { ledger, clock, log, server, nudge } = world;
  return webhookRoutes({
    log,
    receive: (request) =>
      receiveWebhook(
        { ledger, clock, log, secrets: server.webhookSecrets, allowlist: server.repoAllowlist, nudge },
        request,
      ),
    ready: async () => {
      await ledger.meta.get("ready");
      return { ok: true, problems: [] };
    },
  });
};

const NO_ACCESS: AccessConfig = { oidc: null, adminToken: null, grants: [], sessionSeconds: 43_200 };

const doorOf = (
  world: World,
  { https }: { readonly https: boolean },
): { readonly sessions: SessionWorld; readonly guard: GuardWorld } => {
  const { server, clock, ledger } = world;
  const access = server.access ?? NO_ACCESS;
  const ended = {
    has: async (id: string) => (await ledger.meta.get(`session-ended:${id}`)) !== undefined,
    // Until its cookie counts no more by itself; then the janitor forgets it.
    add: (id: string) => {
      const until = new Date(clock.now().getTime() + access.sessionSeconds * 1000);
      return ledger.meta.set(`session-ended:${id}`, { until: until.toISOString() });
    },
  };
  const sessions: SessionWorld = {
    ...{ access, now: () => clock.now(), secure: https, ended },
    byTokenHash: (hash) => tokenHashPrincipal(world, hash, access.adminToken),
  };
  const guard: GuardWorld = {
    byToken: (token) => tokenPrincipal(world, token, access.adminToken),
    session: (request) => sessionOf(sessions, request),
  };
  return { sessions, guard };
};

const accessOf = (
  { server, log }: World,
  door: { readonly sessions: SessionWorld; readonly guard: GuardWorld },
): ReturnType<typeof accessRoutes> => {
  const { oidc } = server.access ?? NO_ACCESS;
  const login = oidc && server.publicUrl !== null ? oidcLogin(oidc) : null;
  return accessRoutes({ ...door, login, publicUrl: server.publicUrl ?? "", log });
};

const apiOf = (world: World, guard: GuardWorld): ApiRoutes => {
  const { ledger, read, server, clock, version, log } = world;
  return {
    guard,
    ask: {
      ...{ read, settings: server.settings ?? [], now: () => clock.now() },
      trigger: server.triggerWords[0] ?? "plumbline",
      log: (run, wish) => readRunLog(world, run, wish),
      channels: () => channelViews(server.alerts, ledger),
      policies: (visible) => policyOverview(world, visible),
      freezes: () => freezeSwitches(world),
      evidence: (run) => evidenceOf(world, run),
      evidenceGiven: (by, copy) => noteHandOut(world, by, copy),
    },
    follow: (run, from, signal) => followLog(world, run, from, signal),
    acts: actsOf(world, read),
    once: { requests: ledger.requests, now: () => clock.now() },
    version,
    log,
  };
};

const pagesOf = (world: World, api: ApiRoutes, sessions: SessionWorld): ReturnType<typeof pageRoutes> => {
  const { server, redactor } = world;
  const access = server.access ?? NO_ACCESS;
  return pageRoutes({
    ...api,
    sessions,
    provider: access.oidc !== null && server.publicUrl !== null,
    tokenHash: async (text) =>
      (await tokenPrincipal(world, text, access.adminToken)) ? tokenHash(text) : null,
    redact: (text) => redactor.redact(text),
    pullUrl: (pull) => pullAddress(server.forge, pull),
  });
};

const WEEK_MS = 7 * 86_400_000;

const metricsOf = ({ read, clock }: World, guard: GuardWorld): ReturnType<typeof metricsRoutes> => {
  const now = (): Date => clock.now();
  const numbers = () =>
    read.numbers({ visible: ["*"], from: new Date(now().getTime() - WEEK_MS), now: now() });
  return metricsRoutes({ guard, numbers, now });
};
