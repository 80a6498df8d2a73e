import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { createDirectoryArtifacts, createDirectoryStore } from "../../src/adapters/artifacts-directory.ts";
import { keepKeys, keptKeys, keyId, openInstance } from "../../src/adapters/instance.ts";
import { createLedger } from "../../src/adapters/ledger.ts";
import { openSigningKey } from "../../src/adapters/signing-key.ts";
import { countKeys, type Rotated, rotateKeys } from "../../src/cli/rotate-keys.ts";
import type { ArtifactRef } from "../../src/ports/artifacts.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import { openTestDatabase } from "../contract/test-database.ts";
import { BIN, cli, folder } from "./world.ts";

const MANY = 700;
let ledger: Ledger;
beforeAll(async () => {
  ledger = createLedger(await openTestDatabase());
  return () => ledger.close();
});

/** A data folder that has worked with one key. */
const filled = async (data: string, count: number) => {
  const { keys } = await openInstance(data, []);
  const artifacts = createDirectoryArtifacts(join(data, "artifacts"), keys);
  const refs: ArtifactRef[] = [];
  for (let at = 0; at < count; at += 1)
    refs.push(await artifacts.put(`runs/r${at}/plan`, Buffer.from(`plan ${at}`)));
  return { old: keys[0] ?? new Uint8Array(), keys, refs };
};

const legible = async (data: string, refs: readonly ArtifactRef[], keys: readonly Uint8Array[]) => {
  const artifacts = createDirectoryArtifacts(join(data, "artifacts"), keys);
  const texts: string[] = [];
  for (const ref of refs) texts.push(Buffer.from(await artifacts.get(ref)).toString());
  expect(texts).toEqual(refs.map((_, at) => `plan ${at}`));
};

test("killed while it seals, all stays legible with the kept keys; called again it ends", async () => {
  const data = folder();
  const { old, refs } = await filled(data, MANY);
  const written = (): number => statSync(join(data, "artifacts/runs/r7/plan")).mtimeMs;
  const before = written();
  const child = spawn(process.execPath, [BIN, "keys", "rotate", "--data", data], { stdio: "pipe" });
  child.stderr.on("data", (text) => String(text).includes("sealed anew") && child.kill("SIGKILL"));
  expect((await once(child, "exit"))[1]).toBe("SIGKILL");
  const between = await keptKeys(data);
  expect(between.map(keyId)).toEqual([expect.any(String), keyId(old)]);
  await legible(data, refs, between);

  const again = await cli(["keys", "rotate", "--data", data, "--json"]);
  expect(again.code, again.err).toBe(0);
  const told = JSON.parse(again.out) as { older: number; current: number };
  const key = keyId(between[0] ?? old);
  expect(told).toMatchObject({ key, unreadable: [], retired: [keyId(old)] });
  expect(told.older + told.current).toBe(MANY);
  expect(told.current).toBeGreaterThanOrEqual(500);
  const after = await keptKeys(data);
  expect(after.map(keyId)).toEqual([key]);
  await legible(data, refs, after);
  // Retention goes by it.
  expect(written()).toBeCloseTo(before, -1);
}, 120_000);

const systemOf = (data: string, keys: readonly Uint8Array[] = []): Rotated => ({
  ...{ dataDir: data, keys, ledger, store: createDirectoryStore(join(data, "artifacts")) },
});
const dana = { by: "dana", now: () => new Date(), progress: () => {} };

test("the old key is retired, who did it stands in the audit, digests go on", async () => {
  const data = folder();
  const { old, keys, refs } = await filled(data, 3);
  const signing = await openSigningKey(ledger.meta, keys);
  const { key, retired } = await rotateKeys(systemOf(data), dana);
  expect(retired).toEqual([keyId(old)]);
  const after = await keptKeys(data);
  expect(after.map(keyId)).toEqual([key]);
  await legible(data, refs, after);
  expect(readFileSync(join(data, "key.retired"), "utf8").trim()).toBe(Buffer.from(old).toString("hex"));
  expect(statSync(join(data, "key.retired")).mode & 0o777).toBe(0o600);
  // Digests and comment markers go on: their key is the first one that the system ever had.
  expect(Buffer.from(await openSigningKey(ledger.meta, after)).equals(signing)).toBe(true);
  const trail = await ledger.audit.list({ subject: `key:${key}` });
  expect(trail).toMatchObject([
    { action: "key-rotation-began", actor: "dana", details: { keys: [key, keyId(old)] } },
    { action: "key-rotation-ended", details: { older: 3, current: 0, unreadable: 0, retired } },
  ]);
  expect(JSON.stringify(trail)).not.toContain(readFileSync(join(data, "key"), "utf8").trim());

  // A second change retires the next one beside the first.
  await rotateKeys(systemOf(data), dana);
  expect(readFileSync(join(data, "key.retired"), "utf8").trim().split("\n")).toHaveLength(2);
  await legible(data, refs, await keptKeys(data));
});

test("given keys are the operator's: nothing is made or retired; a replica that seals by another key stops it", async () => {
  const data = folder();
  const { old, refs } = await filled(data, 3);
  const fresh = new Uint8Array(32).fill(5);
  await ledger.meta.set("signing-key", null);
  const given = systemOf(data, [fresh, old]);
  const replica = { id: "replica-b", roles: ["worker"], version: "1" };
  await ledger.replicas.beat({ ...replica, keyIds: [keyId(old), keyId(fresh)] }, new Date());
  await expect(rotateKeys(given, dana)).rejects.toMatchObject({
    ...{ code: "keys-not-everywhere", message: expect.stringContaining("replica-b") },
  });
  expect(await countKeys(given)).toMatchObject({ older: 3, current: 0 });
  await ledger.replicas.beat({ ...replica, keyIds: [keyId(fresh), keyId(old)] }, new Date());
  expect(await rotateKeys(given, dana)).toMatchObject({ key: keyId(fresh), older: 3, retired: [] });
  expect((await keptKeys(data)).map(keyId)).toEqual([keyId(old)]);
  await legible(data, refs, [fresh]);
  await ledger.replicas.forget(replica.id);
});

test("what no key opens is told, and the older keys stay", async () => {
  const data = folder();
  await filled(data, 2);
  await ledger.meta.set("signing-key", null);
  writeFileSync(join(data, "artifacts/runs/r1/plan"), "something else");
  expect(await rotateKeys(systemOf(data), dana)).toMatchObject({
    ...{ older: 1, unreadable: ["runs/r1/plan"], retired: [] },
  });
  expect(await keptKeys(data)).toHaveLength(2);
});

test("two keys that a backup brought are no rotation that has begun: a new one is made", async () => {
  const data = folder();
  const [newer, older] = [new Uint8Array(32).fill(6), new Uint8Array(32).fill(5)];
  await keepKeys(data, [newer, older]);
  const { keys, refs } = await filled(data, 2);
  await ledger.meta.set("signing-key", null);
  const { key, retired } = await rotateKeys(systemOf(data), dana);
  expect(keys.map(keyId)).not.toContain(key);
  expect(retired).toEqual([keyId(newer), keyId(older)]);
  await legible(data, refs, await keptKeys(data));
});

test("an artifact that never stays as it was read ends the rotation with its name, and both keys stay", async () => {
  const data = folder();
  await filled(data, 1);
  await ledger.meta.set("signing-key", null);
  const system = systemOf(data);
  let tries = 0;
  const store: Rotated["store"] = {
    ...system.store,
    replace: async () => (++tries < 50 ? "changed" : "gone"),
  };
  await expect(rotateKeys({ ...system, store }, dana)).rejects.toMatchObject({
    ...{ code: "store-unavailable", message: expect.stringContaining("runs/r0/plan") },
  });
  const between = await keptKeys(data);
  expect(between).toHaveLength(2);
  // The next call goes on with the key that this one made.
  expect(await rotateKeys(system, dana)).toMatchObject({
    key: keyId(between[0] ?? new Uint8Array()),
    older: 1,
  });
});
