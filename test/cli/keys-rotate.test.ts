import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createDirectoryArtifacts, createDirectoryStore } from "../../src/adapters/artifacts-directory.ts";
import { type Database, openDatabase } from "../../src/adapters/database.ts";
import { keptKeys, keyId, openInstance } from "../../src/adapters/instance.ts";
import { createLedger } from "../../src/adapters/ledger.ts";
import { openSigningKey } from "../../src/adapters/signing-key.ts";
import type { ArtifactRef } from "../../src/ports/artifacts.ts";
import { BIN, cli, folder } from "./world.ts";

const MANY = 1_200;
const failing = { error: (message: string) => expect.fail(message) };

const opened = (data: string): Promise<Database> =>
  openDatabase({ url: null, dataDir: join(data, "database") });

/** A system that has worked with one key: artifacts, and a signing key in the ledger. */
const systemAt = async (data: string, count: number) => {
  const { keys } = await openInstance(data, []);
  const database = await opened(data);
  const signing = await openSigningKey(createLedger(database).meta, keys, failing);
  await database.close();
  const artifacts = createDirectoryArtifacts(join(data, "artifacts"), keys);
  const refs: ArtifactRef[] = [];
  for (let at = 0; at < count; at += 1)
    refs.push(await artifacts.put(`runs/r${at}/plan`, Buffer.from(`plan ${at}`)));
  return { old: keys[0] ?? new Uint8Array(), signing, refs };
};

const legible = async (data: string, refs: readonly ArtifactRef[], keys: readonly Uint8Array[]) => {
  const artifacts = createDirectoryArtifacts(join(data, "artifacts"), keys);
  const texts = await Promise.all(
    refs.map((ref) => artifacts.get(ref).then((content) => Buffer.from(content).toString())),
  );
  expect(texts).toEqual(refs.map((_, at) => `plan ${at}`));
};

test("killed while it seals, all stays legible with the kept keys; called again it ends, and the old key is retired", async () => {
  const data = folder();
  const { old, signing, refs } = await systemAt(data, MANY);
  const written = statSync(join(data, "artifacts/runs/r7/plan")).mtimeMs;
  const child = spawn(process.execPath, [BIN, "keys", "rotate", "--data", data], { stdio: "pipe" });
  child.stderr.once("data", () => child.kill("SIGKILL"));
  expect((await once(child, "exit"))[1]).toBe("SIGKILL");
  const between = await keptKeys(data);
  expect(between.map(keyId)).toEqual([expect.any(String), keyId(old)]);
  await legible(data, refs, between);

  const look = await cli(["keys", "rotate", "--check", "--data", data, "--json"]);
  const { older, current } = JSON.parse(look.out) as { older: number; current: number };
  expect(look.code).toBe(2);
  expect(older + current).toBe(MANY);
  expect(current).toBeGreaterThanOrEqual(500);
  expect(older).toBeGreaterThan(0);

  const again = await cli(["keys", "rotate", "--data", data, "--by", "dana", "--json"]);
  expect(again.code, again.err).toBe(0);
  const key = keyId(between[0] ?? old);
  expect(JSON.parse(again.out)).toMatchObject({ key, older, current, unreadable: [], retired: [keyId(old)] });
  const after = await keptKeys(data);
  expect(after.map(keyId)).toEqual([key]);
  await legible(data, refs, after);
  expect(statSync(join(data, "artifacts/runs/r7/plan")).mtimeMs).toBe(written);
  expect(readFileSync(join(data, "key.retired"), "utf8").trim()).toBe(Buffer.from(old).toString("hex"));
  expect(statSync(join(data, "key.retired")).mode & 0o777).toBe(0o600);

  const database = await opened(data);
  const ledger = createLedger(database);
  // Digests and comment markers go on: their key is the first one that the system ever had.
  expect(Buffer.from(await openSigningKey(ledger.meta, after, failing)).equals(signing)).toBe(true);
  const trail = (await ledger.audit.list({})).map(({ action, actor }) => [action, actor]);
  expect(trail.slice(-2)).toEqual([
    ["key-rotation-began", "dana"],
    ["key-rotation-ended", "dana"],
  ]);
  expect(trail).toHaveLength(3);
  expect(await ledger.audit.verify()).toBeNull();
  await database.close();
}, 90_000);

test("given keys are the operator's: nothing is made; what no key opens keeps the old ones, and is told", async () => {
  const data = folder();
  const { old, refs } = await systemAt(data, 3);
  const hex = (key: Uint8Array): string => Buffer.from(key).toString("hex");
  const fresh = new Uint8Array(32).fill(5);
  const env = {
    ...{ PLUMBLINE_DATA: data, PLUMBLINE_REPO_ALLOWLIST: "acme/*", PLUMBLINE_GITHUB_TOKEN: "t" },
    ...{ PLUMBLINE_POLLING: "on", PLUMBLINE_KEY: `${hex(fresh)},${hex(old)}` },
  };
  const given = await cli(["keys", "rotate", "--json"], { env });
  expect(given.code, given.err).toBe(0);
  expect(JSON.parse(given.out)).toMatchObject({ key: keyId(fresh), older: 3, retired: [] });
  expect((await keptKeys(data)).map(keyId)).toEqual([keyId(old)]);
  await legible(data, refs, [fresh]);

  // A running replica that does not yet seal by it would write what nobody else can read.
  const database = await opened(data);
  const ledger = createLedger(database);
  const replica = { id: "replica-b", roles: ["worker"], version: "1" };
  await ledger.replicas.beat({ ...replica, keyIds: [keyId(old), keyId(fresh)] }, new Date());
  await database.close();
  const refused = await cli(["keys", "rotate"], { env });
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining("replica-b") });

  writeFileSync(join(data, "key"), `${hex(new Uint8Array(32).fill(8))}\n`);
  await createDirectoryStore(join(data, "artifacts")).delete("runs/r0/plan");
  const look = await cli(["keys", "rotate", "--check", "--data", data, "--json"]);
  expect(look.code).toBe(2);
  expect(JSON.parse(look.out)).toMatchObject({ unreadable: ["runs/r1/plan", "runs/r2/plan"] });
}, 60_000);
