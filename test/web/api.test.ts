import { readFile } from "node:fs/promises";
import Ajv2020 from "ajv/dist/2020.js";
import Fastify, { type FastifyInstance, type InjectOptions } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openApiText } from "../../scripts/openapi.ts";
import type { Database } from "../../src/adapters/database.ts";
import { createLedger } from "../../src/adapters/ledger.ts";
import { createReadModel } from "../../src/adapters/read-model.ts";
import type { Principal } from "../../src/model/access.ts";
import { PlumblineError } from "../../src/model/errors.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import type { Acts } from "../../src/web/api/actions.ts";
import { OPERATIONS } from "../../src/web/api/operations.ts";
import { apiRoutes } from "../../src/web/api/routes.ts";
import { metricsRoutes } from "../../src/web/metrics.ts";
import { silent } from "../contract/engine-bench.ts";
import { evidence } from "../contract/evidence-sample.ts";
import { openTestDatabase } from "../contract/test-database.ts";
import { NOTHING_ELSE } from "./ask-nothing.ts";

const tokens: Readonly<Record<string, Principal>> = {
  viewer: { name: "viewer", kind: "token", grants: [{ role: "viewer", workspaces: ["*"] }] },
  operator: {
    name: "operator",
    kind: "token",
    grants: [{ role: "operator", workspaces: ["acme/infra//a#*"] }],
  },
  admin: { name: "admin", kind: "token", grants: [{ role: "admin", workspaces: ["*"] }] },
  nobody: { name: "nobody", kind: "token", grants: [] },
};
const A = "acme/infra//a#default";
const B = "acme/infra//b#default";
const at = new Date("2026-03-01T12:00:00Z");

let app: FastifyInstance;
let ledger: Ledger;
let database: Database;
const done: string[] = [];
const answered = { answer: "Merged.", pull: { repo: "acme/infra", number: 3 }, queued: ["publish"] };
let failing = false;
const evidenceMade: string[] = [];

const act = (name: string) => async (_asking: { readonly by: string }, id: unknown) => {
  if (failing) throw new PlumblineError("forge-unavailable", "The forge is away.");
  done.push(`${_asking.by} ${name} ${typeof id === "string" ? id : JSON.stringify(id)}`);
  return answered;
};

beforeAll(async () => {
  database = await openTestDatabase();
  ledger = createLedger(database);
  const read = createReadModel(database);
  for (const key of [A, B]) {
    const dir = key.slice(12, 13);
    await ledger.workspaces.upsert({
      ...{
        key,
        repo: "acme/infra",
        dir,
        name: "default",
        project: null,
        kind: "terraform",
        config: { owners: [] },
      },
      refs: {
        desired: { repo: "acme/infra", dir, branch: "main" },
        recorded: { type: "terraform-state", lineage: null, serial: null },
        actual: { type: "providers", sources: [] },
      },
    });
    await ledger.runs.create({
      ...{ id: `run_${dir}`, workspace: key, kind: "drift", pull: null, head: "h", base: "b", trigger: "x" },
      ...{ requestedBy: "schedule", createdAt: at },
    });
    const finding = {
      address: "cloud_box.a",
      path: "size",
      recorded: 1,
      actual: 2,
      desired: 1,
      sensitive: false,
    };
    await ledger.findings.record(key, [{ ...finding, cause: "console", fingerprint: `f${dir}` }], at);
  }
  await ledger.locks.request(A, { repo: "acme/infra", number: 3 }, "ann", at);
  await ledger.audit.append({
    ...{ at, actor: "ann", action: "applied", subject: A },
    details: {
      run: "run_a",
      digest: "d",
      commit: "c",
      verified: true,
      evidence: { key: "evidence/run_a.json", sha256: "x", bytes: 2 },
    },
  });
  const acts: Acts = {
    onDrift: async (asking, workspace, command) => act(command.command)(asking, workspace),
    onPull: async (asking, pull, command) => act(command.command)(asking, `${pull.repo}#${pull.number}`),
    onBackfill: async (asking, workspace, verb, name) =>
      act(`backfill-${verb}`)(asking, `${workspace} ${name ?? "*"}`),
    ...{
      testChannel: act("test-channel"),
      look: act("look"),
      freeze: act("freeze"),
      unfreeze: act("unfreeze"),
    },
    acknowledge: async (asking, id) => {
      await act("ack")(asking, id);
      return read.finding(id);
    },
    snooze: async (asking, id) => {
      await act("snooze")(asking, id);
      return read.finding(id);
    },
    workspaceOfFinding: async (id) => (await read.finding(id))?.workspace ?? "",
    workspacesOfPull: async () => [A],
  };
  app = Fastify();
  await app.register(
    apiRoutes({
      guard: { byToken: async (token) => tokens[token] ?? null, session: () => null },
      ask: {
        ...{ ...NOTHING_ELSE, read },
        evidence: async (run) => {
          evidenceMade.push(run);
          return {
            ...{ evidence, text: "{}", sha256: "x", problems: [] },
            audit: await ledger.audit.list({ subject: run === "run_a" ? A : B }),
          };
        },
        log: async (run) =>
          run === "run_a" ? { state: "succeeded", from: 0, next: 8, bytes: 8, text: "== plan\n" } : null,
        settings: [{ key: "mode", value: "enforce", source: "default", from: null }],
      },
      follow: async function* (run, from) {
        yield { run, state: "running" as const, from, next: 8, bytes: 8, text: "== plan\n".slice(from) };
        yield { run, state: "succeeded" as const, from: 8, next: 16, bytes: 16, text: "a\rb\n== end" };
      },
      acts,
      once: { requests: ledger.requests, now: () => at },
      version: "0.0.0",
      log: silent,
    }),
    { prefix: "/api/v1" },
  );
});
afterAll(() => ledger.close());

const get = (url: string, token = "admin", headers: Record<string, string> = {}) =>
  app.inject({ url: `/api/v1${url}`, headers: { authorization: `Bearer ${token}`, ...headers } });
const post = (url: string, payload: object, token = "admin", headers: Record<string, string> = {}) =>
  app.inject({
    ...({ method: "POST", url: `/api/v1${url}`, payload } satisfies InjectOptions),
    headers: { authorization: `Bearer ${token}`, ...headers },
  });
const coded = (key: string): string => encodeURIComponent(key);

describe("questions", () => {
  test("every one answers as its schema says", async () => {
    const [finding] = (await get(`/findings?workspace=${coded(A)}`)).json().items;
    const ids: Record<string, string> = {
      ...{ workspace: coded(A), run: "run_a", "run-log": "run_a", "run-log-search": "run_a" },
      "evidence-bundle": "run_a",
      finding: String(finding.id),
    };
    for (const { name, path, answer } of OPERATIONS) {
      const query = name === "run-log-search" ? "?q=a" : "";
      const reply = await get(path.replace("{id}", ids[name] ?? "") + query);
      expect([name, reply.statusCode]).toEqual([name, 200]);
      expect([name, answer.safeParse(reply.json()).error]).toEqual([name, undefined]);
    }
  });

  test("whoever sees some workspaces sees nothing of the others, not even that they are there", async () => {
    const see = async (url: string): Promise<unknown> => (await get(url, "operator")).json();
    expect(await see("/workspaces")).toMatchObject({ items: [{ key: A }], totals: { drifted: 1 } });
    expect(await see("/runs")).toMatchObject({ items: [{ id: "run_a" }] });
    expect(await see("/findings")).toMatchObject({ items: [{ workspace: A }] });
    for (const url of [
      `/workspaces/${coded(B)}`,
      "/runs/run_b",
      "/runs/run_b/log",
      "/runs/run_b/log/search?q=a",
      "/evidence/run_b",
      `/evidence/${coded(B)}`,
      "/workspaces/x",
      "/findings/x",
    ]) {
      const reply = await get(url, "operator");
      expect([url, reply.statusCode]).toEqual([url, 404]);
      expect(reply.json()).toMatchObject({ code: "not-found", status: 404 });
    }
    expect(evidenceMade).not.toContainEqual(expect.stringMatching(/run_b|#/));
    expect((await get("/settings", "operator")).statusCode).toBe(403);
    expect((await get("/workspaces", "nobody")).statusCode).toBe(403);
    expect((await get("/workspaces", "wrong")).statusCode).toBe(401);
  });

  test("lists go on where they ended, and what is wrong is said as a problem", async () => {
    const first = (await get("/workspaces?limit=1")).json();
    const second = (await get(`/workspaces?limit=1&cursor=${first.next}`)).json();
    expect([first.items[0].key, second.items[0].key, second.next]).toEqual([A, B, null]);
    for (const url of [
      "/workspaces?limit=0",
      "/workspaces?sync=bad",
      "/workspaces?cursor=bad",
      "/runs?pull=7",
    ]) {
      const reply = await get(url);
      expect([url, reply.statusCode]).toEqual([url, 400]);
      expect(reply.headers["content-type"]).toContain("application/problem+json");
    }
    expect((await get("/nothing")).json()).toMatchObject({ status: 404, title: "Not found" });
  });

  test("what did not change is not sent again", async () => {
    const { headers } = await get("/locks");
    const again = await get("/locks", "admin", { "if-none-match": String(headers["etag"]) });
    expect([again.statusCode, again.body]).toEqual([304, ""]);
    expect((await get("/locks", "admin", { "if-none-match": '"other"' })).statusCode).toBe(200);
  });
});

test("a log is followed by server-sent events, from where it was left, by who may see it", async () => {
  const follow = (token: string, headers: Record<string, string> = {}, query = "") =>
    get(`/runs/run_a/log/stream${query}`, token, headers);
  const { headers, body } = await follow("operator");
  expect(headers["content-type"]).toContain("text/event-stream");
  expect(body.split("\n\n")).toEqual([
    "retry: 1000",
    "id: 8\nevent: log\ndata: == plan",
    "id: 16\nevent: log\ndata: a\ndata: b\ndata: == end",
    'id: 16\nevent: end\ndata: {"state":"succeeded"}',
    "",
  ]);
  expect((await follow("operator", { "last-event-id": "3" })).body).toContain("data: plan\n");
  expect((await follow("operator", {}, "?from=3")).body).toContain("data: plan\n");
  expect((await follow("operator", {}, "?from=x")).statusCode).toBe(400);
  expect((await get("/runs/run_b/log/stream", "operator")).statusCode).toBe(404);
  expect((await follow("nobody")).statusCode).toBe(404);
  expect((await follow("wrong")).statusCode).toBe(401);
});

describe("actions", () => {
  test("take their role on all that they are about", async () => {
    done.length = 0;
    expect(
      (await post(`/workspaces/${coded(A)}/ignore`, { targets: ["a"], reason: "b" }, "viewer")).statusCode,
    ).toBe(403);
    expect((await post(`/workspaces/${coded(B)}/drift`, {}, "operator")).statusCode).toBe(403);
    // Merging and applying take an approver.
    expect((await post(`/workspaces/${coded(A)}/formalize`, {}, "operator")).statusCode).toBe(403);
    expect((await post(`/workspaces/${coded(A)}/revert`, {}, "operator")).statusCode).toBe(403);
    expect((await post("/freeze", { reason: "x" }, "operator")).statusCode).toBe(403);
    const [{ id }] = (await get(`/findings?workspace=${coded(B)}`)).json().items;
    expect((await post(`/findings/${id}/ack`, {}, "operator")).statusCode).toBe(403);
    expect(done).toEqual([]);
    expect((await post(`/workspaces/${coded(A)}/drift`, {}, "operator")).json()).toEqual(answered);
    expect((await post(`/findings/${id}/snooze`, { for: "8h", reason: "later" })).statusCode).toBe(202);
    const unlock = `/pulls/${coded("acme/infra#3")}/unlock`;
    expect((await post(unlock, {}, "operator")).statusCode).toBe(400);
    expect((await post(unlock, { reason: "left behind" }, "operator")).statusCode).toBe(202);
    expect(done).toEqual([
      `token:operator look ${A}`,
      `token:admin snooze ${id}`,
      "token:operator unlock acme/infra#3",
    ]);
  });

  test("a body is read strictly", async () => {
    const url = `/workspaces/${coded(A)}/ignore`;
    for (const body of [{}, { targets: [], reason: "x" }, { targets: ["a"], reason: "x", for: "soon" }])
      expect((await post(url, body)).statusCode).toBe(400);
    const broken = await app.inject({
      ...{ method: "POST", url: `/api/v1${url}`, payload: "{" },
      headers: { authorization: "Bearer admin", "content-type": "application/json" },
    });
    expect(broken.json()).toMatchObject({ code: "wrong-arguments", status: 400 });
  });

  test("under one key a thing is done once", async () => {
    done.length = 0;
    const url = `/workspaces/${coded(A)}/drift`;
    const key = { "idempotency-key": "k1" };
    const first = await post(url, {}, "admin", key);
    const second = await post(url, {}, "admin", key);
    expect(second.json()).toEqual(first.json());
    expect([first.headers["idempotent-replayed"], second.headers["idempotent-replayed"]]).toEqual([
      undefined,
      "true",
    ]);
    expect(done).toHaveLength(1);
    // Another one's key is another key; another request under the same one is refused.
    expect((await post(url, {}, "operator", key)).headers["idempotent-replayed"]).toBeUndefined();
    expect((await post("/unfreeze", {}, "admin", key)).statusCode).toBe(400);
    failing = true;
    const away = await post(url, {}, "admin", { "idempotency-key": "k2" });
    failing = false;
    expect([away.statusCode, away.json().code]).toEqual([503, "forge-unavailable"]);
    expect((await post(url, {}, "admin", { "idempotency-key": "k2" })).statusCode).toBe(202);
  });
});

test("numbers for Prometheus, for who may view everything, without unbounded labels; rules and dashboard name what is there", async () => {
  const own = Fastify();
  const read = createReadModel(database);
  await own.register(
    metricsRoutes({
      guard: { byToken: async (token) => tokens[token] ?? null, session: () => null },
      numbers: () => read.numbers({ visible: ["*"], from: new Date(0), now: at }),
      now: () => at,
    }),
  );
  const scrape = (token: string) =>
    own.inject({ url: "/metrics", headers: { authorization: `Bearer ${token}` } });
  expect((await own.inject("/metrics")).statusCode).toBe(401);
  expect((await scrape("operator")).statusCode).toBe(403);
  await createLedger(database).alerts.channelFailed(
    "chat",
    { error: "no", refused: false },
    new Date(at.getTime() - 60_000),
  );
  const { body } = await scrape("viewer");
  expect(body).toContain('plumbline_alert_channel_failing_seconds{channel="chat"} 60');
  expect(body).toContain('plumbline_workspaces{sync="drifted"} 2');
  expect(body).toContain('plumbline_findings_open{cause="console"} 2');
  expect(body).not.toMatch(/acme|run_a/);
  for (const file of ["prometheus-rules.yaml", "grafana-dashboard.json"]) {
    const text = await readFile(new URL(`../../deploy/${file}`, import.meta.url), "utf8");
    const named = new Set(text.match(/\bplumbline_[a-z0-9_]+/g));
    expect(named.size).toBeGreaterThan(3);
    for (const name of named) expect(body, `${file} names ${name}`).toContain(`# TYPE ${name} `);
  }
});

test("the OpenAPI document is the one of these schemas, and each of its own stands as JSON schema", async () => {
  const kept = await readFile(new URL("../../docs/openapi.json", import.meta.url), "utf8");
  expect(kept, "node scripts/openapi.ts writes it anew").toBe(openApiText());
  const document = (await get("/openapi.json")).json();
  expect(document.paths["/workspaces/{id}/formalize"].post.operationId).toBe("formalize");
  const ajv = new Ajv2020.default({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: "openapi", components: document.components });
  for (const name of Object.keys(document.components.schemas))
    ajv.getSchema(`openapi#/components/schemas/${name}`);
});
