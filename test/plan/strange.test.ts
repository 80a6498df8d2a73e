import { beforeAll, expect, test } from "vitest";
import { loadCatalogue } from "../../src/adapters/catalogue-files.ts";
import type { Catalogue } from "../../src/model/catalogue.ts";
import { planDigest } from "../../src/plan/digest.ts";
import { inspectPlan } from "../../src/plan/inspect.ts";
import { readPlan } from "../../src/plan/read.ts";
import { redactPlan } from "../../src/plan/redact.ts";
import { summarize } from "../../src/plan/summary.ts";
import { processorTime } from "../timing.ts";
import { planText } from "./plan-document.ts";

let catalogue: Catalogue;
beforeAll(async () => {
  catalogue = await loadCatalogue();
});

const TYPES = [
  "aws_db_instance",
  "aws_security_group",
  "aws_s3_bucket",
  "kafka_topic",
  "helm_release",
  "x",
  "",
];
const ACTIONS = ["create", "update", "delete", "no-op", "read", "forget", "odd"];
const KEYS = [
  "ingress",
  "policy",
  "config",
  "tags",
  "versioning",
  "values",
  "constructor",
  "__proto__",
  "retention.ms",
];
const LEAVES = [
  null,
  true,
  false,
  0,
  1,
  "",
  "x",
  "0.0.0.0/0",
  '{"Statement":[{"Principal":"*"}]}',
  "{",
  "14.1",
];

/** A small repeatable source of numbers below `limit`. */
const dice = (seed: number) => {
  let state = seed * 2_654_435_761 + 1;
  return (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
};

const valueFrom = (roll: (limit: number) => number, depth: number): unknown => {
  const kind = depth === 0 ? 0 : roll(3);
  if (kind === 0) return LEAVES[roll(LEAVES.length)];
  const items = Array.from({ length: roll(4) }, () => valueFrom(roll, depth - 1));
  if (kind === 1) return items;
  return Object.fromEntries(items.map((item) => [KEYS[roll(KEYS.length)], item]));
};

const entryFrom = (roll: (limit: number) => number) => ({
  address: `a.b${roll(3)}`,
  mode: ["managed", "managed", "data", "ephemeral", "odd"][roll(5)],
  type: TYPES[roll(TYPES.length)],
  previous_address: roll(4) === 0 ? "a.old" : undefined,
  deposed: roll(5) === 0 ? "0a" : undefined,
  change: {
    actions: Array.from({ length: roll(3) }, () => ACTIONS[roll(ACTIONS.length)]),
    before: valueFrom(roll, 4),
    after: valueFrom(roll, 4),
    after_unknown: valueFrom(roll, 4),
    before_sensitive: valueFrom(roll, 3),
    after_sensitive: valueFrom(roll, 3),
    replace_paths: valueFrom(roll, 2),
  },
});

test("values of any shape are read, judged, hidden, summed up and digested without a failure", () => {
  for (let seed = 0; seed < 1500; seed += 1) {
    const roll = dice(seed);
    const entries = () => Array.from({ length: roll(4) }, () => entryFrom(roll));
    const text = planText({ resource_changes: entries(), resource_drift: entries() });
    const plan = readPlan(text);
    const inspection = inspectPlan(plan, catalogue);
    const summary = summarize(redactPlan(plan).plan, inspection);
    const options = { lockFile: null, inputTree: "", variables: {}, flags: [], ignore: [] };
    const engine = { distribution: "tofu", version: "1" };
    const digest = () =>
      planDigest({ ...options, engine, key: new Uint8Array(8), plan: readPlan(text) }).digest;
    expect(digest()).toBe(digest());
    for (const row of summary.resources.flatMap((one) => one.diff)) {
      expect(row.before === null || typeof row.before === "string").toBe(true);
    }
  }
});

test("a change without a change, or without actions, is of unknown action", () => {
  const plan = readPlan(planText({ resource_changes: [{ address: "a.b" }, { address: "a.c", change: {} }] }));
  expect(inspectPlan(plan, catalogue).changes.map((change) => change.action)).toEqual(["unknown", "unknown"]);
});

test("ten thousand drifted and changed resources are judged in no long time", () => {
  const entry = (index: number, before: string, after: string) => ({
    address: `aws_security_group.a[${index}]`,
    mode: "managed",
    type: "aws_security_group",
    change: { actions: ["update"], before: { name: before, index }, after: { name: after, index } },
  });
  const list = (before: string, after: string) =>
    Array.from({ length: 10_000 }, (_, index) => entry(index, before, after));
  const plan = readPlan(
    planText({ resource_changes: list("live", "code"), resource_drift: list("code", "live") }),
  );
  const used = processorTime();
  expect(inspectPlan(plan, catalogue).revertsDrift).toHaveLength(10_000);
  expect(used()).toBeLessThan(4000);
});
