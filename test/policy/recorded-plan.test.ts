import { expect, test } from "vitest";
import type { JsonObject } from "../../src/model/json.ts";
import type { PolicyVerdict } from "../../src/model/policy.ts";
import { readPolicyAudit, writePolicyAudit } from "../../src/model/policy-audit.ts";
import { readPlan } from "../../src/plan/read.ts";
import { recordedAsPlan, stateAsPlan } from "../../src/policy/recorded-plan.ts";
import { policyAlert, policyIssue, policyIssueMarker } from "../../src/report/policy-audit.ts";
import { auditAlerts } from "../../src/run/policy-audit.ts";

const entry = (address: string, change: JsonObject, more: JsonObject = {}): JsonObject => ({
  address,
  mode: "managed",
  type: "t",
  name: "n",
  change,
  ...more,
});
const there = { before: { size: 1 }, after: { size: 2 }, after_unknown: { id: true } };

test("every object that exists is created as it is, whatever the plan would do to it", () => {
  const { resource_changes: changes, ...rest } = recordedAsPlan({
    format_version: "1.2",
    prior_state: { values: { root_module: { resources: [1] } } },
    planned_values: { root_module: {} },
    resource_drift: [{}],
    output_changes: { a: {} },
    errored: true,
    resource_changes: [
      entry("t.kept", { actions: ["no-op"], ...there, before_sensitive: { size: true } }),
      entry("t.updated", { actions: ["update"], ...there }, { previous_address: "t.old" }),
      entry("t.going", { actions: ["delete"], before: { size: 1 }, after: null }),
      entry("t.coming", { actions: ["create"], before: null, after: {} }),
      entry("t.kept", { actions: ["delete"], before: { size: 1 }, after: null }, { deposed: "ab12" }),
      entry("data.t.read", { actions: ["read"], before: {}, after: {} }, { mode: "data" }),
      "no entry",
    ],
  });
  expect(
    (changes as JsonObject[]).map(({ address, change, deposed = null }) => [address, change, deposed]),
  ).toEqual([
    ["t.kept", { ...AS_IS, after_sensitive: { size: true } }, null],
    ["t.updated", AS_IS, null],
    ["t.going", AS_IS, null],
    ["t.kept", AS_IS, "ab12"],
  ]);
  expect(changes).not.toContainEqual(expect.objectContaining({ previous_address: expect.anything() }));
  expect(rest).toEqual({
    format_version: "1.2",
    prior_state: { values: { root_module: { resources: [1] } } },
    planned_values: { root_module: { resources: [1] } },
    errored: false,
  });
});
const AS_IS = {
  actions: ["create"],
  before: null,
  after: { size: 1 },
  after_unknown: {},
  before_sensitive: false,
  after_sensitive: false,
};

test("a recorded state alone is read the same way, in every module, with what is deposed", () => {
  const resource = (address: string, more: JsonObject = {}): JsonObject => ({
    ...{ address, mode: "managed", type: "t", name: "n", provider_name: "p", schema_version: 0 },
    ...{ values: { size: 1 }, sensitive_values: {}, ...more },
  });
  const state = {
    format_version: "1.0",
    terraform_version: "1.14.0",
    values: {
      root_module: {
        resources: [
          resource("t.n", { index: 0, sensitive_values: { size: true } }),
          resource("t.n", { index: 0, deposed_key: "ab12" }),
          resource("data.t.n", { mode: "data" }),
        ],
        child_modules: [
          {
            address: "module.a",
            child_modules: [{ address: "module.a.module.b", resources: [resource("module.a.module.b.t.n")] }],
          },
        ],
      },
    },
  };
  const { resource_changes: changes, ...rest } = stateAsPlan(state);
  const same = { mode: "managed", type: "t", name: "n", provider_name: "p" };
  expect(changes).toEqual([
    { address: "t.n", ...same, index: 0, change: { ...AS_IS, after_sensitive: { size: true } } },
    { address: "t.n", ...same, index: 0, deposed: "ab12", change: { ...AS_IS, after_sensitive: {} } },
    {
      ...{ address: "module.a.module.b.t.n", module_address: "module.a.module.b", ...same },
      change: { ...AS_IS, after_sensitive: {} },
    },
  ]);
  expect(rest).toMatchObject({ format_version: "1.2", planned_values: state.values, errored: false });
  expect(readPlan(JSON.stringify(stateAsPlan(state))).changes.map(({ deposed }) => deposed)).toEqual([
    null,
    "ab12",
    null,
  ]);
  expect(stateAsPlan({ format_version: "1.0" })["resource_changes"]).toEqual([]);
});

const verdict = (...messages: string[]): PolicyVerdict => ({
  sets: ["house"],
  denied: messages.map((message) => ({
    set: "house",
    policy: "main.deny",
    message,
    owners: ["lee"],
    approvals: 1,
  })),
  warned: [],
  dryRun: [],
  excepted: [],
  ms: 3,
});
const audit = (minute: number, since: number | null, ...messages: string[]) => ({
  workspace: "acme/infra//one#default",
  run: "run_1",
  commit: "c",
  at: AT[minute] ?? new Date(0),
  deniedSince: since === null ? null : (AT[since] ?? null),
  verdict: verdict(...messages),
});
const AT = [1, 2, 3].map((minute) => new Date(Date.UTC(2026, 10, 21, 9, minute)));
const said = (before: ReturnType<typeof audit> | null, now: ReturnType<typeof audit> | null) =>
  auditAlerts({ before, audit: now }).map(({ job }) => (job.kind === "alert" ? job.alert : null));

test("one message when denials become others, one when they end, none while they stay", () => {
  const [first] = said(null, audit(0, 0, "red"));
  expect(first).toMatchObject({ event: "opened", text: expect.stringContaining("red") });
  expect(said(audit(0, 0, "red"), audit(1, 0, "red"))).toEqual([]);
  expect(said(audit(0, 0, "red"), audit(1, 1, "blue"))).toMatchObject([{ event: "opened" }]);
  const [ended] = said(audit(1, 0, "red"), audit(2, null));
  expect(ended).toMatchObject({ event: "ended", fingerprint: first?.fingerprint, id: first?.id });
  expect(said(audit(1, 0, "red"), null)).toMatchObject([{ event: "ended" }]);
  expect(said(audit(0, null), audit(1, null))).toEqual([]);
});

test("an audit is kept and read back", () => {
  const one = audit(1, 0, "red");
  expect(readPolicyAudit(writePolicyAudit(one))).toEqual(one);
  expect([readPolicyAudit(undefined), readPolicyAudit(null)]).toEqual([null, null]);
});

test("the issue names each workspace and what is denied, cut and harmless", () => {
  const many = Array.from({ length: 12 }, (_, index) => `rule ${index}`);
  const { title, body } = policyIssue([
    audit(0, 0, "@all <b>", ...many),
    { ...audit(0, 0, "x".repeat(900)), workspace: "a/b//c#d" },
  ]);
  expect(title).toBe("Policies deny what exists in 2 workspaces");
  expect(body.indexOf("a/b//c#d")).toBeLessThan(body.indexOf("acme/infra"));
  expect(body).toContain("and 3 more");
  expect(body).not.toMatch(/@all|<b>|x{400}/);
  expect(body.endsWith(policyIssueMarker)).toBe(true);
  expect(policyAlert("opened", audit(0, 0, "a\nb", "c")).text).toBe(
    "acme/infra//one#default: house, main.deny: a b And 1 more.",
  );
});
