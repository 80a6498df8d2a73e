import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../src/adapters/clock.ts";
import type { Database } from "../../src/adapters/database.ts";
import { createLedger } from "../../src/adapters/ledger.ts";
import { PlumblineError } from "../../src/model/errors.ts";
import { HALF_WAY } from "../../src/model/migration.ts";
import type { Run } from "../../src/model/run.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import { createWithLease } from "../../src/queue/lease.ts";
import { abandonState } from "../../src/run/abandon-state.ts";
import type { Asked } from "../../src/run/asked.ts";
import { migrateCommand } from "../../src/run/command-state.ts";
import { frame, type Scratch } from "../../src/run/frame.ts";
import type { PreparedMigrations } from "../../src/run/migration-prepare.ts";
import { takeOn, type Way } from "../../src/run/migration-repair.ts";
import type { Prepared } from "../../src/run/prepare.ts";
import { noteRefusal } from "../../src/run/privileged.ts";
import { planAgain, type Settled } from "../../src/run/settle-run.ts";
import { pushState, refused } from "../../src/run/state-run.ts";
import type { World } from "../../src/run/world.ts";
import { quiet } from "../contract/jobs.ts";
import { openTestDatabase } from "../contract/test-database.ts";
import { frameWorld } from "./frame-world.ts";

const dir = mkdtempSync(join(tmpdir(), "plumbline-state-crash-"));
const pull = { repo: "acme/infra", number: 4 };
let database: Database;
let ledger: Ledger;
let world: World;
let workspace: string;
let runs = 0;
beforeAll(async () => {
  database = await openTestDatabase();
  ledger = createLedger(database);
  const lease = { ledger, clock: systemClock, log: quiet, holder: "a", ttlMs: 60_000 };
  world = {
    ...frameWorld(ledger, dir, createWithLease(lease)),
    forge: {
      pull: async () => ({ ...pull, state: "merged", head: { sha: "h" } }),
    } as unknown as World["forge"],
    newId: () => `run_${++runs}`,
  };
});
afterAll(async () => {
  await database?.close();
  rmSync(dir, { recursive: true, force: true });
});
beforeEach(async () => {
  workspace = `acme/infra//a#${++runs}`;
  const refs = { desired: { repo: pull.repo, dir: "a", branch: "main" }, recorded: {}, actual: {} };
  await ledger.workspaces.upsert({
    ...{ key: workspace, repo: pull.repo, dir: "a", name: String(runs), project: null, kind: "terraform" },
    ...{ refs: refs as never, config: {} },
  });
});

type Body = (scratch: Scratch) => Promise<Settled>;

/** One run that somebody asked for; `dies`: after its effect, before its end is stored. */
const asked = async (trigger: string, body: Body, dies = false): Promise<Run | null> => {
  const id = `run_${++runs}`;
  await ledger.runs.create({
    ...{ id, workspace, kind: "state", pull, head: "h", base: "b", trigger, requestedBy: "ann" },
    ...{ createdAt: new Date(), input: {} },
  });
  await frame(world, id, AbortSignal.any([]), async (scratch) => {
    const settled = await body(scratch).catch((thrown) => refused(world, scratch, thrown));
    if (dies) throw new Error("the process died");
    return settled;
  });
  return ledger.runs.get(id);
};

const audited = async (): Promise<readonly string[]> =>
  (await ledger.audit.list({ subject: workspace })).map(({ action }) => action).toSorted();
const frozen = async () => (await ledger.workspaces.get(workspace))?.frozen?.why;

test("a state push whose end was not kept is done already when it is asked for again, and unfreezes", async () => {
  const state = (more: object) =>
    JSON.stringify({ version: 4, lineage: "l", serial: 7, resources: [], ...more });
  const saved = await world.artifacts.put("runs/rescued", new TextEncoder().encode(state({})));
  await ledger.workspaces.freeze(workspace, "state-unsaved", new Date(), saved);
  let recorded = state({ serial: 6 });
  let pushed = 0;
  const prepared = {
    ...{ call: {}, applyCall: {}, tree: { commit: "c" } },
    engine: {
      recordedState: async () => recorded,
      stateVersion: async () => ({ ...JSON.parse(recorded), format: 4 }),
      statePush: async (_: unknown, file: string) => {
        expect(await audited()).toEqual(["state-push-begun"]);
        recorded = state({ ...JSON.parse(await readFile(file, "utf8")), terraform_version: "1.9.0" });
        pushed += 1;
        return { failed: false };
      },
    },
  } as unknown as Prepared;
  const push: Body = (scratch) => pushState(world, scratch, prepared);

  await asked("state-push", push, true);
  expect(await frozen()).toBe("state-unsaved");
  const own = recorded;
  // Somebody else's state of the same serial is not ours.
  recorded = state({ resources: [{ type: "other" }] });
  expect(await asked("state-push", push)).toMatchObject({
    state: "failed",
    error: { code: "gate-denied" },
  });
  recorded = own;
  expect(await asked("state-push", push)).toMatchObject({ state: "succeeded" });
  expect(await frozen()).toBeUndefined();
  expect(pushed).toBe(1);
  expect(await audited()).toEqual(["state-push-begun", "state-push-refused", "state-pushed"]);
});

test("a rescued state that was overtaken is given up for a reason, and for nothing less", async () => {
  const state = (serial: number, names: readonly string[], lineage = "l") =>
    JSON.stringify({
      ...{ version: 4, lineage, serial },
      resources: names.map((name) => ({
        ...{ mode: "managed", type: "box", name, module: "module.m" },
        instances: [{ index_key: 0 }, { index_key: "b" }],
      })),
    });
  const saved = await world.artifacts.put("runs/overtaken", Buffer.from(state(7, ["kept", "lost"])));
  await ledger.workspaces.freeze(workspace, "state-unsaved", new Date(), saved);
  let recorded: string | null = null;
  const prepared = {
    ...{ call: {}, applyCall: {}, tree: { commit: "c" } },
    engine: {
      recordedState: async () => recorded,
      stateVersion: async () => recorded && JSON.parse(recorded),
    },
  } as unknown as Prepared;
  const abandon = (reason: string) =>
    asked("state-abandon", (scratch) => abandonState(world, scratch, prepared, reason));

  // Nothing is there, an older one, the same one: a push loses nothing.
  for (const one of [null, state(6, []), state(7, ["kept", "lost"])]) {
    recorded = one;
    const refusal = { code: "gate-denied", hint: expect.stringContaining("state push") };
    expect(await abandon("I am sure")).toMatchObject({ state: "failed", error: refusal });
  }
  recorded = state(3, ["kept"], "another");
  expect(await asked("state-push", (scratch) => pushState(world, scratch, prepared))).toMatchObject({
    state: "failed",
    error: {
      message: expect.stringContaining("serial 3 of another"),
      hint: expect.stringContaining("abandon"),
    },
  });
  expect(await abandon("")).toMatchObject({ state: "failed" });
  expect(await frozen()).toBe("state-unsaved");

  expect(await abandon("imported by hand")).toMatchObject({ state: "succeeded" });
  expect(await frozen()).toBeUndefined();
  const [entry] = (await ledger.audit.list({ subject: workspace })).filter(
    ({ action }) => action === "state-abandoned",
  );
  expect(entry).toMatchObject({
    actor: "ann",
    details: {
      ...{ artifact: saved.key, reason: "imported by hand" },
      rescued: { lineage: "l", serial: 7 },
      recorded: { lineage: "another", serial: 3 },
      only: ["module.m.box.lost[0]", 'module.m.box.lost["b"]'],
    },
  });
});

/** A migration half-way, with its failed row in the history, and who mends it. */
const halfWay = async () => {
  await ledger.workspaces.freeze(workspace, HALF_WAY, new Date(), null);
  const apply = `run_${++runs}`;
  await ledger.runs.create({
    ...{ id: apply, workspace, kind: "apply", pull, head: "h", base: "b", trigger: "merge" },
    ...{
      requestedBy: "ann",
      createdAt: new Date(),
      input: { config: { drift: { ignore: [] } }, intent: "merge" },
    },
  });
  const row = { script: "V2__b.sql", statement: 0, version: "2", checksum: "1", statements: 2 };
  await ledger.migrations.put([
    {
      ...{ ...row, run: apply, workspace, state: "failed-partial", transactional: false, attempt: 1 },
      ...{ backend: null, milliseconds: 1, rehearsed: null, message: "it broke", at: new Date() },
    },
  ]);
  const there = { failed: [row.script], sent: [] as string[], fails: null as string | null };
  const repair = async (_: unknown, script: string): Promise<void> => {
    there.failed = there.failed.filter((one) => one !== script);
  };
  const runner = {
    repair,
    look: async () => ({ state: "failed-partial", running: false, entry: null, statements: [], why: "" }),
    plan: async () => ({
      history: { entries: there.failed.map((script) => ({ script, success: false })) },
      problems: [],
      pending: [],
    }),
    compensate: async (call: unknown, script: string) => {
      if (there.fails) throw new PlumblineError("sql-failed", there.fails);
      there.sent.push(script);
      await repair(call, script);
    },
  };
  const prepared = { runner, call: {}, tree: { commit: "c" } } as unknown as PreparedMigrations;
  const state = async () => (await ledger.migrations.of(apply)).map((one) => one.state);
  const ask = (way: Way, dies = false) =>
    asked(way, (scratch) => takeOn(world, scratch, prepared, way), dies);
  return { there, state, ask, apply };
};

test("a compensation whose end was not seen is not sent twice; a repair takes the workspace on", async () => {
  const { there, state, ask } = await halfWay();
  there.fails = "Nothing of it was kept.";
  expect(await ask("migrate-compensate")).toMatchObject({ state: "failed", error: { code: "sql-failed" } });
  there.fails = null;
  await ask("migrate-compensate", true);
  expect(there.sent).toHaveLength(1);
  expect(await state()).toEqual(["failed-partial"]);
  for (const way of ["migrate-compensate", "migrate-resume"] as const)
    expect(await ask(way)).toMatchObject({
      state: "failed",
      error: { message: expect.stringContaining("second time"), hint: expect.stringContaining("repair") },
    });
  expect(there.sent).toHaveLength(1);
  expect(await frozen()).toBe(HALF_WAY);
  expect(await ask("migrate-repair")).toMatchObject({ state: "succeeded" });
  expect(await frozen()).toBeUndefined();
  expect(await state()).toEqual(["failed-clean"]);
  expect(await audited()).toContain("migrate-compensate-begun");
});

test("a repair whose end was not kept is done again, also where no migration is open any more", async () => {
  const { there, state, ask, apply } = await halfWay();
  await ask("migrate-repair", true);
  expect(await state()).toEqual(["failed-partial"]);
  // As an earlier release left it: the ledger has it as ended, the workspace is frozen.
  const rows = await ledger.migrations.of(apply);
  await ledger.migrations.put(rows.map((row) => ({ ...row, state: "failed-clean" })));
  there.failed = ["V2__b.sql"];
  expect(await ask("migrate-compensate")).toMatchObject({ state: "failed" });
  expect(await ask("migrate-repair")).toMatchObject({ state: "succeeded" });
  expect(there).toMatchObject({ failed: [], sent: [] });
  expect(await frozen()).toBeUndefined();
});

test("a repair goes on with the apply that stopped, by its plan and at the commit that was looked at; a compensation does not", async () => {
  const { ask, apply } = await halfWay();
  await ledger.plans.add({
    ...{ run: apply, workspace, pull, head: "h", base: "b", digest: "d", digestParts: {}, summary: {} },
    ...{ planArtifact: null, jsonArtifact: null, createdAt: new Date() },
  });
  const applies = async () =>
    (await ledger.runs.list({ workspace, kind: "apply" })).filter(({ id }) => id !== apply);
  await ask("migrate-repair", true);
  expect(await applies()).toEqual([]);
  expect(await ask("migrate-repair")).toMatchObject({ state: "succeeded" });
  expect(await applies()).toMatchObject([
    {
      state: "queued",
      pull,
      head: "h",
      base: "b",
      requestedBy: "ann",
      result: { commit: "c", intent: "merge" },
    },
  ]);
  await ledger.workspaces.freeze(workspace, HALF_WAY, new Date(), null);
  const rows = await ledger.migrations.of(apply);
  await ledger.migrations.put(rows.map((row) => ({ ...row, state: "failed-partial" })));
  expect(await ask("migrate-compensate")).toMatchObject({ state: "succeeded" });
  expect(await applies()).toHaveLength(1);
});

test("who asked is told that the end was not seen; refused privileged commands are on record", async () => {
  const run = { id: "r", kind: "state", pull, head: "h", requestedBy: "ann", trigger: "state-push" };
  expect(planAgain(run as Run)).toMatchObject([{ job: { kind: "reply", pull } }]);
  const by = { by: "eve", pull };
  for (const command of ["migrate", "plan"] as const)
    await noteRefusal(world, { ...by, command: { command, args: ["repair"] } }, "no");
  expect(await ledger.audit.list({ subject: "acme/infra#4" })).toMatchObject([
    { actor: "eve", action: "migrate-refused", details: { args: ["repair"], why: "no" } },
  ]);
});

test("who names no workspace means what this pull request left half-way; two of them have to be told apart", async () => {
  await halfWay();
  const [first, own] = [workspace, { ...pull, head: { sha: "h" } }];
  const forge = { ...world.forge, permission: async () => "admin" };
  const git = { fetch: async () => {}, resolve: async () => "tip" };
  const answers: string[] = [];
  const say = async (by: typeof own, more: object = {}) => {
    const command = { command: "migrate", args: ["compensate"], ...more } as const;
    const there = { ...world, forge, git } as unknown as World;
    const asking = { command, pull: by, by: "lee", commentId: ++runs } as unknown as Asked;
    const jobs = (await migrateCommand(there, asking)).map(({ job }) => job);
    answers.push(...jobs.flatMap((job) => (job.kind === "reply" ? [job.body] : [])));
    return jobs.flatMap((job) => (job.kind === "state" ? [job.workspace] : []));
  };
  const config = { drift: { ignore: [] } };
  const known = await ledger.workspaces.get(first);
  if (known) await ledger.workspaces.upsert({ ...known, config });
  // An earlier test may have left its own half-way.
  for (const row of await ledger.workspaces.list({}))
    if (row.key !== first) await ledger.workspaces.unfreeze(row.key);
  expect(await say({ ...own, number: 99 })).toEqual([]);
  expect(await say(own)).toEqual([first]);
  workspace = `${first}-other`;
  if (known) await ledger.workspaces.upsert({ ...known, config, key: workspace, dir: "b" });
  await halfWay();
  expect(await say(own)).toEqual([]);
  expect(await say(own, { dir: "b" })).toEqual([workspace]);
  expect(await say({ ...own, number: 99 }, { dir: "a" })).toEqual([first]);
  expect(await say(own, { args: ["again"] })).toEqual([]);
  expect(answers.at(-1)).toContain("`plumbline migrate repair` (once the database was put right by hand");
});
