import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Artifacts } from "../../src/ports/artifacts.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (content: Uint8Array): string => new TextDecoder().decode(content);
const keysOf = async (artifacts: Artifacts, prefix: string): Promise<readonly string[]> => {
  const keys: string[] = [];
  for await (const { key } of artifacts.list(prefix)) keys.push(key);
  return keys.sort();
};

/** What every artifact store keeps. `open` gives an empty one. */
export const artifactsContract = (name: string, open: () => Promise<Artifacts>): void => {
  describe(`artifacts in ${name}`, () => {
    test("what was put comes back, with its hash", async () => {
      const artifacts = await open();
      const ref = await artifacts.put("runs/r1/log.txt", bytes("hello"));
      expect(ref).toEqual({
        key: "runs/r1/log.txt",
        sha256: createHash("sha256").update("hello").digest("hex"),
        bytes: 5,
      });
      expect(text(await artifacts.get(ref))).toBe("hello");
      const empty = await artifacts.put("empty", new Uint8Array());
      expect(await artifacts.get(empty)).toHaveLength(0);
    });

    test("a key is written once: the same bytes are fine, others are refused and change nothing", async () => {
      const artifacts = await open();
      const ref = await artifacts.put("a/b", bytes("one"));
      expect(await artifacts.put("a/b", bytes("one"))).toEqual(ref);
      await expect(artifacts.put("a/b", bytes("two"))).rejects.toMatchObject({ code: "artifact-corrupt" });
      expect(text(await artifacts.get(ref))).toBe("one");
    });

    test("of many that write one key at once, one wins whole", async () => {
      const artifacts = await open();
      const contents = Array.from({ length: 8 }, (_, index) => bytes(`${index}`.repeat(50_000)));
      const results = await Promise.allSettled(contents.map((content) => artifacts.put("race", content)));
      const won = results.filter((result) => result.status === "fulfilled");
      expect(won).toHaveLength(1);
      for (const { value } of won) expect(await artifacts.get(value)).toHaveLength(50_000);
    });

    test("missing, and other than the reference says", async () => {
      const artifacts = await open();
      const absent = { key: "absent", sha256: "0".repeat(64), bytes: 1 };
      await expect(artifacts.get(absent)).rejects.toMatchObject({ code: "artifact-missing" });
      const ref = await artifacts.put("x", bytes("content"));
      await expect(artifacts.get({ ...ref, sha256: absent.sha256 })).rejects.toMatchObject({
        code: "artifact-corrupt",
      });
      await artifacts.delete("x");
      await artifacts.delete("x");
      await expect(artifacts.get(ref)).rejects.toMatchObject({ code: "artifact-missing" });
    });

    test.each(["../x", "/etc/x", "a//b", "a/../../x", "", ".", "a/./b"])("%j is no key", async (key) => {
      const artifacts = await open();
      await expect(artifacts.put(key, bytes("x"))).rejects.toMatchObject({ code: "path-escapes" });
    });

    test("lists by prefix, strange names too", async () => {
      const artifacts = await open();
      const before = Date.now() - 60_000;
      const keys = ["runs/r1/log.txt", "runs/r1/plan", "runs/r10/log.txt", "state/o%2Fr ü#~a:1"];
      for (const key of keys) await artifacts.put(key, bytes(key));
      expect(await keysOf(artifacts, "")).toEqual(keys);
      expect(await keysOf(artifacts, "runs/r1")).toEqual(keys.slice(0, 3));
      expect(await keysOf(artifacts, "runs/r1/")).toEqual(keys.slice(0, 2));
      expect(await keysOf(artifacts, "absent/")).toEqual([]);
      for await (const { key, bytes: size, writtenAt } of artifacts.list("state/")) {
        expect(size).toBe(bytes(key).length);
        expect(writtenAt.getTime()).toBeGreaterThan(before);
      }
    });
  });
};
