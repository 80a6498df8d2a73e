import { describe, expect, test } from "vitest";
import { loadHcl } from "../../src/adapters/hcl-wasm.ts";
import type { FileChange } from "../../src/model/stateful-change.ts";
import { guardFindings } from "../../src/risk/prevent-destroy.ts";

const parse = await loadHcl();
const told = (
  ...changes: readonly (readonly [path: string, before: string | null, after: string | null])[]
) =>
  guardFindings(
    changes.map(([path, before, after]): FileChange => ({ path, before, after })),
    parse,
  ).map(
    ({ class: level, path, line, subject, message }) =>
      `${level} ${path}:${line ?? ""} ${subject} ${message}`,
  );

const db = (lifecycle = "", name = "main"): string =>
  `resource "aws_db_instance" "${name}" {\n  engine = "postgres"\n${lifecycle}}\n`;
const guard = (value: string): string => `  lifecycle {\n    prevent_destroy = ${value}\n  }\n`;
const ON = db(guard("true"));

describe("a guard that goes is told", () => {
  test.each([
    ["its attribute", ON, `# moved down\n${db()}`],
    ["its value", ON, `# moved down\n${db(guard("false"))}`],
    ["an expression that nobody knows the value of", db(guard("var.guarded")), `# moved down\n${db()}`],
  ])("%s", (_what, before, after) => {
    expect(told(["db/main.tf", before, after])).toEqual([
      expect.stringMatching(/^R3 db\/main\.tf:2 aws_db_instance\.main .*turned off/),
    ]);
  });
  test("with its whole block, with its file, and with its name", () => {
    for (const after of ["", null, db(guard("true"), "other").replace("aws_db_instance", "aws_rds_cluster")])
      expect(told(["db/main.tf", ON, after])).toEqual([expect.stringContaining("leaves the code")]);
  });
  test("by an override file", () => {
    const before = ON;
    expect(
      told(
        ["main.tf", before, `${before}\n`],
        ["main_override.tf", null, db(guard("false")).replace(/ {2}engine.*\n/, "")],
      ),
    ).toHaveLength(1);
  });
  test("in JSON syntax", () => {
    const json = (on: boolean) =>
      JSON.stringify({ resource: { aws_s3_bucket: { a: [{ lifecycle: { prevent_destroy: on } }] } } });
    expect(told(["main.tf.json", json(true), json(false)])).toHaveLength(1);
    expect(told(["main.tf.json", json(false), json(true)])).toEqual([]);
  });
});

describe("a guard that stays is not", () => {
  test.each([
    ["that comes", db(), ON],
    ["beside other edits", ON, ON.replace("postgres", "mysql")],
    ["that was off", db(guard("false")), db()],
    ["that is another setting", db("  lifecycle {\n    create_before_destroy = true\n  }\n"), db()],
  ])("%s", (_what, before, after) => {
    expect(told(["main.tf", before, after])).toEqual([]);
  });
  test("in another file of its folder, or in another folder", () => {
    expect(told(["db/main.tf", ON, ""], ["db/rds.tf", null, ON])).toEqual([]);
    expect(told(["db/main.tf", ON, null], ["database/main.tf", null, ON])).toEqual([]);
  });
  test("under another name that a moved block gives", () => {
    const moved = `moved {\n  from = aws_db_instance.main\n  to   = module.db.aws_db_instance.this\n}\n`;
    expect(told(["main.tf", ON, moved], ["db/main.tf", null, db(guard("true"), "this")])).toEqual([]);
    expect(told(["main.tf", ON, moved], ["db/main.tf", null, db("", "this")])).toHaveLength(1);
  });
});
