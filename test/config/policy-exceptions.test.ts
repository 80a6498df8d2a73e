import { expect, test } from "vitest";
import { parseRepoConfig } from "../../src/config/repo-config.ts";

const FULL = { set: "house", policy: "main.deny_*", owner: "ann", reason: "moving", until: "2026-12-31" };
const read = (entry: object) =>
  parseRepoConfig(`version: 1\npolicy_exceptions:\n  - ${JSON.stringify(entry)}\n`, {
    file: "plumbline.yaml",
  });

test("an exception of the repository lasts to the end of its last day", () => {
  const config = read(FULL);
  expect(config.ok && config.value.policyExceptions).toEqual([
    { ...FULL, workspace: null, until: new Date("2026-12-31T23:59:59.999Z") },
  ]);
});

test.each(["set", "policy", "owner", "reason", "until"])(
  "without %s it is a problem of the configuration",
  (key) => {
    const config = read({ ...FULL, [key]: undefined });
    expect(config.ok ? [] : config.problems.map(({ path }) => path)).toEqual([`policy_exceptions[0].${key}`]);
  },
);
