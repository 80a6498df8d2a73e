import { expect, test } from "vitest";
import { parseRepoConfig, readRepoConfig } from "../../src/config/repo-config.ts";
import { DEFAULT_GOVERNANCE } from "../../src/model/governance.ts";

const parsed = (governance: string) =>
  parseRepoConfig(`version: 1\ngovernance:\n${governance.replaceAll(/^(?=.)/gm, "  ")}`, {
    file: "plumbline.yaml",
  });
const value = (governance: string) => {
  const result = parsed(governance);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value.governance;
};
const problems = (governance: string) => {
  const result = parsed(governance);
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
};

test("what is given goes over what holds by default, class by class and key by key", () => {
  const governance = value(`roles:
  data-owner: [lee, "@acme/dba"]
  release: [kim]
classes:
  R2: { approvals: [release], windows: [{ days: [tue], from: "09:00", to: "16:00", timezone: Europe/Berlin }] }
  R4: { backup_proof: no }
restore_test_max_age: 30d
freeze:
  - { from: 2026-12-20, until: 2027-01-03, reason: holidays, workspaces: ["prod/**"] }
`);
  expect(governance?.roles).toEqual({ "data-owner": ["lee", "@acme/dba"], release: ["kim"] });
  expect(governance?.classes.R2).toEqual({
    approvals: ["release"],
    claim: false,
    backupProof: false,
    windows: [{ days: ["tue"], from: "09:00", to: "16:00", timezone: "Europe/Berlin" }],
  });
  expect(governance?.classes.R4).toEqual({ ...DEFAULT_GOVERNANCE.classes.R4, backupProof: false });
  expect(governance?.classes.R5).toEqual(DEFAULT_GOVERNANCE.classes.R5);
  expect(governance?.restoreTestMaxAgeMs).toBe(30 * 86_400_000);
  expect(governance?.freeze).toEqual([
    {
      from: new Date("2026-12-20T00:00:00Z"),
      until: new Date("2027-01-03T23:59:59.999Z"),
      reason: "holidays",
      workspaces: ["prod/**"],
    },
  ]);
});

test("a repository that says nothing has the defaults: nobody for R2, data owner and backup proof for R4", () => {
  const { R2, R4 } = DEFAULT_GOVERNANCE.classes;
  expect([R2.approvals, R4.approvals, R4.backupProof]).toEqual([
    [],
    ["service-owner", "data-owner", "platform"],
    true,
  ]);
});

test.each([
  [
    "a role that nobody defines",
    "classes: { R3: { approvals: [data-ownr] } }",
    /approvals\[0\]: .*data-owner/,
  ],
  ["a class that there is not", "classes: { R6: {} }", /R6/],
  ["a time that is none", 'classes: { R3: { windows: [{ from: "25:00", to: "16:00" }] } }', /no time/],
  [
    "a zone that is none",
    'classes: { R3: { windows: [{ from: "09:00", to: "16:00", timezone: Mars }] } }',
    /zone/,
  ],
  [
    "a window that never opens",
    'classes: { R3: { windows: [{ from: "09:00", to: "09:00" }] } }',
    /windows\[0\]\.to: .*never opens/,
  ],
  [
    "a freeze that ends before it begins",
    "freeze: [{ from: 2026-02-01, until: 2026-01-01, reason: x }]",
    /not after/,
  ],
  ["a freeze without a reason", "freeze: [{ from: 2026-02-01, until: 2026-03-01 }]", /reason/],
])("%s is a problem", (_what, governance, message) => {
  expect(problems(governance).join("\n")).toMatch(message);
});

test("the problem is told beside an atlantis.yaml too", () => {
  const read = readRepoConfig({
    "plumbline.yaml": "version: 1\ngovernance: { classes: { R3: { approvals: [nobody] } } }\n",
    "atlantis.yaml": "version: 3\nprojects: [{ dir: a }]\n",
  });
  expect(read.ok ? [] : read.problems.map(({ path }) => path)).toEqual([
    "plumbline.yaml: governance.classes.R3.approvals[0]",
  ]);
});
