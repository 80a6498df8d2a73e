import { createHash } from "node:crypto";
import Fastify, { type FastifyInstance } from "fastify";
import { systemClock } from "../../src/adapters/clock.ts";
import type { Database } from "../../src/adapters/database.ts";
import { createLedger } from "../../src/adapters/ledger.ts";
import { createReadModel } from "../../src/adapters/read-model.ts";
import { createRedactor } from "../../src/adapters/redactor.ts";
import type { AccessConfig, Principal } from "../../src/model/access.ts";
import { actorKey } from "../../src/model/alert.ts";
import type { FreezeSwitch } from "../../src/model/governance.ts";
import type { Json } from "../../src/model/json.ts";
import type { Artifacts } from "../../src/ports/artifacts.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import { channelViews } from "../../src/run/channels.ts";
import { followLog } from "../../src/run/follow-log.ts";
import { evidenceOf, noteHandOut } from "../../src/run/hand-out-evidence.ts";
import { createLogWatch } from "../../src/run/log-watch.ts";
import { marksOf } from "../../src/run/marks.ts";
import { readRunLog } from "../../src/run/read-log.ts";
import type { Acts } from "../../src/web/api/actions.ts";
import { API } from "../../src/web/api/perform.ts";
import { type ApiRoutes, apiRoutes } from "../../src/web/api/routes.ts";
import { addCookies } from "../../src/web/login.ts";
import { pageRoutes } from "../../src/web/pages/routes.ts";
import { addSecurityHeaders } from "../../src/web/security-headers.ts";
import { type SessionWorld, sessionOf } from "../../src/web/session.ts";
import { silent } from "../contract/engine-bench.ts";
import { evidence } from "../contract/evidence-sample.ts";
import { openTestDatabase } from "../contract/test-database.ts";
import { CHANNELS, policiesOn } from "./pages-sample.ts";

/** The pages over a small ledger that is real; only the forge behind the acts is a list of what was asked for. */
export interface PagesStage {
  readonly app: FastifyInstance;
  readonly database: Database;
  readonly ledger: Ledger;
  readonly done: string[];
  readonly freezes: FreezeSwitch[];
  /** Lines that a run of the ledger writes, as they are. */
  logGrows(run: string, text: string): Promise<void>;
  close(): Promise<void>;
}

export const A = "acme/infra//network/a#default";
export const B = "acme/infra//data/b#default";
export const SECRET = "hunter2-hunter2-hunter2";
export const now = new Date("2026-03-01T14:00:00Z");
const at = new Date("2026-03-01T12:00:00Z");

const TOKENS: Readonly<Record<string, Principal>> = {
  viewer: { name: "viewer", kind: "token", grants: [{ role: "viewer", workspaces: ["*"] }] },
  elsewhere: { name: "elsewhere", kind: "token", grants: [{ role: "admin", workspaces: ["other/*"] }] },
  admin: { name: "admin", kind: "token", grants: [{ role: "admin", workspaces: ["*"] }] },
};
const ACCESS: AccessConfig = { oidc: null, adminToken: null, grants: [], sessionSeconds: 3600 };

/** What somebody changed by hand; markup and a secret where nothing else is wished for. */
const STRANGE = {
  address: "cloud_box.<i>a</i>",
  path: "size",
  was: 1 as Json,
  is: `<script>${SECRET}` as Json,
};

const BUNDLE = JSON.stringify({ ...evidence, run: "run_a", workspace: A });
const BUNDLES = { get: async () => new TextEncoder().encode(BUNDLE) } as Partial<Artifacts> as Artifacts;
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

export const openPagesStage = async (changed = STRANGE): Promise<PagesStage> => {
  const database = await openTestDatabase();
  const ledger = createLedger(database);
  const read = createReadModel(database, {
    ...{ looks: { schedule: "6h", jitterSeconds: 0 }, now: () => now },
  });
  const redactor = createRedactor();
  redactor.learn(SECRET);
  await fillLedger(ledger, changed);
  const revoked = new Set<string>();
  const byHash = async (name: string) => (revoked.has(name) ? null : (TOKENS[name] ?? null));
  const gone = new Set<string>();
  const ended = { has: async (id: string) => gone.has(id), add: async (id: string) => void gone.add(id) };
  const sessions: SessionWorld = {
    access: ACCESS,
    now: () => now,
    secure: false,
    byTokenHash: byHash,
    ended,
  };
  const done: string[] = [];
  const freezes: FreezeSwitch[] = [];
  const app = Fastify();
  addSecurityHeaders(app, { https: false });
  addCookies(app, "0".repeat(64));
  const logWatch = createLogWatch();
  const logs = { ledger, redactor, logWatch, clock: systemClock, artifacts: {} as Artifacts };
  const api: ApiRoutes = {
    guard: { byToken: byHash, session: (request) => sessionOf(sessions, request) },
    ask: {
      read,
      log: async (run, wish) => {
        const text = `== init\nready\n== plan\n${SECRET} <b>bold</b>\n`;
        const { length } = text;
        return run === "run_b"
          ? { state: "failed", from: 0, next: length, bytes: length, text }
          : readRunLog(logs, run, wish);
      },
      now: () => now,
      settings: [{ key: "policies.timeout", value: 5000, source: "default", from: null }],
      channels: () => channelViews(CHANNELS, ledger),
      policies: async () => [policiesOn(B)],
      freezes: async () => freezes,
      evidence: (run) => evidenceOf({ ledger, artifacts: BUNDLES }, run),
      evidenceGiven: (by, copy) =>
        noteHandOut({ ledger, clock: { ...systemClock, now: () => now } }, by, copy),
    },
    follow: (run, from, signal) => followLog(logs, run, from, signal),
    acts: actsThatTell(done, marksOf({ ledger, read, clock: { now: () => now } }), read),
    once: { requests: ledger.requests, now: () => now },
    log: silent,
    version: "0.0.0",
  };
  await app.register(apiRoutes(api), { prefix: API });
  await app.register(
    pageRoutes({
      ...api,
      sessions,
      provider: false,
      tokenHash: async (text) => (TOKENS[text] ? text : null),
      redact: (text) => redactor.redact(text),
      pullUrl: ({ repo, number }) => `https://forge.example/${repo}/pull/${number}`,
    }),
  );
  return {
    ...{ app, database, ledger, done, freezes },
    logGrows: async (run, text) => {
      await ledger.runLogs.append(run, text);
      logWatch.grown(run);
    },
    close: async () => {
      await app.close();
      await ledger.close();
    },
  };
};

const actsThatTell = (
  done: string[],
  marks: ReturnType<typeof marksOf>,
  read: ReturnType<typeof createReadModel>,
): Acts => {
  const tell = async (by: string, what: string) => {
    done.push(`${by} ${what}`);
    return { answer: `Done: ${what}`, pull: { repo: "acme/infra", number: 3 }, queued: ["publish"] };
  };
  return {
    onDrift: ({ by }, workspace, command) =>
      tell(by, `${command.command} ${workspace} ${JSON.stringify("args" in command ? command.args : [])}`),
    onPull: ({ by }, pull, command) => tell(by, `${command.command} ${pull.repo}#${pull.number}`),
    onBackfill: ({ by }, workspace, verb, name) => tell(by, `backfill ${verb} ${workspace} ${name ?? "*"}`),
    look: ({ by }, workspace) => tell(by, `look ${workspace}`),
    freeze: ({ by }, target, reason) => tell(by, `freeze ${target} ${reason}`),
    unfreeze: ({ by }, target) => tell(by, `unfreeze ${target}`),
    testChannel: ({ by }, name) => tell(by, `test-channel ${name}`),
    ...marks,
    workspaceOfFinding: async (id) => (await read.finding(id))?.workspace ?? "",
    workspacesOfPull: async () => [A],
  };
};

const fillLedger = async (
  ledger: ReturnType<typeof createLedger>,
  { address, path, was, is }: typeof STRANGE,
): Promise<void> => {
  for (const key of [A, B]) {
    const dir = key.slice(12, -8);
    const id = `run_${dir.slice(-1)}`;
    await ledger.workspaces.upsert({
      ...{ key, repo: "acme/infra", dir, name: "default", project: null, kind: "terraform" },
      config: { owners: ["@acme/net"], schedule: key === A ? "20 * * * *" : null },
      refs: {
        desired: { repo: "acme/infra", dir, branch: "main" },
        recorded: { type: "terraform-state", lineage: null, serial: null },
        actual: { type: "providers", sources: [] },
      },
    });
    await ledger.runs.create({
      ...{ id, workspace: key, pull: null, head: "h", base: "b", createdAt: at },
      ...(key === B
        ? { kind: "apply", trigger: "merge", requestedBy: "ann" }
        : { kind: "drift", trigger: "schedule", requestedBy: "schedule" }),
    });
  }
  const value = { address, path, recorded: was, actual: is, desired: was };
  await ledger.findings.record(A, [{ ...value, sensitive: false, cause: "console", fingerprint: "f" }], at);
  await ledger.alerts.put({
    ...{ id: "f:1", fingerprint: "f", workspace: A, severity: "critical", owners: [], title: "t", text: "t" },
    ...{ url: null, who: null, openedAt: at, endedAt: null, ending: null },
  });
  await ledger.meta.set(actorKey(A, { address, path }, "f"), {
    ...{ who: "noor", at: "2026-03-01T11:58:00Z", action: "change" },
    ...{ confidence: "exact", source: "the console's log" },
  });
  await ledger.pulls.put({
    ...{ pull: { repo: "acme/infra", number: 3 }, head: "h", state: "open", deployBranch: true, driftOf: A },
    ...{ commentIds: {}, publishedHash: null, notes: [], updatedAt: at },
  });
  await failRun(ledger);
  await ledger.locks.request(A, { repo: "acme/infra", number: 4 }, "ann", at);
  const kept = { key: "evidence/run_a.json", sha256: sha256(BUNDLE), bytes: BUNDLE.length };
  await ledger.audit.append({
    ...{ at, actor: "ann", action: "applied", subject: A },
    details: { run: "run_a", digest: "pd1:aa", commit: "c", verified: true, evidence: kept },
  });
};

const failRun = async (ledger: ReturnType<typeof createLedger>): Promise<void> => {
  const reason = {
    gate: "not-approved",
    message: "Nobody approved it.",
    wayOut: "Ask an owner for a review.",
  };
  const lease = await ledger.leases.acquire(B, "run_b", "host", at, 1_000);
  await ledger.runs.transition("run_b", { from: ["queued"], to: "running", token: 1, at });
  await ledger.runs.transition("run_b", {
    ...{ from: ["running"], to: "failed", token: 1, at: new Date(at.getTime() + 90_000), logArtifact: "log" },
    error: { code: "gate-denied", message: "Nobody approved it.", hint: "Each gate names its way out." },
    result: {
      denied: [reason],
      policies: {
        ...{ sets: ["base"], warned: [], dryRun: [], excepted: [], ms: 3 },
        denied: [{ set: "base", policy: "main.deny_open", message: "It is open to the world." }],
      },
    },
  });
  const counts = {
    create: 0,
    update: 1,
    delete: 1,
    replace: 0,
    forget: 0,
    read: 0,
    noop: 0,
    move: 0,
    import: 0,
    drift: 0,
  };
  const change = {
    type: "cloud_box",
    provider: "p",
    actions: [],
    stateful: false,
    destructive: false,
    reasons: [],
  };
  const row = {
    path: "size",
    before: "1",
    after: "2",
    sensitive: false,
    unknown: false,
    forcesReplace: false,
  };
  await ledger.plans.add({
    ...{ run: "run_b", workspace: B, pull: null, head: "h", base: "b", digest: "pd1:x", digestParts: {} },
    ...{ planArtifact: null, jsonArtifact: null, createdAt: at, discardedAt: null },
    summary: {
      inspection: {
        formatVersion: "1.2",
        errored: false,
        counts,
        class: "R4",
        changes: [],
        drift: [],
        revertsDrift: [],
      },
      resources: [
        { ...change, address: "module.net.cloud_box.small", action: "update", class: "R1", diff: [row] },
        {
          ...{
            ...change,
            address: "cloud_db.main",
            action: "delete",
            class: "R4",
            stateful: true,
            destructive: true,
          },
          ...{ reasons: [{ rule: "stateful-delete", message: "Its data is lost." }], diff: [] },
        },
      ],
      outputs: [],
    },
  });
  if ("token" in lease) await ledger.leases.release(lease);
};
