import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";
import { exclusively } from "../../src/adapters/engine-lock.ts";
import { singleFlight } from "../../src/adapters/single-flight.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "plumbline-lock-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const gate = () => Promise.withResolvers<void>();

test("runs one at a time, in order, and goes on after a failure", async () => {
  const path = join(root, "a.lock");
  const said: string[] = [];
  const work = (name: string) => async (): Promise<void> => {
    said.push(`${name} begins`);
    await new Promise((resolve) => setImmediate(resolve));
    said.push(`${name} ends`);
    if (name === "one") throw new Error("one failed");
  };
  const results = await Promise.allSettled([exclusively(path, work("one")), exclusively(path, work("two"))]);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
  expect(said).toEqual(["one begins", "one ends", "two begins", "two ends"]);
});

test("a lock of a process that died is taken over", async () => {
  const child = execa(process.execPath, ["-e", ""]);
  await child;
  await writeFile(join(root, "a.lock"), String(child.pid));
  expect(await exclusively(join(root, "a.lock"), async () => "mine")).toBe("mine");
});

test("single flight: callers before the beginning share, later ones share the next", async () => {
  const began = gate();
  const finish = gate();
  let flights = 0;
  const fetch = singleFlight(async (_key, begin) => {
    flights += 1;
    begin();
    began.resolve();
    await finish.promise;
  });
  const first = [fetch("a"), fetch("a")];
  await began.promise;
  const later = [fetch("a"), fetch("a")];
  const other = fetch("b");
  finish.resolve();
  await Promise.all([...first, ...later, other]);
  expect(flights).toBe(3);
});

test("single flight: a failure reaches all who shared it, and the next caller tries anew", async () => {
  let tries = 0;
  const fetch = singleFlight(async () => {
    tries += 1;
    if (tries === 1) throw new Error("no network");
  });
  const results = await Promise.allSettled([fetch("a"), fetch("a")]);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  await fetch("a");
  expect(tries).toBe(2);
});
