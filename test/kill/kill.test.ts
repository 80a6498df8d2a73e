import { afterAll, beforeAll, expect, test } from "vitest";
import { openSandbox } from "../../src/adapters/sandbox-open.ts";
import { type KillBench, openKillBench } from "./bench.ts";
import { allPoints, nameOf, sampled } from "./points.ts";

// Three points of the matrix that `npm run test:kill` walks through whole: one from before the engine's apply, one from
// after it, and one from within it with a second death at recovery. Which ones is drawn, always the same from the same
// calls.

let bench: KillBench;
let calls: readonly string[];
beforeAll(async () => {
  bench = await openKillBench();
  calls = await bench.dryRun();
}, 300_000);
afterAll(() => bench.close());

test("a dry run meets every port, and every call of it is two points", () => {
  const ports = new Set(calls.map((label) => label.split(".")[0]));
  expect([...ports]).toEqual(
    expect.arrayContaining(["ledger", "forge", "git", "engine", "engines", "artifacts", "files", "worktree"]),
  );
  expect(allPoints(calls, 20)).toHaveLength(calls.length * 2 + 20);
});

test("killed anywhere, and once more while it recovers: applied at most once, and all is told", async () => {
  const points = sampled(calls, { before: 1, during: 0, after: 1 });
  for (const point of points)
    expect(await bench.kill(point), nameOf(point)).toMatchObject({ reached: true, wrong: [] });
  const [within] = sampled(calls, { before: 0, during: 1, after: 0 });
  const again = { when: "before", label: "files.leftByApply", nth: 1 } as const;
  if (within) expect(await bench.kill(within, again), "twice").toMatchObject({ reached: true, wrong: [] });
}, 600_000);

const confined = await openSandbox({ mode: "auto", read: [], write: [], egress: null }, process.env);

test.skipIf("missing" in confined)(
  "killed while an engine applies in its sandbox: both outlive it, and it is told as applied (skipped without bubblewrap)",
  async () => {
    const own = await openKillBench({ sandboxed: true, delayMs: 2_000 });
    try {
      expect(await own.kill({ when: "during", ms: 500 })).toMatchObject({
        ...{ reached: true, applied: 1, wrong: [] },
      });
    } finally {
      await own.close();
    }
  },
  300_000,
);
