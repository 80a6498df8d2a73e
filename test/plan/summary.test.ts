import { beforeAll, describe, expect, test } from "vitest";
import { loadCatalogue } from "../../src/adapters/catalogue-files.ts";
import type { Catalogue } from "../../src/model/catalogue.ts";
import type { DiffRow, Plan, PlanSummary } from "../../src/model/plan.ts";
import { inspectPlan } from "../../src/plan/inspect.ts";
import { readPlan } from "../../src/plan/read.ts";
import { redactPlan } from "../../src/plan/redact.ts";
import { summarize } from "../../src/plan/summary.ts";
import { changeEntry, planOf, planText } from "./plan-document.ts";

let catalogue: Catalogue;
beforeAll(async () => {
  catalogue = await loadCatalogue();
});

const summaryOf = (plan: Plan): PlanSummary => summarize(redactPlan(plan).plan, inspectPlan(plan, catalogue));

const rowsOf = (actions: readonly string[], change: object): readonly DiffRow[] =>
  summaryOf(planOf(changeEntry("aws_thing.a", actions, change))).resources[0]!.diff;

const short = (rows: readonly DiffRow[]) => rows.map((row) => [row.path, row.before, row.after]);

describe("rows", () => {
  test("an update shows what differs and nothing else", () => {
    const rows = rowsOf(["update"], {
      before: { size: 1, name: "a", tags: { env: "x", "a.b": "1" } },
      after: { size: 2, name: "a", tags: { env: "y", "a.b": "1", team: "t" } },
    });
    expect(short(rows)).toEqual([
      ["size", "1", "2"],
      ["tags.env", '"x"', '"y"'],
      ["tags.team", null, '"t"'],
    ]);
  });

  test("null against empty is no row, and a repeated tag is one row", () => {
    const rows = rowsOf(["update"], {
      before: { a: null, b: null, c: 0, tags: { env: "x" }, tags_all: { env: "x", owner: "o" } },
      after: { a: "", b: [], c: null, tags: { env: "y" }, tags_all: { env: "y", owner: "p" } },
    });
    expect(short(rows)).toEqual([
      ["tags.env", '"x"', '"y"'],
      ["tags_all.owner", '"o"', '"p"'],
    ]);
  });

  test("false is worth a row on a new resource", () => {
    expect(short(rowsOf(["create"], { after: { on: false, name: "", list: [] } }))).toEqual([
      ["on", null, "false"],
    ]);
  });

  test("JSON texts differ inside", () => {
    const policy = (effect: string) => JSON.stringify({ Statement: [{ Effect: effect, Action: ["a"] }] });
    const rows = rowsOf(["update"], {
      before: { policy: policy("Deny") },
      after: { policy: policy("Allow") },
    });
    expect(short(rows)).toEqual([["policy.Statement[0].Effect", '"Deny"', '"Allow"']]);
  });

  test("a set and a list that grew differ by element", () => {
    const rows = rowsOf(["update"], {
      before: { cidrs: ["10.0.0.0/8", "10.1.0.0/16"] },
      after: { cidrs: ["0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16"] },
    });
    expect(short(rows)).toEqual([["cidrs", null, '"0.0.0.0/0"']]);
  });

  test("one element for another is one row", () => {
    const rows = rowsOf(["update"], { before: { s: ["a", "b"] }, after: { s: ["a", "c"] } });
    expect(short(rows)).toEqual([["s", '"b"', '"c"']]);
  });

  test("a block shows what is set in it", () => {
    const rows = rowsOf(["update"], {
      before: { rule: [] },
      after: { rule: [{ port: 22, note: null, cidrs: ["0.0.0.0/0"], groups: [], on: false }] },
    });
    expect(short(rows)).toEqual([["rule", null, '{port: 22, cidrs: ["0.0.0.0/0"], on: false}']]);
  });

  test("elements in another order are one row of the whole", () => {
    expect(
      short(rowsOf(["update"], { before: { l: ["b", "a", "c"] }, after: { l: ["b", "c", "a"] } })),
    ).toEqual([
      ["l[1]", '"a"', '"c"'],
      ["l[2]", '"c"', '"a"'],
    ]);
  });

  test("exact numbers are shown with every digit", () => {
    const text = planText({
      resource_changes: [changeEntry("a.b", ["create"], { after: { id: 1 } })],
    }).replace('"id":1', '"id":12345678901234567890');
    expect(summaryOf(readPlan(text)).resources[0]!.diff[0]!.after).toBe("12345678901234567890");
  });

  test("long texts are cut around the place where they part", () => {
    const [row] = rowsOf(["update"], {
      before: { script: `${"x".repeat(5000)} port=80 ${"y".repeat(5000)}` },
      after: { script: `${"x".repeat(5000)} port=81 ${"y".repeat(5000)}` },
    });
    expect(row!.before).toContain("port=80");
    expect(row!.after).toContain("port=81");
    expect(row!.after!.length).toBeLessThan(200);
  });

  test("a text of several lines stays on one", () => {
    expect(rowsOf(["create"], { after: { a: "x\ny" } })[0]!.after).toBe('"x\\ny"');
  });
});

describe("unknown values", () => {
  test("an attribute that the engine leaves out of after", () => {
    const rows = rowsOf(["update"], { before: { arn: "a" }, after: {}, after_unknown: { arn: true } });
    expect(rows).toMatchObject([{ path: "arn", before: '"a"', after: "(known after apply)", unknown: true }]);
  });

  test("an element that the engine writes as null", () => {
    const rows = rowsOf(["update"], {
      before: { ids: ["a"] },
      after: { ids: ["a", null] },
      after_unknown: { ids: [false, true] },
    });
    expect(rows).toMatchObject([{ path: "ids", before: null, after: "(known after apply)", unknown: true }]);
  });

  test("of a new resource only what the code sets", () => {
    const plan = readPlan(
      planText({
        resource_changes: [
          changeEntry('module.m["x.y"].aws_thing.a[0]', ["create"], {
            after: {},
            after_unknown: { id: true, subnet_id: true },
          }),
        ],
        configuration: {
          root_module: {
            module_calls: {
              m: {
                module: { resources: [{ address: "aws_thing.a", expressions: { subnet_id: {} } }] },
              },
            },
          },
        },
      }),
    );
    expect(summaryOf(plan).resources[0]!.diff.map((row) => row.path)).toEqual(["subnet_id"]);
  });
});

describe("sensitive values", () => {
  test("are never shown, and their change is", () => {
    const rows = rowsOf(["update"], {
      before: { password: "old-password", token: "same-token" },
      after: { password: "new-password", token: "same-token" },
      before_sensitive: { password: true, token: true },
      after_sensitive: { password: true, token: true },
    });
    expect(rows).toEqual([
      {
        path: "password",
        before: "(sensitive)",
        after: "(sensitive)",
        sensitive: true,
        unknown: false,
        forcesReplace: false,
      },
    ]);
  });

  test("an output too", () => {
    const plan = readPlan(
      planText({
        output_changes: {
          secret: { actions: ["create"], before: null, after: "top-secret", after_sensitive: true },
          same: { actions: ["no-op"], before: 1, after: 1 },
          later: { actions: ["update"], before: 1, after_unknown: true },
        },
      }),
    );
    expect(summaryOf(plan).outputs).toMatchObject([
      { name: "secret", action: "create", diff: { after: "(sensitive)", sensitive: true } },
      { name: "later", action: "update", diff: { before: "1", after: "(known after apply)", unknown: true } },
    ]);
  });
});

describe("resources", () => {
  test("no-ops and reads have no row; moves, imports and forgets have one without diff", () => {
    const { resources } = summaryOf(
      planOf(
        changeEntry("a.same", ["no-op"], {}),
        changeEntry("data.a.b", ["read"], { after: { x: 1 } }, { mode: "data" }),
        changeEntry("a.moved", ["no-op"], {}, { previous_address: "a.old" }),
        changeEntry("a.left", ["forget"], { before: { x: 1 } }),
      ),
    );
    expect(resources.map(({ address, diff }) => [address, diff.length])).toEqual([
      ["a.moved", 0],
      ["a.left", 0],
    ]);
    expect(resources[0]!.previousAddress).toBe("a.old");
  });

  test("what forces a replace is marked, also above and below the row", () => {
    const rows = rowsOf(["delete", "create"], {
      before: { name: "a", block: [{ x: 1 }], size: 1 },
      after: { name: "b", block: [{ x: 2 }], size: 2 },
      replace_paths: [["name"], ["block"]],
    });
    expect(rows.map((row) => [row.path, row.forcesReplace])).toEqual([
      ["name", true],
      ["block[0].x", true],
      ["size", false],
    ]);
  });

  test("a deposed object beside the current one keeps its own diff", () => {
    const { resources } = summaryOf(
      planOf(
        changeEntry("a.b", ["update"], { before: { x: 1 }, after: { x: 2 } }),
        changeEntry("a.b", ["delete"], { before: { y: 1 } }, { deposed: "0a" }),
      ),
    );
    expect(resources.map((one) => [one.deposed, one.diff.map((row) => row.path)])).toEqual([
      [undefined, ["x"]],
      ["0a", ["y"]],
    ]);
  });
});
