import { describe, expect, test } from "vitest";
import { resealArtifacts } from "../../src/adapters/artifacts-reseal.ts";
import { createSealedArtifacts, type SealedStore } from "../../src/adapters/artifacts-sealed.ts";

const key = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
const [NEW, OLD, FOREIGN] = [key(3), key(2), key(9)];
const LARGE = 9 * 1024 * 1024;
const quietly = { look: false, progress: (): void => {} };

/** What every store keeps when artifacts are sealed anew. `open` gives an empty one. */
export const resealContract = (name: string, open: () => Promise<SealedStore>): void => {
  describe(`a change of keys in ${name}`, () => {
    test("only what lies there unchanged is replaced: nobody's removal or write is undone", async () => {
      const store = await open();
      const bytes = (text: string): Uint8Array => Buffer.from(text);
      const now = async (of: string): Promise<string> => Buffer.from((await store.get(of)) ?? []).toString();
      expect(await store.replace("a/b", () => bytes("x"))).toBe("gone");
      await store.putOnce("a/b", bytes("one"));
      expect(await store.replace("a/b", () => null)).toBe("kept");
      expect(await store.replace("a/b", (was) => Buffer.concat([was, bytes(" two")]))).toBe("replaced");
      expect(await now("a/b")).toBe("one two");
      const meanwhile = async (): Promise<Uint8Array> => {
        await store.delete("a/b");
        await store.putOnce("a/b", bytes("another's"));
        return bytes("ours");
      };
      expect(await store.replace("a/b", meanwhile)).toBe("changed");
      expect(await now("a/b")).toBe("another's");
      const removed = async (): Promise<Uint8Array> => {
        await store.delete("a/b");
        return bytes("ours");
      };
      expect(await store.replace("a/b", removed)).toBe("gone");
      expect(await store.get("a/b")).toBeNull();
    });

    test("broken off anywhere, everything is legible with both keys; then the new one alone is enough", async () => {
      const store = await open();
      const before = createSealedArtifacts(store, [OLD]);
      const during = createSealedArtifacts(store, [NEW, OLD]);
      const after = createSealedArtifacts(store, [NEW]);
      const contents = [
        ...["a", "b", "c", "d", "e"].map((text) => Buffer.from(text)),
        Buffer.alloc(LARGE, 7),
      ];
      const refs = await Promise.all(contents.map((content, at) => before.put(`runs/r${at}/plan`, content)));
      const allLegible = async (artifacts: typeof during): Promise<void> => {
        for (const [at, ref] of refs.entries())
          expect(Buffer.compare(await artifacts.get(ref), contents[at] ?? Buffer.alloc(0))).toBe(0);
      };
      const breaking = (after: number): Promise<unknown> =>
        resealArtifacts(store, [NEW, OLD], {
          look: false,
          progress: (older) => {
            if (older === after) throw new Error("killed");
          },
        });
      for (const count of [1, 2]) {
        await expect(breaking(count)).rejects.toThrow("killed");
        await allLegible(during);
      }
      expect(await resealArtifacts(store, [NEW, OLD], { ...quietly, look: true })).toMatchObject({
        ...{ older: 3, current: 3 },
      });
      // What a service writes meanwhile is sealed by the new key at once.
      refs.push(await during.put("runs/late/plan", Buffer.from("late")));
      contents.push(Buffer.from("late"));
      expect(await resealArtifacts(store, [NEW, OLD], quietly)).toEqual({
        ...{ older: 3, current: 4, unreadable: [] },
      });
      await allLegible(after);
      await expect(before.get(refs[0] ?? { key: "", sha256: "", bytes: 0 })).rejects.toMatchObject({
        code: "artifact-corrupt",
      });
    });

    test("what no key opens is named and left as it is", async () => {
      const store = await open();
      await createSealedArtifacts(store, [FOREIGN]).put("runs/f/plan", Buffer.from("theirs"));
      await store.putOnce("runs/n/plan", Buffer.from("not sealed at all"));
      const was = await store.get("runs/f/plan");
      expect(await resealArtifacts(store, [NEW, OLD], quietly)).toEqual({
        ...{ older: 0, current: 0, unreadable: ["runs/f/plan", "runs/n/plan"] },
      });
      expect(await store.get("runs/f/plan")).toEqual(was);
    });
  });
};
