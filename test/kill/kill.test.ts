import { afterAll, beforeAll, expect, test } from "vitest";
import { type KillBench, openKillBench } from "./bench.ts";
import { allPoints, nameOf } from "./points.ts";
import type { KillPoint } from "./service-program.ts";

// A sample of the matrix that `npm run test:kill` walks through whole.

let bench: KillBench;
let calls: readonly string[];
beforeAll(async () => {
  bench = await openKillBench();
  calls = await bench.dryRun();
}, 300_000);
afterAll(() => bench.close());

/** The last call before `label`, itself, and those after it: where a crash could double or lose an apply. */
const nth = (label: string, ofLabel: string): number =>
  calls.slice(0, calls.indexOf(ofLabel) + 1).filter((one) => one === label).length;
const start = (): number => nth("ledger.runs.transition", "engine.apply");

interface Sample {
  readonly where: string;
  readonly point: () => KillPoint;
  /** Where its successor dies too. */
  readonly again?: () => KillPoint;
}
const before = (label: string, nth: number): KillPoint => ({ when: "before", label, nth });
const after = (label: string, nth: number): KillPoint => ({ when: "after", label, nth });
const puts = (): number => calls.filter((one) => one === "artifacts.put").length;

const SAMPLE: readonly Sample[] = [
  { where: "before the start is written", point: () => before("ledger.runs.transition", start()) },
  { where: "when the start is stored", point: () => before("engine.apply", 1) },
  { where: "within the engine's apply", point: () => ({ when: "during", ms: 150 }) },
  {
    where: "within the engine's apply, and again before anybody looked",
    point: () => ({ when: "during", ms: 400 }),
    again: () => before("files.leftByApply", 1),
  },
  { where: "after the engine's apply", point: () => after("engine.apply", 1) },
  {
    where: "when the evidence is kept, and again when the look has kept its own",
    point: () => after("artifacts.put", puts() - 1),
    again: () => after("artifacts.put", 2),
  },
  { where: "when the merge is heard of", point: () => after("ledger.deliveries.remember", 1) },
  { where: "while the status is set", point: () => after("forge.setStatus", 1) },
];

test("a dry run meets every port, and every call of it is two points", () => {
  const ports = new Set(calls.map((label) => label.split(".")[0]));
  expect([...ports]).toEqual(
    expect.arrayContaining(["ledger", "forge", "git", "engine", "engines", "artifacts", "files", "worktree"]),
  );
  expect(allPoints(calls, 20)).toHaveLength(calls.length * 2 + 20);
});

test.each(SAMPLE)(
  "killed $where: applied at most once, and all is told",
  async ({ point, again }) => {
    const answer = await bench.kill(point(), again?.());
    expect(answer, nameOf(answer.point)).toMatchObject({ reached: true, wrong: [] });
  },
  240_000,
);
