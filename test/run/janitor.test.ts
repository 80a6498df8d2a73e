import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createDirectoryArtifacts } from "../../src/adapters/artifacts-directory.ts";
import { createLedger } from "../../src/adapters/ledger.ts";
import { localFiles } from "../../src/adapters/local-files.ts";
import { DEFAULT_RETENTION, type Retention, type ServerConfig } from "../../src/model/config.ts";
import type { RunKind, RunState } from "../../src/model/run.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import { evidenceKey } from "../../src/run/evidence-key.ts";
import { janitor } from "../../src/run/janitor.ts";
import { createHandClock } from "../contract/hand-clock.ts";
import { quiet } from "../contract/jobs.ts";
import { openTestDatabase } from "../contract/test-database.ts";

const DAY = 24 * 3_600_000;
// Files are written at the machine's time, so that the hand clock begins there.
const start = new Date();
const dataDir = mkdtempSync(join(tmpdir(), "plumbline-janitor-"));
const artifacts = createDirectoryArtifacts(join(dataDir, "artifacts"), [new Uint8Array(32).fill(1)]);
let ledger: Ledger;
let workspace: string;
let count = 0;

beforeAll(async () => {
  ledger = createLedger(await openTestDatabase());
});
afterAll(async () => {
  await ledger?.close();
  rmSync(dataDir, { recursive: true, force: true });
});
beforeEach(async () => {
  count += 1;
  workspace = `acme/infra//dir${count}#default`;
  await ledger.workspaces.upsert({
    ...{ key: workspace, repo: "acme/infra", dir: `dir${count}`, name: "default", project: null },
    ...{ kind: "terraform", refs: {} as never, config: {} },
  });
});

const pullOf = (number: number) => ({ repo: "acme/infra", number });

/** A run with a log and a plan file, brought to `state` a second after `start`. */
const run = async (
  id: string,
  given: { kind?: RunKind; state?: RunState; pull?: number; second?: number; evidence?: boolean } = {},
): Promise<string> => {
  const { kind = "plan", state = "succeeded", pull = 1000 + count, second = 0 } = given;
  const full = `${id}_${count}`;
  const at = new Date(start.getTime() + second * 1000);
  const base = { head: "h", base: "b", trigger: "event", requestedBy: "dana", createdAt: at };
  await ledger.runs.create({ ...base, id: full, workspace, kind, pull: pullOf(pull) });
  const lease = await ledger.leases.acquire(workspace, full, "p", at, 1);
  if ("heldBy" in lease) throw new Error("busy");
  const log = await artifacts.put(`runs/${full}/log.txt`, Buffer.from("log"));
  const logArtifact = JSON.stringify({ ...log });
  const token = lease.token;
  await ledger.runs.transition(full, { from: ["queued"], to: "running", token, at });
  if (state === "unknown")
    await ledger.runs.transition(full, { from: ["running"], to: "apply-started", token, at });
  await ledger.runs.transition(full, {
    from: ["running", "apply-started"],
    to: state,
    token,
    at,
    logArtifact,
  });
  if (state !== "unknown") await ledger.leases.release(lease);
  const jsonArtifact = await artifacts.put(`runs/${full}/plan.json`, Buffer.from("plan"));
  await ledger.plans.add({
    ...{ run: full, workspace, pull: pullOf(pull), head: "h", base: "b", digest: "d", digestParts: {} },
    ...{ summary: {}, planArtifact: null, jsonArtifact, createdAt: at },
  });
  if (given.evidence) await artifacts.put(`evidence/${full}.json`, Buffer.from("{}"));
  return full;
};

const tidy = (days: number, retention: Partial<Retention> = {}) => {
  const clock = createHandClock(start);
  clock.turn(days * DAY + 60_000);
  const server = {
    dataDir,
    alerts: [],
    retention: { ...DEFAULT_RETENTION, ...retention },
  } as unknown as ServerConfig;
  return janitor({ ledger, artifacts, clock, server, files: localFiles({ dataDir }), log: quiet });
};

const left = async (id: string): Promise<readonly string[]> => {
  const keys: string[] = [];
  for await (const { key } of artifacts.list(`runs/${id}/`)) keys.push(key.slice(`runs/${id}/`.length));
  for await (const { key } of artifacts.list(`evidence/${id}`)) keys.push(key.split("/")[0] ?? "");
  return keys.sort();
};

test("each kind goes after its own time, and the ledger forgets it first", async () => {
  const old = await run("old");
  await run("newest", { second: 1 });
  await tidy(29);
  expect(await left(old)).toEqual(["log.txt", "plan.json"]);
  await tidy(31);
  expect(await left(old)).toEqual(["log.txt"]);
  expect(await ledger.plans.ofRun(old)).toMatchObject({ jsonArtifact: null });
  await tidy(91);
  expect(await left(old)).toEqual([]);
  expect(await ledger.runs.get(old)).toMatchObject({ logArtifact: null, state: "succeeded" });
  await tidy(364);
  expect(await ledger.runs.get(old)).not.toBeNull();
  await tidy(366);
  expect([await ledger.runs.get(old), await ledger.plans.ofRun(old)]).toEqual([null, null]);
});

test("the newest of each kind in a workspace stays", async () => {
  const plan = await run("plan");
  const drift = await run("drift", { kind: "drift" });
  await tidy(3000);
  expect([await left(plan), await left(drift)]).toEqual([
    ["log.txt", "plan.json"],
    ["log.txt", "plan.json"],
  ]);
});

test("an open pull request, a lock, a freeze and an apply in doubt keep what is theirs", async () => {
  const all = ["log.txt", "plan.json"];
  const open = await run("open", { pull: 100 });
  const locked = await run("locked", { pull: 101 });
  await run("newer", { second: 1, pull: 102 });
  await ledger.pulls.put({
    ...{ pull: pullOf(100), head: "h", state: "open", deployBranch: true, driftOf: null, commentIds: {} },
    ...{ publishedHash: null, notes: [], updatedAt: start },
  });
  await ledger.locks.request(workspace, pullOf(999), "lee", start);
  await ledger.locks.request(workspace, pullOf(101), "dana", start);
  await tidy(3000);
  expect([await left(open), await left(locked)]).toEqual([all, all]);
  await ledger.locks.releaseAll(pullOf(101));
  await ledger.workspaces.freeze(workspace, "state-unsaved", start, null);
  await tidy(3000);
  expect(await left(locked)).toEqual(all);
  await ledger.workspaces.unfreeze(workspace);
  const doubtful = await run("doubtful", { kind: "apply", state: "unknown", second: 2, pull: 103 });
  await run("later", { kind: "plan", second: 3, pull: 102 }).catch(() => {});
  await tidy(3000);
  expect([await left(locked), await left(doubtful)]).toEqual([all, all]);
  const lease = await ledger.leases.get(workspace);
  if (!lease) throw new Error("no lease");
  await ledger.runs.transition(doubtful, { from: ["unknown"], to: "failed", token: lease.token, at: start });
  await ledger.leases.release(lease);
  await tidy(3000);
  expect([await left(locked), await left(open)]).toEqual([[], all]);
});

test("evidence stays for ever unless told, and with it what it speaks of", async () => {
  const applied = await run("applied", { kind: "apply", evidence: true });
  await run("again", { kind: "apply", second: 1, evidence: true });
  await tidy(3000);
  expect(await left(applied)).toEqual(["evidence", "log.txt", "plan.json"]);
  expect(await ledger.runs.get(applied)).not.toBeNull();
  await tidy(1001, { evidenceMs: 1000 * DAY });
  expect(await left(applied)).toEqual([]);
  expect(await ledger.runs.get(applied)).toBeNull();
});

test("what a look has found is its run's evidence too; a draft goes once it is of no use", async () => {
  const looked = await run("looked", { kind: "apply" });
  await run("after", { kind: "apply", second: 1 });
  const doubtful = await run("indoubt", { kind: "apply", state: "unknown", second: 2 });
  await artifacts.put(evidenceKey(looked, "look_1"), Buffer.from("{}"));
  for (const id of [looked, doubtful]) await artifacts.put(`runs/${id}/draft.json`, Buffer.from("{}"));
  await tidy(29);
  expect(await left(looked)).toEqual(["draft.json", "evidence", "log.txt", "plan.json"]);
  await tidy(3000);
  expect(await left(doubtful)).toContain("draft.json");
  const lease = await ledger.leases.get(workspace);
  if (!lease) throw new Error("no lease");
  await ledger.runs.transition(doubtful, { from: ["unknown"], to: "failed", token: lease.token, at: start });
  await ledger.leases.release(lease);
  await tidy(3000);
  expect(await left(looked)).toEqual(["evidence", "log.txt", "plan.json"]);
  await tidy(1001, { evidenceMs: 1000 * DAY });
  expect(await left(looked)).toEqual([]);
  expect(await ledger.runs.get(looked)).toBeNull();
});

test("what a fact of the ledger names stays, and so does what nobody knows", async () => {
  const proof = await run("proof", { kind: "drift" });
  await run("next", { kind: "drift", second: 1 });
  const ref = await artifacts.put(`runs/${proof}/drift-code.json`, Buffer.from("{}"));
  await ledger.meta.set(`drift-code:${workspace}`, { ref: { ...ref } });
  await artifacts.put(`runs/${proof}/errored.tfstate`, Buffer.from("the only copy"));
  await artifacts.put(`other/${count}`, Buffer.from("?"));
  const orphan = `orphan_${count}`;
  await artifacts.put(`runs/${orphan}/log.txt`, Buffer.from("its row is gone"));
  await tidy(3000);
  expect(await left(proof)).toEqual(["drift-code.json", "errored.tfstate", "log.txt", "plan.json"]);
  expect(await left(orphan)).toEqual([]);
  await ledger.meta.set(`drift-code:${workspace}`, null);
  await tidy(3000);
  expect(await left(proof)).toEqual(["errored.tfstate"]);
  const others: string[] = [];
  for await (const { key } of artifacts.list("other/")) others.push(key);
  expect(others).toEqual([`other/${count}`]);
});

test("ended findings go, open ones stay", async () => {
  const finding = {
    address: "a.b",
    cause: "console" as const,
    sensitive: false,
    recorded: 1,
    actual: 2,
    desired: 1,
  };
  const both = ["x", "y"].map((path) => ({ ...finding, path, fingerprint: path }));
  await ledger.findings.record(workspace, both, start);
  await ledger.findings.end(workspace, ["x"], "reverted", start);
  await tidy(364);
  expect(await ledger.findings.history(workspace, 9)).toHaveLength(1);
  await tidy(366);
  expect(await ledger.findings.history(workspace, 9)).toEqual([]);
  expect(await ledger.findings.open(workspace)).toMatchObject([{ path: "y" }]);
});

test("the engine's folder of a workspace that left the code goes, unless an apply left its mark", async () => {
  const files = localFiles({ dataDir });
  const folder = await files.dataDir(workspace);
  await tidy(3000);
  expect(existsSync(folder)).toBe(true);
  await ledger.workspaces.markRemoved(workspace, start);
  await writeFile(join(folder, "apply.json"), "{}");
  await tidy(3000);
  expect(existsSync(folder)).toBe(true);
  await files.forgetApply(workspace);
  await tidy(29);
  expect(existsSync(folder)).toBe(true);
  await tidy(31);
  expect(existsSync(folder)).toBe(false);
});

test("small facts go long after what they speak of has ended; of what goes on or nobody knows, they stay", async () => {
  const [open, closed, locked] = [pullOf(201), pullOf(202), pullOf(203)];
  for (const pull of [open, closed, locked])
    await ledger.pulls.put({
      ...{ pull, head: "h", state: pull === open ? "open" : "merged", deployBranch: true, driftOf: null },
      ...{ commentIds: {}, publishedHash: null, notes: [], updatedAt: start },
    });
  await ledger.locks.request(workspace, locked, "dana", start);
  const at = start.toISOString();
  const finding = { address: "a.b", path: "z", cause: "console" as const, sensitive: false };
  const values = { recorded: 1, actual: 2, desired: 1 };
  await ledger.findings.record(workspace, [{ ...finding, ...values, fingerprint: "still open" }], start);
  const gone = `acme/infra//gone${count}#default`;
  await ledger.workspaces.upsert({
    ...{ key: gone, repo: "acme/infra", dir: `gone${count}`, name: "default", project: null },
    ...{ kind: "terraform", refs: {} as never, config: {} },
  });
  await ledger.workspaces.markRemoved(gone, start);
  const stay = {
    "statuses:acme/infra#201": {},
    "claim:acme/infra#203": {},
    "statuses:acme/infra#2": {},
    "command:acme/infra:1": { at, pull: "acme/infra#201" },
    "command:acme/infra:2": "done",
    [`alert:still open:${at}:opened`]: at,
    [`drift-code:${workspace}`]: { ref: 1 },
    [`tip:acme/infra`]: "abc",
    [`api-token:hash`]: { createdAt: at },
    [`actor:${workspace}:a.b:z:still open`]: { who: "ann" },
    "session-ended:next-year": { until: new Date(start.getTime() + 400 * DAY).toISOString() },
  };
  const go = {
    "statuses:acme/infra#202": {},
    "edit-proof:acme/infra#202": {},
    "command:acme/infra:3": { at, pull: "acme/infra#202" },
    "command:acme/infra:4": { at, pull: "acme/infra#never-seen" },
    [`alert:ended:${at}:opened`]: at,
    [`alert:ended:${at}:opened:webhook`]: at,
    [`drift-pull:${gone}`]: null,
    "session-ended:a": { until: new Date(start.getTime() + 365 * DAY).toISOString() },
    "merged:acme/infra#202": at,
  };
  // Nothing waits for the end of these.
  const soon = {
    [`actor:${workspace}:a.b:z:ended`]: { who: "ann" },
    "session-ended:b": { until: new Date(start.getTime() + DAY).toISOString() },
  };
  for (const [key, value] of Object.entries(soon)) await ledger.meta.set(key, value);
  expect(await tidy(2)).toMatchObject({ facts: Object.keys(soon).length });
  for (const [key, value] of Object.entries({ ...stay, ...go })) await ledger.meta.set(key, value);
  const known = async (keys: object): Promise<readonly string[]> => {
    const found: string[] = [];
    for (const key of Object.keys(keys)) if ((await ledger.meta.get(key)) !== undefined) found.push(key);
    return found;
  };
  await tidy(364);
  expect(await known({ ...stay, ...go })).toEqual(Object.keys({ ...stay, ...go }));
  expect(await tidy(366)).toMatchObject({ facts: Object.keys(go).length });
  expect(await known(go)).toEqual([]);
  expect(await known(stay)).toEqual(Object.keys(stay));
});
