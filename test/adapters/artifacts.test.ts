import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createDirectoryArtifacts, createDirectoryStore } from "../../src/adapters/artifacts-directory.ts";
import { artifactsContract } from "../contract/artifacts.ts";
import { resealContract } from "../contract/reseal.ts";

const folders: string[] = [];
const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), "plumbline-artifacts-"));
  folders.push(path);
  return path;
};
afterAll(() => {
  for (const path of folders) rmSync(path, { recursive: true, force: true });
});

const key = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
const content = new TextEncoder().encode("a secret in a plan");

artifactsContract("a directory", async () => createDirectoryArtifacts(folder(), [key(1)]));
resealContract("a directory", async () => createDirectoryStore(folder()));

test("nothing is legible on the disk, and only the owner may read", async () => {
  const path = folder();
  await createDirectoryArtifacts(path, [key(1)]).put("plan", content);
  expect(readFileSync(join(path, "plan")).includes("secret")).toBe(false);
  expect(statSync(join(path, "plan")).mode & 0o077).toBe(0);
  expect(readdirSync(join(path, "~unfinished"))).toEqual([]);
});

test("a new key in front reads what the old one wrote; without the old one nobody does", async () => {
  const path = folder();
  const ref = await createDirectoryArtifacts(path, [key(1)]).put("plan", content);
  const rotated = createDirectoryArtifacts(path, [key(2), key(1)]);
  expect(await rotated.get(ref)).toEqual(Buffer.from(content));
  expect(await rotated.put("plan", content)).toEqual(ref);
  const without = createDirectoryArtifacts(path, [key(2)]);
  await expect(without.get(ref)).rejects.toMatchObject({ code: "artifact-corrupt" });
});

test("a changed bit, a cut file and a file in another's place are found", async () => {
  const path = folder();
  const artifacts = createDirectoryArtifacts(path, [key(1)]);
  const one = await artifacts.put("one", content);
  const two = await artifacts.put("two", content);
  const three = await artifacts.put("three", content);
  const sealed = readFileSync(join(path, "one"));
  sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1;
  writeFileSync(join(path, "one"), sealed);
  writeFileSync(join(path, "three"), "PLA1");
  await expect(artifacts.get(one)).rejects.toMatchObject({ code: "artifact-corrupt" });
  await expect(artifacts.get(three)).rejects.toMatchObject({ code: "artifact-corrupt" });
  renameSync(join(path, "two"), join(path, "one"));
  await expect(artifacts.get({ ...two, key: "one" })).rejects.toMatchObject({ code: "artifact-corrupt" });
});

test("a folder that cannot be read is an error, never an empty one; one that is not there is empty", async () => {
  const path = folder();
  const listed = async (directory: string): Promise<readonly string[]> => {
    const keys: string[] = [];
    for await (const one of createDirectoryStore(directory).list("")) keys.push(one.key);
    return keys;
  };
  expect(await listed(join(path, "nobody-made-it"))).toEqual([]);
  // Read permission does not bind root, so that the folder is a file, and a link to itself.
  writeFileSync(join(path, "file"), "");
  symlinkSync("loop", join(path, "loop"));
  const unavailable = { code: "store-unavailable", message: expect.stringContaining(path) };
  await expect(listed(join(path, "file"))).rejects.toMatchObject(unavailable);
  await expect(listed(join(path, "loop"))).rejects.toMatchObject(unavailable);
  const store = createDirectoryStore(path);
  await store.putOnce("runs/a", content);
  const looped = (): Uint8Array => {
    rmSync(join(path, "runs"), { recursive: true });
    symlinkSync("runs", join(path, "runs"));
    return content;
  };
  await expect(store.replace("runs/a", looped)).rejects.toMatchObject(unavailable);
});
