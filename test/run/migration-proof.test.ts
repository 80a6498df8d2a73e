import { expect, test } from "vitest";
import type { EditProof } from "../../src/model/edit-proof.ts";
import type { PlanRow } from "../../src/ports/ledger.ts";
import { runsOnlyProven } from "../../src/run/migration-proof.ts";

const proof: EditProof = {
  ...{ head: "h", digest: "mp1:x", parts: { purpose: "formalize" }, formalized: [] },
  files: { "db/V2__formalize_drift.sql": "sum" },
};
const plan = (migration: object): PlanRow =>
  ({ summary: { migration: { problems: [], migrations: [], ...migration } } }) as unknown as PlanRow;

test("a plan of a drift branch runs what was proven and nothing beside it", () => {
  const migrations = [{ file: "V2__formalize_drift.sql" }];
  expect(runsOnlyProven(plan({ migrations }), proof, "db")).toBe(true);
  expect(runsOnlyProven(plan({ migrations, backfills: [] }), proof, "db")).toBe(true);
  const more = [...migrations, { file: "V3__more.sql" }];
  expect(runsOnlyProven(plan({ migrations: more }), proof, "db")).toBe(false);
  expect(runsOnlyProven(plan({ migrations, backfills: [{ name: "fill" }] }), proof, "db")).toBe(false);
});

test("of a changelog the changesets count, not the file that holds others too", () => {
  const runs = { "runs:root.sql::formalize_drift::plumbline": "" };
  const ours = { ...proof, parts: { ...proof.parts, ...runs }, files: { "db/root.sql": "sum" } };
  const one = { file: "root.sql", script: "root.sql::formalize_drift::plumbline" };
  expect(runsOnlyProven(plan({ migrations: [one] }), ours, "db")).toBe(true);
  const other = { file: "root.sql", script: "root.sql::3::me" };
  expect(runsOnlyProven(plan({ migrations: [other, one] }), ours, "db")).toBe(false);
});
