import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "../../src/adapters/database.ts";
import { createLedger } from "../../src/adapters/ledger.ts";
import type { PullRequest } from "../../src/model/pull.ts";
import { CANCELLED, type RunState } from "../../src/model/run.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import { createWithLease } from "../../src/queue/lease.ts";
import { cancelCommand } from "../../src/run/command-plain.ts";
import { frame, type Scratch } from "../../src/run/frame.ts";
import { publishSoon, type Settled } from "../../src/run/settle-run.ts";
import { letUnplannedGo, unplanned } from "../../src/run/unplanned-merge.ts";
import type { World } from "../../src/run/world.ts";
import { createHandClock, type HandClock } from "../contract/hand-clock.ts";
import { quiet } from "../contract/jobs.ts";
import { openTestDatabase } from "../contract/test-database.ts";
import { frameWorld } from "./frame-world.ts";

const TTL_MS = 9_000;
const dir = mkdtempSync(join(tmpdir(), "plumbline-frame-"));
let database: Database;
let ledger: Ledger;
beforeAll(async () => {
  database = await openTestDatabase();
  ledger = createLedger(database);
});
afterAll(async () => {
  await database?.close();
  rmSync(dir, { recursive: true, force: true });
});

/** A replica on the one database; `deaf`: its beats do not get through. */
const replica = (holder: string, clock: HandClock, deaf: boolean): World => {
  const heartbeat = async (): Promise<boolean> => {
    throw new Error("the connection is gone");
  };
  const leases = deaf ? { ...ledger.leases, heartbeat } : ledger.leases;
  const own = { ...ledger, leases };
  return frameWorld(own, dir, createWithLease({ ledger: own, clock, log: quiet, holder, ttlMs: TTL_MS }));
};

const pull = { repo: "acme/infra", number: 4 };
const newPlan = async (id: string, workspace: string, of = pull): Promise<void> => {
  const refs = { desired: { repo: pull.repo, dir: "a", branch: "main" }, recorded: {}, actual: {} };
  await ledger.workspaces.upsert({
    ...{ key: workspace, repo: pull.repo, dir: "a", name: "default", project: null, kind: "terraform" },
    ...{ refs: refs as never, config: {} },
  });
  await ledger.runs.create({
    ...{ id, workspace, kind: "plan", pull: of, head: "h", base: "b", trigger: "event", requestedBy: "ann" },
    ...{ createdAt: new Date(), input: { provisionalOn: [], config: { drift: { ignore: [] } } } },
  });
};

const told = (): Settled => ({
  to: "succeeded",
  result: { told: true },
  followUps: [publishSoon(pull)],
  store: (inside) => inside.meta.set("told", true),
});

const queued = async (): Promise<readonly string[]> => {
  const rows = await ledger.outbox.take(100);
  await ledger.outbox.done(rows.map(({ id }) => id));
  return rows.map(({ followUp: { job } }) => job.kind).sort();
};

/** Turns the clock, beat by beat, until this has come. */
const until = async <T>(clock: HandClock, come: Promise<T>): Promise<T> => {
  let isThere = false;
  const seen = come.finally(() => {
    isThere = true;
  });
  while (!isThere) {
    if (clock.waiting() > 0) clock.turn(TTL_MS / 3);
    await new Promise((next) => setImmediate(next));
  }
  return seen;
};

test.each([
  ["that heeds the loss", (scratch: Scratch) => scratch.signal.throwIfAborted()],
  ["that went on as if nothing had happened", () => {}],
])("a plan whose lease is lost, %s, publishes nothing and is made again", async (name, atTheEnd) => {
  const clock = createHandClock();
  const workspace = `acme/infra//a#${name}`;
  const [first, second] = [`run_1 ${name}`, `run_2 ${name}`];
  for (const id of [first, second]) await newPlan(id, workspace);
  const [begun, end] = [Promise.withResolvers<AbortSignal>(), Promise.withResolvers<void>()];
  const lost = frame(replica("a", clock, true), first, AbortSignal.any([]), async (scratch) => {
    begun.resolve(scratch.signal);
    await end.promise;
    atTheEnd(scratch);
    return told();
  });
  const signal = await begun.promise;
  // Three beats do not get through: by then others may take the workspace.
  await until(clock, new Promise((heard) => signal.addEventListener("abort", heard)));
  const others = frame(replica("b", clock, false), second, AbortSignal.any([]), async () => {
    end.resolve();
    await lost;
    expect(await ledger.runs.get(first)).toMatchObject({ state: "interrupted" });
    expect(await ledger.meta.get("told")).not.toBe(true);
    expect(await queued()).toEqual(["assess", "publish"]);
    return told();
  });
  await until(clock, others);
  expect(await ledger.runs.get(second)).toMatchObject({ state: "succeeded", result: { told: true } });
  expect(await queued()).toEqual(["publish"]);
  await ledger.meta.set("told", false);
});

test("cancelled at another replica, a plan has ended at once, and its own replica's work ends at the next beat", async () => {
  const clock = createHandClock();
  const asked = { repo: "acme/infra", number: 44 };
  await newPlan("run_far", "acme/infra//far", asked);
  const begun = Promise.withResolvers<void>();
  const far = frame(replica("a", clock, false), "run_far", AbortSignal.any([]), async ({ signal }) => {
    begun.resolve();
    await new Promise((heard) => signal.addEventListener("abort", heard));
    expect(signal.reason).toBe(CANCELLED);
    return told();
  });
  await begun.promise;
  const near = { ...replica("b", clock, false), cancel: () => false } as World;
  const [answer] = await cancelCommand(near, { pull: asked, commentId: "1" } as never);
  expect(JSON.stringify(answer)).toContain("Cancelled 1 of 1");
  expect((await ledger.runs.get("run_far"))?.state).toBe("cancelled");
  await until(clock, far);
  expect((await ledger.runs.get("run_far"))?.state).toBe("cancelled");
  expect((await ledger.leases.get("acme/infra//far"))?.run ?? null).toBeNull();
});

test("a plan that fails after the merge lets the merge say so; one that succeeds waits for a word", async () => {
  const merged = { repo: "acme/infra", number: 5 };
  const row = {
    head: "h",
    deployBranch: true,
    driftOf: null,
    commentIds: {},
    publishedHash: null,
    notes: [],
  };
  for (const [state, to, follows] of [
    ["open", "failed", []],
    ["merged", "succeeded", []],
    ["merged", "failed", ["merge"]],
  ] as const) {
    const id = `run_${state}_${to}`;
    await newPlan(id, "acme/infra//a#late", merged);
    await ledger.pulls.put({ ...row, pull: merged, state, updatedAt: new Date() });
    await frame(replica("a", createHandClock(), false), id, AbortSignal.any([]), async () => {
      if (to === "failed") throw new Error("it failed");
      return told();
    });
    expect(await queued()).toEqual([...follows, "publish"]);
  }
});

test("merged, and a workspace has no plan: named, unless it was applied or waits for another", async () => {
  const mine = { repo: "acme/infra", number: 6 };
  const head = { ref: "x", sha: "h" };
  const ended: readonly (readonly [string, RunState, boolean])[] = [
    ...[["interrupted", "interrupted", false] as const, ["failed", "failed", false] as const],
    ...[["unlocked", "succeeded", false] as const, ["planned", "succeeded", true] as const],
  ];
  for (const [name, to, hasPlan] of ended) {
    const [id, workspace] = [`run_of_${name}`, `acme/infra//a#${name}`];
    await newPlan(id, workspace, mine);
    const lease = await ledger.leases.acquire(workspace, id, "a", new Date(), 1_000);
    const change = { token: "token" in lease ? lease.token : 0, at: new Date() };
    await ledger.runs.transition(id, { from: ["queued"], to: "running", ...change });
    await ledger.runs.transition(id, { from: ["running"], to, ...change });
    const nothing = { planArtifact: null, jsonArtifact: null, createdAt: new Date() };
    const plan = { run: id, workspace, pull: mine, head: "h", base: "b", digest: "d", digestParts: {} };
    if (to === "succeeded") await ledger.plans.add({ ...plan, ...nothing, summary: {} });
    if (!hasPlan) await ledger.plans.discard(mine, new Date(), workspace);
  }
  const named = async (): Promise<readonly string[]> => {
    const runs = await ledger.runs.list({ pull: mine });
    return unplanned({ ledger }, { ...mine, head } as unknown as PullRequest, runs);
  };
  expect(await named()).toEqual(["failed", "interrupted", "unlocked"].map((name) => `acme/infra//a#${name}`));
  // Whoever waits for it would wait for ever: its merge has nothing to apply.
  const next = { repo: mine.repo, number: 7 };
  const failed = "acme/infra//a#failed";
  for (const of of [mine, next]) await ledger.locks.request(failed, of, "ann", new Date());
  await ledger.locks.request("acme/infra//a#planned", mine, "ann", new Date());
  const jobs = await letUnplannedGo(ledger, { ...mine, head } as unknown as PullRequest);
  expect(jobs.map(({ job }) => job)).toContainEqual(
    expect.objectContaining({ kind: "assess", pull: next, only: [failed] }),
  );
  expect((await ledger.locks.of(failed)).map((lock) => lock.pull)).toEqual([next]);
  expect((await ledger.locks.heldBy(mine)).map(({ workspace }) => workspace)).toEqual([
    "acme/infra//a#planned",
  ]);
  // While one is still on its way nobody knows yet what is missing.
  await newPlan("run_under_way", "acme/infra//a#under-way", mine);
  expect(await named()).toEqual([]);
});
