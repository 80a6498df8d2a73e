import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createDirectoryArtifacts } from "../../src/adapters/artifacts-directory.ts";
import { systemClock } from "../../src/adapters/clock.ts";
import type { Database } from "../../src/adapters/database.ts";
import { createLedger } from "../../src/adapters/ledger.ts";
import { createRedactor } from "../../src/adapters/redactor.ts";
import { PlumblineError } from "../../src/model/errors.ts";
import type { RunState } from "../../src/model/run.ts";
import type { LogPart } from "../../src/model/run-log.ts";
import { followLog } from "../../src/run/follow-log.ts";
import { createLogWatch } from "../../src/run/log-watch.ts";
import { readRunLog, wholeLog } from "../../src/run/read-log.ts";
import { openRunLog } from "../../src/run/run-log.ts";
import type { World } from "../../src/run/world.ts";
import { quiet } from "../contract/jobs.ts";
import { openTestDatabase } from "../contract/test-database.ts";

const dir = mkdtempSync(join(tmpdir(), "plumbline-log-"));
const stored = createDirectoryArtifacts(dir, [new Uint8Array(32).fill(1)]);
let database: Database;
let world: World;
let loaded: string[];
let count = 0;
let run: string;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(async () => {
  await database?.close();
  rmSync(dir, { recursive: true, force: true });
});
beforeEach(async () => {
  loaded = [];
  run = `run_${++count}`;
  const artifacts: World["artifacts"] = {
    ...stored,
    get: async (ref) => {
      loaded.push(ref.key);
      return stored.get(ref);
    },
  };
  world = {
    ...{
      ledger: createLedger(database),
      artifacts,
      redactor: createRedactor(),
      clock: systemClock,
      log: quiet,
    },
    ...{ logWatch: createLogWatch(), interruptApplies: new AbortController().signal },
  } as unknown as World;
  await world.ledger.runs.create({
    ...{ id: run, workspace: run, kind: "plan", pull: null, head: "h", base: "b", trigger: "x" },
    ...{ requestedBy: "ann", createdAt: new Date() },
  });
  await world.ledger.leases.acquire(run, run, "host", new Date(), 60_000);
  await move("queued", "running");
});

const move = async (from: RunState, to: RunState, logArtifact?: string): Promise<void> => {
  const change = { token: 1, at: new Date(), ...(logArtifact === undefined ? {} : { logArtifact }) };
  await world.ledger.runs.transition(run, { from: [from], to, ...change });
};

const end = async (log: { save(key: string): Promise<string> }): Promise<void> => {
  const reference = await log.save(`runs/${run}/log`);
  await move("running", "succeeded", reference);
  await world.ledger.runLogs.forget(run);
};

const grown = async (from: number): Promise<LogPart> => {
  for await (const part of followLog(world, run, from, AbortSignal.timeout(60_000))) return part;
  throw new Error("Nothing came.");
};

test("a log is read while its run goes on, by another replica too, redacted before it is stored", async () => {
  world.redactor.learn("hunter2-hunter2");
  const log = openRunLog(world, run);
  expect(await readRunLog(world, run)).toMatchObject({ state: "running", bytes: 0, text: "" });
  const first = grown(0);
  log.line("== init with hunter2-hunter2 and a\0nul");
  const { next, text } = await first;
  expect(text).toBe("== init with (redacted) and a\uFFFDnul\n");
  const { logWatch: _, ...elsewhere } = world;
  const others = followLog(elsewhere, run, next, AbortSignal.timeout(60_000));
  log.line("== plan ü");
  expect((await others.next()).value).toMatchObject({ from: next, text: "== plan ü\n" });
  const parts = await world.ledger.runLogs.read(run, 0, 10);
  expect(parts.map((part) => part.text).join("")).not.toContain("hunter2");
  await end(log);
  expect((await others.next()).value).toMatchObject({ state: "succeeded", text: "" });
  expect((await others.next()).done).toBe(true);
  expect(await world.ledger.runLogs.size(run)).toBe(0);
  expect(await readRunLog(world, run)).toMatchObject({ from: 0, text: `${text}== plan ü\n` });
});

test("a long log opens at its end, and goes on from anywhere, without loading the rest", async () => {
  const log = openRunLog(world, run);
  const line = (at: number): string => `${String(at).padStart(7, "0")} ${"x".repeat(992)}`;
  for (let at = 0; at < 5_000; at += 1) log.line(line(at));
  await end(log);
  const tail = await readRunLog(world, run, { tail: 3_000 });
  expect(tail?.text.split("\n").map((one) => one.slice(0, 7))).toEqual(["0004998", "0004999", ""]);
  expect(tail?.next).toBe(tail?.bytes);
  expect(loaded.filter((key) => key.endsWith(".txt"))).toHaveLength(1);
  const before = await readRunLog(world, run, { before: tail?.from, most: 2_500 });
  expect(before?.text.split("\n").map((one) => one.slice(0, 7))).toEqual(["0004996", "0004997", ""]);
  expect(before?.next).toBe(tail?.from);
  const first = await readRunLog(world, run, { from: 0, most: 2_500 });
  expect([first?.from, first?.next]).toEqual([0, 2_002]);
  expect(await readRunLog(world, run, { before: 1_001, most: 5_000 })).toMatchObject({
    from: 0,
    next: 1_001,
  });
  loaded = [];
  const within = await readRunLog(world, run, { from: 1001 * 2_000 });
  expect(within?.text.slice(0, 7)).toBe("0002000");
  expect(loaded.filter((key) => key.endsWith(".txt")).length).toBeLessThanOrEqual(2);
  let lines = 0;
  for await (const part of wholeLog(world, run)) lines += part.split("\n").length - 1;
  expect(lines).toBe(5_000);
  expect(await readRunLog(world, run, { from: 9e9 })).toMatchObject({ text: "", next: tail?.bytes });
});

test("what waits for a database that is away is written once it is back, in order", async () => {
  let away = true;
  const { runLogs } = world.ledger;
  const append: typeof runLogs.append = async (...given) => {
    if (!away) return runLogs.append(...given);
    away = false;
    throw new PlumblineError("database-unavailable", "Away.");
  };
  const flaky = { ...world, ledger: { ...world.ledger, runLogs: { ...runLogs, append } } };
  const log = openRunLog(flaky, run);
  for (const line of ["one", "two", "three"]) log.line(line);
  await end(log);
  expect(away).toBe(false);
  expect((await readRunLog(world, run))?.text).toBe("one\ntwo\nthree\n");
});

test("a process that died leaves what its run has said; no run, or none that said anything, has a log", async () => {
  const log = openRunLog(world, run);
  log.line("== apply");
  await grown(0);
  await move("running", "interrupted");
  expect(await readRunLog(world, run)).toMatchObject({ state: "interrupted", text: "== apply\n" });
  const last = await grown(0);
  expect(last.state).toBe("interrupted");
  await world.ledger.retention.forgetLogParts(new Date(Date.now() - 60_000));
  expect(await readRunLog(world, run)).not.toBeNull();
  await world.ledger.retention.forgetLogParts(new Date(Date.now() + 60_000));
  expect(await readRunLog(world, run)).toBeNull();
  // Whoever opened its page while it waited is told that nothing comes any more.
  expect(await grown(0)).toMatchObject({ state: "interrupted", text: "", next: 0, bytes: 0 });
  expect(await readRunLog(world, "run_unknown")).toBeNull();
});

test("a secret that was learned late is in no kept log, and a log without end is cut off", async () => {
  const log = openRunLog(world, run);
  log.line("the value is late-secret-1");
  await grown(0);
  world.redactor.learn("late-secret-1");
  for (let at = 0; at < 10; at += 1) log.line("yes ".repeat(256 * 1024));
  await end(log);
  expect((await readRunLog(world, run))?.text).toContain("the value is (redacted)");
  const bytes = (await readRunLog(world, run))?.bytes ?? 0;
  expect(bytes).toBeLessThan(9 * 1024 * 1024);
  expect((await readRunLog(world, run, { tail: 100 }))?.text).toMatch(/\(\d+ more lines left out\)\n$/);
});

test("where lines begin is counted in what is kept, though a secret that was learned since is not shown", async () => {
  const log = openRunLog(world, run);
  for (const line of ["== a later-secret-1 ü", "== b", "== c"]) log.line(line);
  await end(log);
  world.redactor.learn("later-secret-1");
  const { text, lineStarts = [] } = (await readRunLog(world, run, { withLines: true })) ?? {};
  expect(text).toBe("== a (redacted) ü\n== b\n== c\n");
  const [, second] = lineStarts;
  expect([lineStarts.length, (await readRunLog(world, run, { from: second }))?.text]).toEqual([
    ...[4, "== b\n== c\n"],
  ]);
});
