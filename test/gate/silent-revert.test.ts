import { describe, expect, test } from "vitest";
import { revertedBy } from "../../src/gate/silent-revert.ts";
import type { Cause, OpenFinding } from "../../src/model/finding.ts";
import type { Json } from "../../src/model/json.ts";
import type { PlannedAction, ResourceChange } from "../../src/model/plan.ts";
import { entry, NOW, planOf, WORKSPACE } from "../drift/plans.ts";

const DB = "aws_db_instance.main";
const open = (path: string, more: Partial<OpenFinding> = {}): OpenFinding => ({
  address: DB,
  path,
  cause: "console",
  recorded: "small",
  actual: "large",
  desired: "small",
  sensitive: false,
  fingerprint: `f:${path}`,
  workspace: WORKSPACE,
  openedAt: NOW,
  lastSeenAt: NOW,
  ...more,
});
const plan = (action: PlannedAction, before: Json, after: Json, more: Partial<ResourceChange> = {}) =>
  planOf({ changes: [entry(DB, { action, before, after, ...more })] });

const LIVE = { class: "large", name: "x", tags: { a: "1", b: "2" } };

describe("a plan undoes an open finding", () => {
  test("when it writes the recorded value back, or any other value", () => {
    expect(revertedBy(plan("update", LIVE, { ...LIVE, class: "small" }), [open("class")])).toEqual([
      { address: DB, path: "class", exact: true },
    ]);
    expect(revertedBy(plan("update", LIVE, { ...LIVE, class: "huge" }), [open("class")])).toEqual([
      { address: DB, path: "class" },
    ]);
  });

  test("when it writes around the path, or within it", () => {
    expect(revertedBy(plan("update", LIVE, { ...LIVE, tags: { a: "1" } }), [open("tags.b")])).toHaveLength(1);
    expect(revertedBy(plan("update", LIVE, { ...LIVE, tags: null }), [open("tags.b")])).toHaveLength(1);
    expect(
      revertedBy(plan("update", LIVE, { ...LIVE, tags: { a: "1", b: "3" } }), [open("tags")]),
    ).toHaveLength(1);
  });

  test("when the value will be known only after the apply", () => {
    const { class: _gone, ...after } = LIVE;
    expect(
      revertedBy(plan("update", LIVE, after, { afterUnknown: { class: true } }), [open("class")]),
    ).toHaveLength(1);
  });

  test.each(["delete", "replace", "create", "unknown"] as const)(
    "when it does %s to the resource",
    (action) => {
      expect(revertedBy(plan(action, LIVE, LIVE), [open("class")])).toEqual([{ address: DB, path: "class" }]);
    },
  );

  test("when it creates again what vanished", () => {
    expect(revertedBy(plan("create", null, LIVE), [open("", { cause: "vanished" })])).toEqual([
      { address: DB, path: "" },
    ]);
  });

  test("when the resource has moved meanwhile", () => {
    const moved = planOf({
      changes: [
        entry("aws_db_instance.new", {
          action: "update",
          previousAddress: DB,
          before: LIVE,
          after: { ...LIVE, class: "x" },
        }),
      ],
    });
    expect(revertedBy(moved, [open("class")])).toHaveLength(1);
  });
});

describe("a plan leaves an open finding alone", () => {
  test("when it writes elsewhere", () => {
    expect(revertedBy(plan("update", LIVE, { ...LIVE, name: "y" }), [open("class"), open("tags.b")])).toEqual(
      [],
    );
  });

  test.each(["no-op", "move", "import", "forget", "read"] as const)("when it does %s", (action) => {
    expect(revertedBy(plan(action, LIVE, LIVE), [open("class")])).toEqual([]);
  });

  test("when it only cleans a deposed object away", () => {
    expect(revertedBy(plan("delete", LIVE, null, { deposed: "abcd" }), [open("class")])).toEqual([]);
  });

  test.each(["unapplied", "input", "noise"] as Cause[])("when nobody's hand made it: %s", (cause) => {
    expect(revertedBy(plan("update", LIVE, { ...LIVE, class: "small" }), [open("class", { cause })])).toEqual(
      [],
    );
  });
});
