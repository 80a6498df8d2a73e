import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Fastify, { type FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDatabase } from "../../src/adapters/database.ts";
import { openInstance } from "../../src/adapters/instance.ts";
import { createLedger } from "../../src/adapters/ledger.ts";
import { createReadModel } from "../../src/adapters/read-model.ts";
import { columns } from "../../src/cli/columns.ts";
import type { Principal } from "../../src/model/access.ts";
import { PlumblineError } from "../../src/model/errors.ts";
import type { FreezeSwitch } from "../../src/model/governance.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import { findingOf, marksOf } from "../../src/run/marks.ts";
import type { Acts } from "../../src/web/api/actions.ts";
import { API } from "../../src/web/api/perform.ts";
import { apiRoutes } from "../../src/web/api/routes.ts";
import { silent } from "../contract/engine-bench.ts";
import { openTestDatabase } from "../contract/test-database.ts";
import { NOTHING_ELSE } from "../web/ask-nothing.ts";
import { cli } from "./world.ts";

const KEY = "acme/infra//prod#default";
let dir: string;

let service: FastifyInstance;
const switches = new Map<string, FreezeSwitch>();
let url: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "plumbline-operators-"));
  await openInstance(dir, []);
  const kept = createLedger(await openDatabase({ url: null, dataDir: join(dir, "database") }));
  await furnish(kept);
  await kept.close();
  const database = await openTestDatabase();
  const ledger = createLedger(database);
  await furnish(ledger);
  const read = createReadModel(database);
  const boss: Principal = { name: "boss", kind: "token", grants: [{ role: "admin", workspaces: ["*"] }] };
  const acts: Partial<Acts> = {
    ...marksOf({ ledger, read, clock: { now: () => new Date() } }),
    workspaceOfFinding: async (id) => (await findingOf(read, id)).workspace,
    freeze: async ({ by }, target, reason) => {
      if (target.includes("nowhere"))
        throw new PlumblineError("not-found", `There is no workspace ${target}.`);
      switches.set(target, { target, by, reason, since: new Date() });
      return { answer: null, pull: null, queued: [] };
    },
    unfreeze: async (_asking, target) => {
      switches.delete(target);
      return { answer: null, pull: null, queued: [] };
    },
  };
  service = Fastify();
  await service.register(
    apiRoutes({
      guard: { byToken: async (token) => (token === "plb_x" ? boss : null), session: () => null },
      ask: { read, ...NOTHING_ELSE, freezes: async () => [...switches.values()] },
      follow: async function* () {},
      acts: acts as Acts,
      once: { requests: ledger.requests, now: () => new Date() },
      version: "0",
      log: silent,
    }),
    { prefix: API },
  );
  service.addHook("onClose", () => ledger.close());
  url = await service.listen({ host: "127.0.0.1", port: 0 });
});

const furnish = async (ledger: Ledger): Promise<void> => {
  const then = new Date(Date.now() - 3 * 3_600_000);
  await ledger.workspaces.upsert({
    ...{ key: KEY, repo: "acme/infra", dir: "prod", name: "default", project: null, kind: "terraform" },
    config: { owners: ["@acme/db"] },
    refs: {
      desired: { repo: "acme/infra", dir: "prod", branch: "main" },
      recorded: { type: "terraform-state", lineage: null, serial: null },
      actual: { type: "providers", sources: [] },
    },
  });
  const finding = {
    address: "cloud_box.a",
    path: "size",
    recorded: 1,
    actual: 2,
    desired: 1,
    sensitive: false,
  };
  await ledger.findings.record(KEY, [{ ...finding, cause: "console", fingerprint: "f" }], then);
  await ledger.locks.request(KEY, { repo: "acme/infra", number: 7 }, "ann", then);
  const none = { pull: null, head: null, base: null, trigger: "2026-01-01T00:00Z", requestedBy: "schedule" };
  await ledger.runs.create({ id: "run_1", workspace: KEY, kind: "drift", ...none, createdAt: then });
};
afterAll(async () => {
  await service.close();
  await rm(dir, { recursive: true, force: true });
});

const call = (...argv: readonly string[]) =>
  cli(argv, { env: { PLUMBLINE_SERVER: `${url}/`, PLUMBLINE_TOKEN: "plb_x" } });

test("from the records, with the name of who marks in the audit", async () => {
  const here = (...argv: readonly string[]) => cli([...argv, "--data", dir], { env: { USER: "olga" } });
  expect((await here("status")).out).toMatch(/drifted +acme\/infra\/\/prod#default/);
  expect((await here("drift", "ack", "1", "--note", "on it")).out).toContain("You have 1 in hand.");
  const [entry] = JSON.parse((await here("audit", "list", "--json")).out).entries;
  expect(entry).toMatchObject({ actor: "olga", action: "finding-acknowledged", subject: KEY });
});

test("an operator's unlock takes a reason, frees the queue, and stands in the audit", async () => {
  const here = (...argv: readonly string[]) => cli([...argv, "--data", dir], { env: { USER: "olga" } });
  expect(await here("unlock", "acme/infra#7")).toMatchObject({
    code: 64,
    err: expect.stringContaining("--reason"),
  });
  expect(await here("unlock", "acme/infra", "--reason", "x")).toMatchObject({ code: 64 });
  const freed = await here("unlock", "acme/infra#7", "--reason", "its author has left");
  expect(freed).toMatchObject({ code: 0, out: `released ${KEY}\n` });
  const list = ["audit", "list", "--json", "--subject", "acme/infra#7"];
  const [entry] = JSON.parse((await here(...list)).out).entries;
  expect(entry).toMatchObject({
    ...{ actor: "olga", action: "unlock", subject: "acme/infra#7" },
    details: { workspaces: [KEY], reason: "its author has left" },
  });
});

describe("from a service", () => {
  test("status, runs, show, locks and drift list say what there is", async () => {
    const status = await call("status");
    expect(status.code).toBe(0);
    expect(status.out).toMatch(/^STATE +WORKSPACE +DRIFT/);
    expect(status.out).toMatch(
      /drifted +acme\/infra\/\/prod#default +1 +3h +- +#7 +drift queued 3h +@acme\/db/,
    );
    expect(status.out).toContain("1 drifted");
    expect((await call("status", "nothing")).out).toContain("No workspace.");
    expect((await call("runs")).out).toMatch(/run_1 +queued +drift +acme\/infra/);
    expect((await call("show", "run_1")).out).toContain("run_1: drift of acme/infra//prod#default, queued");
    expect((await call("show", KEY)).out).toContain("locked by acme/infra#7 (ann, 3h)");
    expect((await call("locks")).out).toMatch(/acme\/infra#7 +holds +ann/);
    expect((await call("drift", "list")).out).toMatch(/1 +console +cloud_box\.a\.size +3h/);
    const numbers = (await call("numbers", "--weeks", "2")).out;
    expect(numbers).toMatch(/^NUMBER +MEDIAN +95 OF 100 +OF\noldest drift +3 h/);
    expect(numbers).toMatch(
      /followed through +0 % +0 of 1\n.*\n*.*TEAM +CONSOLE CHANGES +IN WHOLE WEEKS +AS MANY BEFORE\n@acme\/db +1 +\d +not enough data yet/s,
    );
    expect(JSON.parse((await call("numbers", "--json")).out)).toMatchObject({ followedThrough: { of: 1 } });
    expect(await call("numbers", "--weeks", "0")).toMatchObject({ code: 64 });
    for (const words of [["status"], ["runs"], ["locks"], ["drift", "list"]])
      expect(JSON.parse((await call(...words, "--json")).out).items).toHaveLength(1);
  });

  test("a freeze is thrown, seen and lifted in a running service, and in its records", async () => {
    const there = (...argv: readonly string[]) => call("freeze", ...argv);
    const here = (...argv: readonly string[]) =>
      cli(["freeze", ...argv, "--data", dir], { env: { USER: "olga" } });
    expect((await there()).out).toBe("Nothing is frozen.\n");
    expect(await there("on")).toMatchObject({ code: 64, err: expect.stringContaining("--reason") });
    for (const [freeze, by] of [
      [there, "token:boss"],
      [here, "olga"],
    ] as const) {
      const thrown = await freeze("on", "--workspace", KEY, "--reason", "a bad night", "--json");
      expect(JSON.parse(thrown.out).frozen).toMatchObject([{ target: KEY, by, reason: "a bad night" }]);
      expect((await freeze("status")).out).toMatch(
        /^FROZEN +SINCE +BY +WHY\nacme\/infra\/\/prod#default +20\S+ +\S+ +a bad night\n$/,
      );
      expect((await freeze("off", "--workspace", KEY)).out).toBe("Nothing is frozen.\n");
    }
    const unknown = await there("on", "--workspace", "acme/infra//nowhere#default", "--reason", "x");
    expect(unknown).toMatchObject({ code: 64, err: expect.stringContaining("no workspace") });
  });

  test("a finding is marked under one's name; what is wrong is said", async () => {
    const acked = await call("drift", "ack", "1", "--note", "on it", "--json");
    expect(JSON.parse(acked.out)).toMatchObject({ id: 1, acked: { by: "token:boss", note: "on it" } });
    expect(await call("drift", "snooze", "1")).toMatchObject({
      code: 64,
      err: expect.stringContaining("--reason"),
    });
    expect(await call("drift", "snooze", "1", "--for", "60d", "--reason", "x")).toMatchObject({ code: 64 });
    expect((await call("drift", "snooze", "1", "--for", "8h", "--reason", "later")).out).toContain(
      "It stays open.",
    );
    expect((await call("drift", "list")).out).toContain("token:boss has it: on it, snoozed until");
    expect(await call("drift", "ack", "99")).toMatchObject({
      code: 1,
      err: expect.stringContaining("no finding 99"),
    });
    expect(await call("logs", "run_1")).toMatchObject({
      code: 1,
      err: expect.stringContaining("no log of run_1"),
    });
    expect(await call("show", "run_9")).toMatchObject({ code: 1 });
    expect(await call("status", "--sync", "bad")).toMatchObject({ code: 64 });
  });
});

test("a service that is not there, or wants another token, is told from a mistake of one's own", async () => {
  const ask = (server: string, ...argv: readonly string[]) => cli([...argv, "--server", server], { env: {} });
  expect(await ask(url, "runs")).toMatchObject({ code: 1, err: expect.stringContaining("API token") });
  const away = await ask("http://127.0.0.1:1", "runs", "--json");
  expect(JSON.parse(away.out).error.code).toBe("server-unavailable");
  expect((await ask("nowhere", "runs")).code).toBe(64);
});

test("a narrow terminal cuts the widest column; none is obeyed from a cell", () => {
  const table = columns(
    { colours: false, width: 24 },
    ["A", "B"],
    [[{ text: "x".repeat(40) }, { text: "short\u001b[31m" }]],
  );
  for (const line of table.trimEnd().split("\n")) expect(line.length).toBeLessThanOrEqual(24);
  expect(table).toContain("…");
  expect(table).not.toContain("\u001b");
});
