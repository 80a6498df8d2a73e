import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createDirectoryArtifacts } from "../../src/adapters/artifacts-directory.ts";
import { createLedger } from "../../src/adapters/ledger.ts";
import { localFiles } from "../../src/adapters/local-files.ts";
import { DEFAULT_RETENTION, type ServerConfig } from "../../src/model/config.ts";
import type { Artifacts } from "../../src/ports/artifacts.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import { janitor } from "../../src/run/janitor.ts";
import { keptReplays } from "../../src/run/kept-replays.ts";
import { createHandClock } from "../contract/hand-clock.ts";
import { quiet } from "../contract/jobs.ts";
import { openTestDatabase } from "../contract/test-database.ts";

const dataDir = mkdtempSync(join(tmpdir(), "plumbline-replays-"));
const artifacts = createDirectoryArtifacts(join(dataDir, "artifacts"), [new Uint8Array(32).fill(1)]);
const content = Buffer.from("a replay");
const said: string[] = [];
const log = { ...quiet, warn: (text: string) => said.push(text) };
let ledger: Ledger;

beforeAll(async () => {
  ledger = createLedger(await openTestDatabase());
}, 60_000);
afterAll(async () => {
  await ledger?.close();
  rmSync(dataDir, { recursive: true, force: true });
});
beforeEach(() => {
  said.length = 0;
});

/** One process of a version of ours. */
const process = (workspace: string, version = "1", store: Artifacts = artifacts) =>
  keptReplays({ artifacts: store, ledger, log, version }, workspace);

const stored = async (): Promise<readonly string[]> => {
  const keys: string[] = [];
  for await (const { key } of artifacts.list("replays/")) keys.push(key);
  return keys;
};

test("another process finds what was kept, under its key and for its workspace and version alone", async () => {
  await process("a").keep("key", content);
  expect(Buffer.from((await process("a").recall("key")) ?? [])).toEqual(content);
  expect(await process("a").recall("other")).toBeNull();
  expect(await process("b").recall("key")).toBeNull();
  expect(await process("a", "2").recall("key")).toBeNull();
  expect(said).toEqual([]);
});

test("a workspace has one replay, and none two days later", async () => {
  for (const key of ["1", "2", "3"])
    for (const workspace of ["a", "b", "c"]) await process(workspace).keep(key, content);
  expect(await stored()).toHaveLength(3);
  expect(await process("a").recall("2")).toBeNull();
  const clock = createHandClock(new Date());
  const server = { dataDir, alerts: [], retention: DEFAULT_RETENTION } as unknown as ServerConfig;
  const tidy = () =>
    janitor({ ledger, artifacts, clock, server, files: localFiles({ dataDir }), log: quiet });
  await tidy();
  expect(await stored()).toHaveLength(3);
  clock.turn(49 * 3_600_000);
  await tidy();
  expect(await stored()).toEqual([]);
  expect(await process("a").recall("3")).toBeNull();
});

test("what is broken or fails is a line in the log, and the next replay is kept", async () => {
  await process("d").keep("key", content);
  const folder = join(dataDir, "artifacts", "replays");
  for (const name of readdirSync(folder)) writeFileSync(join(folder, name), "broken");
  expect(await process("d").recall("key")).toBeNull();
  const fails = () => Promise.reject(new Error("the store is away"));
  const away = process("d", "1", { ...artifacts, put: fails, get: fails });
  expect(await away.recall("key")).toBeNull();
  await away.keep("key", content);
  expect(said).toHaveLength(3);
  await process("d").keep("key", content);
  expect(Buffer.from((await process("d").recall("key")) ?? [])).toEqual(content);
  await ledger.meta.set("replay:d", { key: "1 key", ref: { key: "runs/x/plan", sha256: "", bytes: 1 } });
  expect(await process("d").recall("key")).toBeNull();
});
