import { beforeAll, describe, expect, test } from "vitest";
import { loadCatalogue } from "../../src/adapters/catalogue-files.ts";
import type { Catalogue } from "../../src/model/catalogue.ts";
import { inspectPlan, inspectPlanText } from "../../src/plan/inspect.ts";
import { changeEntry, driftedPlan, planOf, planText } from "./plan-document.ts";

let catalogue: Catalogue;
beforeAll(async () => {
  catalogue = await loadCatalogue();
});

describe("counts", () => {
  test("each managed entry counts once; moves and imports are counted beside it", () => {
    const { counts } = inspectPlan(
      planOf(
        changeEntry("a.new", ["create"], {}),
        changeEntry("a.changed", ["update"], {}, { previous_address: "a.was" }),
        changeEntry("a.gone", ["delete"], {}),
        changeEntry("a.gone", ["delete"], {}, { deposed: "1234" }),
        changeEntry("a.again", ["create", "delete"], {}),
        changeEntry("a.left", ["forget"], {}),
        changeEntry("a.same", ["no-op"], {}),
        changeEntry("a.moved", ["no-op"], {}, { previous_address: "a.old" }),
        changeEntry("a.taken", ["no-op"], { importing: { id: "1" } }),
        changeEntry("data.a.b", ["read"], {}, { mode: "data" }),
      ),
      catalogue,
    );
    expect(counts).toEqual({
      create: 1,
      update: 1,
      delete: 2,
      replace: 1,
      forget: 1,
      read: 1,
      noop: 1,
      move: 2,
      import: 1,
      drift: 0,
    });
  });

  test("every entry is listed in order, no-ops too", () => {
    const plan = planOf(changeEntry("a.z", ["no-op"], {}), changeEntry("a.a", ["create"], {}));
    expect(inspectPlan(plan, catalogue).changes.map((change) => change.address)).toEqual(["a.z", "a.a"]);
  });

  test("a no-op whose before and after differ stays a no-op", () => {
    const plan = planOf(changeEntry("a.b", ["no-op"], { before: { x: null }, after: { x: "" } }));
    expect(inspectPlan(plan, catalogue).changes[0]).toMatchObject({ action: "no-op", class: "R0" });
  });

  test("an empty plan is R0, one that changes outputs alone too", () => {
    expect(inspectPlanText(planText({}), catalogue).class).toBe("R0");
    const outputs = { output_changes: { a: { actions: ["create"], before: null, after: 1 } } };
    expect(inspectPlanText(planText(outputs), catalogue).class).toBe("R0");
  });

  test("several plans in one text are told together", () => {
    const plan = planText({ resource_changes: [changeEntry("a.b", ["create"], {})] });
    const inspection = inspectPlanText(`${plan}\n${plan}`, catalogue);
    expect(inspection.documents).toBe(2);
    expect(inspection.counts.create).toBe(2);
    expect(inspection.changes).toHaveLength(2);
  });
});

describe("an unknown action", () => {
  test("is destructive, whatever the type", () => {
    const inspection = inspectPlan(planOf(changeEntry("a.b", ["explode"], {})), catalogue);
    expect(inspection.changes[0]).toMatchObject({ action: "unknown", destructive: true, class: "R4" });
    expect(inspection.class).toBe("R4");
  });
});

describe("a forget", () => {
  test("destroys nothing, yet is flagged", () => {
    const plan = planOf(changeEntry("aws_db_instance.main", ["forget"], { before: { id: "x" } }));
    const [change] = inspectPlan(plan, catalogue).changes;
    expect(change).toMatchObject({ destructive: false, stateful: true, class: "R3" });
    expect(change!.reasons[0]!.message).toContain("nothing is destroyed");
  });
});

const drift = (before: object, after: object | null) =>
  changeEntry("aws_thing.a", after === null ? ["delete"] : ["update"], { before, after });

describe("drift", () => {
  test("a delete in resource_drift is a resource that vanished, with the path of the whole", () => {
    const inspection = inspectPlan(driftedPlan([drift({ id: "1" }, null)]), catalogue);
    expect(inspection.drift).toEqual([
      { address: "aws_thing.a", type: "aws_thing", action: "delete", paths: [""] },
    ]);
    expect(inspection.counts.drift).toBe(1);
    expect(inspection.counts.delete).toBe(0);
  });

  test("paths are traversal text, map keys with dots in brackets", () => {
    const plan = driftedPlan([
      drift({ tags: { "a.b": "1", env: "x" }, size: 1 }, { tags: { "a.b": "2", env: "x" }, size: 2 }),
    ]);
    expect(inspectPlan(plan, catalogue).drift[0]!.paths).toEqual(['tags["a.b"]', "size"]);
  });

  test.each([
    ["an unset list that reads back empty", { list: null }, { list: [] }],
    ["false for null", { flag: null }, { flag: false }],
    ["0 for null", { count: null }, { count: 0 }],
    ['"" for null', { name: null }, { name: "" }],
    ["an empty map for null", { tags: null }, { tags: {} }],
    ["nulls filled in a block", { block: [{ a: 1 }] }, { block: [{ a: 1, b: null, c: "" }] }],
    ["the same JSON written otherwise", { policy: '{"a":1,"b":2}' }, { policy: '{ "b": 2, "a": 1 }' }],
  ])("%s is noise", (_name, before, after) => {
    const plan = driftedPlan([drift(before, after)]);
    expect(inspectPlan(plan, catalogue).drift[0]!.paths).toEqual([]);
  });

  test.each([
    ["true to false", { flag: true }, { flag: false }],
    ["a number to 0", { count: 3 }, { count: 0 }],
    ["a text to nothing", { name: "x" }, { name: "" }],
    ["a list that lost its elements", { list: ["x"] }, { list: [] }],
    ["null to true", { flag: null }, { flag: true }],
    ["a block that appeared", { block: [] }, { block: [{ a: null }] }],
  ])("%s is drift", (_name, before, after) => {
    const plan = driftedPlan([drift(before, after)]);
    expect(inspectPlan(plan, catalogue).drift[0]?.paths).toHaveLength(1);
  });

  test("zero is a value where the catalogue watches the path", () => {
    const entry = changeEntry("aws_db_instance.main", ["update"], {
      before: { backup_retention_period: null },
      after: { backup_retention_period: 0 },
    });
    expect(inspectPlan(driftedPlan([entry]), catalogue).drift[0]?.paths).toHaveLength(1);
  });
});

describe("reverted drift", () => {
  const reverts = (drifted: object, change: object) =>
    inspectPlan(driftedPlan([drifted], [change]), catalogue).revertsDrift;
  const resized = drift({ size: 1, name: "a" }, { size: 2, name: "a" });

  test("a plan that writes the recorded value back reverts exactly", () => {
    const change = changeEntry("aws_thing.a", ["update"], { before: { size: 2 }, after: { size: 1 } });
    expect(reverts(resized, change)).toEqual([{ address: "aws_thing.a", path: "size", exact: true }]);
  });

  test("a third value takes the drift away too, though not exactly", () => {
    const change = changeEntry("aws_thing.a", ["update"], { before: { size: 2 }, after: { size: 3 } });
    expect(reverts(resized, change)).toEqual([{ address: "aws_thing.a", path: "size" }]);
  });

  test("so does a value that is not known yet", () => {
    const change = changeEntry("aws_thing.a", ["update"], {
      before: { size: 2 },
      after: {},
      after_unknown: { size: true },
    });
    expect(reverts(resized, change)).toEqual([{ address: "aws_thing.a", path: "size" }]);
  });

  test("a no-op keeps what the console set and the code leaves silent", () => {
    const change = changeEntry("aws_thing.a", ["no-op"], { before: { size: 2 }, after: { size: 2 } });
    expect(reverts(resized, change)).toEqual([]);
  });

  test("an update of another path keeps it too", () => {
    const change = changeEntry("aws_thing.a", ["update"], {
      before: { size: 2, name: "a" },
      after: { size: 2, name: "b" },
    });
    expect(reverts(resized, change)).toEqual([]);
  });

  test("a replace forced by the drift, and a delete, revert it", () => {
    const replace = changeEntry("aws_thing.a", ["delete", "create"], {
      before: { size: 2 },
      after: { size: 1 },
      replace_paths: [["size"]],
    });
    expect(reverts(resized, replace)).toEqual([{ address: "aws_thing.a", path: "size", exact: true }]);
    const gone = changeEntry("aws_thing.a", ["delete"], { before: { size: 2 } });
    expect(reverts(resized, gone)).toEqual([{ address: "aws_thing.a", path: "size" }]);
  });

  test("a vanished resource that is created again reverts the whole", () => {
    const again = changeEntry("aws_thing.a", ["create"], { after: { size: 1 } });
    expect(reverts(drift({ size: 1 }, null), again)).toEqual([{ address: "aws_thing.a", path: "" }]);
  });

  test("the referrer of a vanished resource, which did not drift, reverts nothing", () => {
    const referrer = changeEntry("aws_other.b", ["update"], { before: { ref: "1" }, after: {} });
    expect(reverts(drift({ size: 1 }, null), referrer)).toEqual([]);
  });

  test("a resource that moves in the same plan is found under its old address", () => {
    const moved = changeEntry(
      "aws_thing.b",
      ["update"],
      { before: { size: 2 }, after: { size: 1 } },
      { previous_address: "aws_thing.a" },
    );
    expect(reverts(resized, moved)).toHaveLength(1);
  });
});
