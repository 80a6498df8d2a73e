import { describe, expect, test } from "vitest";
import type { PullView, WorkspaceView } from "../../src/report/pull-view.ts";
import { isSilent } from "../../src/report/silence.ts";
import { finding, grave, resource, summaryOf, view, workspace } from "./views.ts";

const planned = (more: Partial<WorkspaceView> = {}): WorkspaceView =>
  workspace("a", { state: "planned", summary: summaryOf([resource("aws_x.a", "update")]), ...more });
const migrated = (more: object): Partial<WorkspaceView> => {
  const migration = { migrations: [{ findings: [], suppressed: [] }], problems: [], ...more };
  return { summary: { ...summaryOf([resource("db/1.sql", "update")]), migration: migration as never } };
};
const rehearsed = (more: object): Partial<WorkspaceView> => {
  const fine = { migrations: [], failure: null };
  return migrated({ rehearsal: { current: fine, empty: fine, again: null, ...more } });
};
const asked = (workspaces: readonly WorkspaceView[], more: Partial<PullView> = {}): PullView =>
  view(workspaces, { silent: ["plan", "apply"], ...more });
test("a phase is silent only where the repository asks for that", () => {
  expect(isSilent(asked([planned()]), "plan")).toBe(true);
  expect(isSilent(asked([planned()], { silent: ["apply"] }), "plan")).toBe(false);
  expect(isSilent(view([planned()]), "plan")).toBe(false);
  expect(isSilent(asked([planned(rehearsed({}))]), "plan")).toBe(true);
  const applied = planned({ state: "applied", applied: { verified: true, remaining: [] } });
  expect(isSilent(asked([applied]), "apply")).toBe(true);
});

describe("safety beats silence", () => {
  test.each<[string, Partial<WorkspaceView>]>([
    ["a failed plan", { state: "plan-failed" }],
    ["a stopped apply", { state: "apply-denied" }],
    ["a failed apply", { state: "apply-failed" }],
    ["an outcome that nobody knows", { state: "unknown" }],
    ["a second plan that is not empty", { state: "applied", applied: { verified: false, remaining: ["x"] } }],
    ["durable state that is lost", { summary: summaryOf([grave("aws_db_instance.a")]) }],
    ["anything that is deleted", { summary: summaryOf([resource("aws_x.a", "delete")]) }],
    ["anything that is replaced", { summary: summaryOf([resource("aws_x.a", "replace")]) }],
    ["anything that is forgotten", { summary: summaryOf([resource("aws_x.a", "forget")]) }],
    ["a workspace that goes", { destroy: true }],
    ["another's lock", { lock: { holder: { repo: "acme/infra", number: 2 }, position: 1 } }],
    ["drift that would be undone", { overriddenDrift: [finding("aws_x.a", "size")] }],
    ["drift on the way", { driftOnTheWay: [finding("aws_x.a", "size")] }],
    ["a policy that warns", { policies: { denied: [], warned: [{ policy: "p", message: "m" }] } }],
    ["what the analysis of SQL finds", migrated({ migrations: [{ findings: [{}], suppressed: [] }] })],
    ["what was suppressed of that", migrated({ migrations: [{ findings: [], suppressed: [{}] }] })],
    ["a history that stands in the way", migrated({ problems: [{ problem: "missing" }] })],
    ["a rehearsal that failed", rehearsed({ current: { migrations: [], failure: { script: "1.sql" } } })],
    [
      "a second run that is not empty",
      rehearsed({ again: { pending: ["1.sql"], changes: [], failure: null } }),
    ],
  ])("%s is told", (_what, more) => {
    expect(isSilent(asked([planned(), planned(more)]), "plan")).toBe(false);
    expect(isSilent(asked([planned(), planned(more)]), "apply")).toBe(false);
  });

  test("notes of the pull request and tests of policies that fail are told", () => {
    expect(isSilent(asked([planned()], { notes: ["The head does not merge."] }), "plan")).toBe(false);
    const failed = { folder: "p", passed: 1, failed: [{ name: "t", message: "" }], error: null };
    expect(isSilent(asked([planned()], { policyTests: [failed as never] }), "plan")).toBe(false);
  });
});
