import { expect, test } from "vitest";
import { loadCatalogue } from "../../src/adapters/catalogue-files.ts";
import { dangersOf } from "../../src/run/drift-danger.ts";
import { finding } from "../report/views.ts";

const catalogue = await loadCatalogue();

test("what the catalogue has a word for is a danger, at the place that drifted alone", () => {
  const unprotected = finding("module.db.aws_db_instance.main[0]", "deletion_protection", {
    desired: true,
    actual: false,
  });
  const { danger, undoing } = dangersOf(catalogue, unprotected);
  expect(danger?.messages.join(" ")).toContain("eletion");
  expect(undoing).toBeUndefined();
});

test("a stateful resource that was deleted is one; what came and went with nothing in it is none", () => {
  const gone = finding("aws_db_instance.main", "", {
    cause: "vanished",
    desired: { id: "db" },
    actual: null,
  });
  expect(dangersOf(catalogue, gone).danger?.class).toBe("R4");
  const plain = finding("null_resource.x", "", { cause: "vanished", desired: { id: "1" }, actual: null });
  expect(dangersOf(catalogue, plain)).toEqual({});
});

test("a secret says nothing, and neither does an update", () => {
  expect(dangersOf(catalogue, finding("aws_db_instance.main", "password", { sensitive: true }))).toEqual({});
  expect(dangersOf(catalogue, finding("aws_lb.edge", "idle_timeout", { desired: 1, actual: 2 }))).toEqual({});
});

test("a list position is found in its list", () => {
  const open = finding("aws_security_group.app", "ingress[1].cidr_blocks", {
    desired: ["10.0.0.0/16"],
    actual: ["0.0.0.0/0"],
  });
  expect(dangersOf(catalogue, open).danger?.messages.join(" ")).toMatch(/0\.0\.0\.0|world|internet/);
});
