import { expect, test } from "vitest";
import type { SharedProof } from "../../src/model/shared-proof.ts";
import { driftPullBody } from "../../src/report/drift-pull.ts";
import { finding } from "./views.ts";

const one = finding("module.db.aws_db_instance.this", "instance_class");
const bodyWith = (shared: readonly SharedProof[]): string =>
  driftPullBody({
    workspace: "acme/infra//prod#default",
    dir: "prod",
    trigger: "plumbline",
    findings: [one],
    formalized: [one],
    shared,
  });
const none = { reason: null, settled: [], conflicts: [] };
const proven = (workspace: string): SharedProof => ({ ...none, workspace, result: "proven" });
const unplanned: SharedProof = {
  ...none,
  workspace: "eu|west",
  result: "partial",
  reason: "not proven there: init failed | `@acme/all`",
  unplanned: true,
};

test("a drift pull request lists what its edit comes to in each workspace that shares the files", () => {
  const body = bodyWith([
    { ...proven("staging"), settled: ["module.db.aws_db_instance.this.instance_class"] },
    proven("test"),
  ]);
  expect(body).toContain("| workspace | proof | |");
  expect(body).toContain(
    "| `staging` | proven | its drift of `module.db.aws_db_instance.this.instance_class` is settled too |",
  );
  expect(body).toContain("| `test` | proven | plans the same |");
  expect(body).not.toContain("**Partial:**");
  expect(bodyWith([])).not.toContain("share the edited files");
});

test("what is not proven stands first, says why, and makes the whole partial", () => {
  const body = bodyWith([proven("staging"), unplanned]);
  expect(body).toContain("**Partial:** not proven for every workspace");
  expect(body.indexOf("init failed")).toBeLessThan(body.indexOf("`staging`"));
  const row = body.split("\n").find((line) => line.includes("init failed")) ?? "";
  expect(row.replaceAll("\\|", "").split("|")).toHaveLength(5);
});

test("workspaces that do not agree are told with both values, or without where they are secret", () => {
  const place = { address: "module.db.aws_db_instance.this", path: "instance_class" };
  const body = bodyWith([
    {
      ...none,
      workspace: "staging",
      result: "refused",
      reason: "staging shares the code and drifted to something else",
      conflicts: [
        { ...place, values: { here: '"db.r6g.large"', there: '"db.m5.large"' } },
        { ...place, path: "password", values: null },
      ],
    },
  ]);
  expect(body).toContain("**These workspaces do not agree.**");
  expect(body).toContain('`"db.r6g.large"` in `acme/infra//prod#default`, `"db.m5.large"` in `staging`');
  expect(body).toContain("not shown");
});

test("hundreds of them stay within what a forge takes", () => {
  const body = bodyWith(
    Array.from({ length: 600 }, (_, index) => ({
      ...unplanned,
      workspace: `w${index}`,
      reason: "x".repeat(5_000),
      conflicts: [{ address: "a.b", path: "c", values: { here: "y".repeat(5_000), there: "z" } }],
    })),
  );
  expect(body.length).toBeLessThan(65_536);
  expect(body).toContain("And 570 more.");
  expect(body).toContain("and 580 more");
});
