import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Database } from "../../src/adapters/database.ts";
import { createJobs } from "../../src/adapters/jobs.ts";
import { createLedger } from "../../src/adapters/ledger.ts";
import { createRedactor } from "../../src/adapters/redactor.ts";
import { PlumblineError } from "../../src/model/errors.ts";
import { followUps, type Job, nothing, type Outcome } from "../../src/model/job.ts";
import type { Jobs } from "../../src/ports/jobs.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import type { Lease } from "../../src/ports/ledger-leases.ts";
import { createWithLease } from "../../src/queue/lease.ts";
import { type Relay, startRelay, untilIdle } from "../../src/queue/relay.ts";
import { startWorker, type Worker } from "../../src/queue/worker.ts";
import { createHandClock, type HandClock } from "../contract/hand-clock.ts";
import { quiet } from "../contract/jobs.ts";
import { openTestDatabase } from "../contract/test-database.ts";

const pull = { repo: "o/r", number: 1 };
const publish: Job = { kind: "publish", pull };
const plan = (run: string, workspace = "ws"): Job => ({ kind: "plan", run, workspace });

let database: Database;
let ledger: Ledger;
let jobs: Jobs;
let clock: HandClock;
let relay: Relay;
let worker: Worker | undefined;

beforeAll(async () => {
  database = await openTestDatabase();
  ledger = createLedger(database);
});
beforeEach(async () => {
  await sql`delete from jobs`.execute(database.kysely);
  await sql`delete from outbox`.execute(database.kysely);
  clock = createHandClock();
  jobs = createJobs(database, { clock, log: quiet });
  relay = startRelay({ ledger, jobs, clock, log: quiet });
});
afterEach(async () => {
  await worker?.stop();
  worker = undefined;
  await relay.stop();
});
afterAll(() => ledger.close());

const work = async (handle: (job: Job, signal: AbortSignal) => Promise<Outcome>): Promise<void> => {
  const redactor = createRedactor();
  redactor.learn("hunter2hunter2");
  const concurrency = { runs: 2, drift: 1 };
  const parts = { jobs, ledger, clock, log: quiet, redactor, nudge: () => relay.nudge(), chance: () => 1 };
  worker = await startWorker({ ...parts, handle, concurrency });
};

test("what a job returns follows it, through the outbox", async () => {
  const seen: string[] = [];
  await work(async (job) => {
    seen.push(job.kind);
    return job.kind === "plan" ? followUps({ job: publish, dedupeKey: "p" }) : nothing;
  });
  await ledger.outbox.add([{ job: plan("r1") }], clock.now());
  relay.nudge();
  await untilIdle(relay, jobs);
  expect(seen).toEqual(["plan", "publish"]);
  expect(await ledger.outbox.take(10)).toEqual([]);
});

test("a nudge during the look is not lost, and rows nobody nudged for are found by time", async () => {
  const seen: string[] = [];
  const both = Promise.withResolvers<void>();
  await work(async (job) => {
    seen.push(job.kind);
    if (seen.length === 2) both.resolve();
    return nothing;
  });
  await ledger.outbox.add([{ job: plan("r1") }], clock.now());
  relay.nudge();
  await ledger.outbox.add([{ job: publish }], clock.now());
  while (seen.length < 2) {
    clock.turn(1000);
    await new Promise(setImmediate);
  }
  await both.promise;
});

test("a failure is tried again after its pause, then goes on", async () => {
  let calls = 0;
  await work(async () => {
    calls += 1;
    if (calls === 1) throw new PlumblineError("git-failed", "no network");
    return nothing;
  });
  await jobs.enqueue([{ job: publish }]);
  await jobs.idle();
  expect(calls).toBe(1);
  clock.turn(999);
  await jobs.idle();
  expect(calls).toBe(1);
  clock.turn(1);
  await jobs.idle();
  expect(calls).toBe(2);
  expect(await jobs.depth()).toEqual({});
});

test("a failure for good is recorded without its secrets, and ends a run that never began", async () => {
  await ledger.runs.create({
    ...{
      id: "r9",
      workspace: "ws9",
      kind: "plan",
      pull,
      head: "h",
      base: "b",
      trigger: "t",
      requestedBy: "ann",
    },
    createdAt: clock.now(),
  });
  const seen: Job[] = [];
  await work(async (job) => {
    seen.push(job);
    if (job.kind === "plan") throw new PlumblineError("workspace-unknown", "not known: hunter2hunter2");
    return nothing;
  });
  await jobs.enqueue([{ job: plan("r9", "ws9") }]);
  await untilIdle(relay, jobs);
  expect(await ledger.runs.get("r9")).toMatchObject({
    state: "failed",
    error: { code: "workspace-unknown", message: "not known: (redacted)" },
  });
  expect(seen.at(-1)).toEqual(publish);
  expect(await ledger.audit.list({ subject: "workspace:ws9" })).toMatchObject([
    {
      action: "job-failed",
      details: { kind: "plan", code: "workspace-unknown", message: "not known: (redacted)" },
    },
  ]);
});

test("an interrupted job is kept for whoever comes next", async () => {
  const running = Promise.withResolvers<void>();
  await work((_job, signal) => {
    running.resolve();
    return new Promise((_resolve, reject) =>
      signal.addEventListener("abort", () => reject(new Error("stopped"))),
    );
  });
  await jobs.enqueue([{ job: plan("r1") }]);
  await running.promise;
  worker?.interrupt();
  await worker?.stop();
  expect(await jobs.depth()).toEqual({ plan: { waiting: 1, running: 0 } });
});

test("a lease is kept alive while its work lasts, is busy for others, and is given back", async () => {
  const withLease = createWithLease({ ledger, clock, log: quiet, holder: "me", ttlMs: 9000 });
  const begun = Promise.withResolvers<Lease>();
  const end = Promise.withResolvers<string>();
  const outcome = withLease("w1", "run1", (lease) => {
    begun.resolve(lease);
    return end.promise;
  });
  const lease = await begun.promise;
  expect(await withLease("w1", "run2", async () => 1)).toEqual({ busy: lease });
  for (let beat = 0; beat < 6; beat += 1) {
    const expiry = (await ledger.leases.get("w1"))?.expiresAt;
    clock.turn(3000);
    while ((await ledger.leases.get("w1"))?.expiresAt.getTime() === expiry?.getTime())
      await Promise.resolve();
  }
  expect(await withLease("w1", "run2", async () => 1)).toHaveProperty("busy");
  end.resolve("done");
  expect(await outcome).toEqual({ value: "done" });
  expect(await withLease("w1", "run2", async (next) => next.token)).toEqual({ value: lease.token + 1 });
});

test("work learns that its lease is lost, and does not take the next one's away", async () => {
  const withLease = createWithLease({ ledger, clock, log: quiet, holder: "me", ttlMs: 9000 });
  const outcome = withLease("w2", "run1", async (lease, signal) => {
    await ledger.leases.release(lease);
    await ledger.leases.acquire("w2", "run2", "other", clock.now(), 60_000);
    const lost = new Promise<string>((resolve) => signal.addEventListener("abort", () => resolve("lost")));
    clock.turn(3000);
    return lost;
  });
  expect(await outcome).toEqual({ value: "lost" });
  expect(await ledger.leases.get("w2")).toMatchObject({ run: "run2" });
});

test("a clock that jumps by hours, here or at another replica, takes nothing away and doubles nothing", async () => {
  let [jumped, isAway] = [0, false];
  const ahead = { now: () => new Date(clock.now().getTime() + jumped), wait: clock.wait };
  const leases = { ...ledger.leases };
  const mine = createWithLease({
    ledger: {
      ...ledger,
      leases: {
        ...leases,
        heartbeat: (...given) => (isAway ? Promise.reject(new Error("away")) : leases.heartbeat(...given)),
      },
    },
    ...{ clock: ahead, log: quiet, holder: "me", ttlMs: 9000 },
  });
  const begun = Promise.withResolvers<AbortSignal>();
  const end = Promise.withResolvers<string>();
  const outcome = mine("w5", "run1", (_lease, signal) => {
    begun.resolve(signal);
    return end.promise;
  });
  const signal = await begun.promise;
  // One beat fails just when the own clock jumps.
  [isAway, jumped] = [true, 7_200_000];
  await turned(3000);
  expect(signal.aborted).toBe(false);
  [isAway, jumped] = [false, -7_200_000];
  await turned(3000);
  expect(signal.aborted).toBe(false);
  // For the other replica that lease ended hours ago.
  const other = createWithLease({ ledger, log: quiet, holder: "other", ttlMs: 9000, clock });
  const taken = other("w5", "run2", async () => "taken");
  for (let beat = 0; beat < 4; beat += 1) await turned(1500);
  expect(await taken).toHaveProperty("busy");
  end.resolve("done");
  expect(await outcome).toEqual({ value: "done" });
  // Whose holder is really dead is taken over, after a while.
  await ledger.leases.acquire("w5", "run3", "dead", new Date(0), 9000);
  const next = other("w5", "run4", async () => "taken");
  for (let beat = 0; beat < 4; beat += 1) await turned(1500);
  expect(await next).toEqual({ value: "taken" });
});

/** Time goes on, and what it woke comes to rest. */
const turned = async (ms: number): Promise<void> => {
  for (let idle = 0; idle < 20; idle += 1) await new Promise(setImmediate);
  clock.turn(ms);
  for (let idle = 0; idle < 20; idle += 1) await ledger.meta.get("rest");
};

test("work that throws gives the workspace back; a run in doubt keeps it", async () => {
  const withLease = createWithLease({ ledger, clock, log: quiet, holder: "me" });
  await expect(withLease("w3", "run1", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await ledger.leases.get("w3")).toBeNull();
  const base = { workspace: "w3", kind: "apply", pull, head: "h", base: "b", trigger: "t" } as const;
  await ledger.runs.create({ ...base, id: "doubt", requestedBy: "ann", createdAt: clock.now() });
  await withLease("w3", "doubt", async ({ token }) => {
    const at = clock.now();
    await ledger.runs.transition("doubt", { from: ["queued"], to: "running", token, at });
    await ledger.runs.transition("doubt", { from: ["running"], to: "apply-started", token, at });
    await ledger.runs.transition("doubt", { from: ["apply-started"], to: "unknown", token, at });
  });
  expect(await ledger.leases.get("w3")).toMatchObject({ run: "doubt" });
});
