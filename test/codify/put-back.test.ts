// biome-ignore-all lint/suspicious/noTemplateCurlyInString: HCL holds templates of its own.
import { describe, expect, test } from "vitest";
import type { Json } from "../../src/model/json.ts";
import { parseJson } from "../../src/model/lossless-json.ts";
import { DELETE, resource, valueOfX, withX } from "./code.ts";

const locals = (text: string): string => `locals {\n${text}\n}\n`;

/** Form, `x` before, other code, wanted value, and what must stand in the file afterwards. */
const FORMS: readonly (readonly [string, string, string, Json, string])[] = [
  ["a text", '"a"', "", "b", 'x = "b" # tail'],
  ["a number in quotes stays so", '"80"', "", 81, 'x = "81"'],
  ["a number for a text stays a number", "80", "", "81", "x = 81 # tail"],
  ["a negative number", "-5", "", -6, "x = -6 # tail"],
  ["a 64-bit integer", "1", "", parseJson("9007199254740993"), "x = 9007199254740993"],
  ["a text with marks", '"a"', "", "${a} %{b} $${c}", 'x = "$${a} %%{b} \\u0024$${c}"'],
  ["a template, its text", '"${local.e}-a"', locals('  e = "p"'), "p-b", 'x = "${local.e}-b"'],
  ["a template, its interpolation", '"${local.e}-a"', locals('  e = "dev"'), "prod-a", '  e = "prod"'],
  ["a template with white space", '"a ${local.e} b"', locals('  e = "p"'), "a p c", 'x = "a ${local.e} c"'],
  ["parentheses", '("a")', "", "b", 'x = ("b")'],
  ["a local's path", 'local.m.a["b"]', locals("  m = { a = { b = 1 } } # m"), 2, "m = { a = { b = 2 } } # m"],
  ["a conditional", 'local.e == "p" ? 1 : 2', locals('  e = "p"'), 3, 'local.e == "p" ? 3 : 2'],
  ["coalesce skips null", "coalesce(null, 1)", "", 2, "coalesce(null, 2)"],
  ["try", 'try(local.m.none, "d")', locals("  m = {}"), "e", 'try(local.m.none, "e")'],
  ["lookup of what is missing", 'lookup(local.m, "k", "d")', locals("  m = { a = 1 }"), "e", 'k = "e"'],
  [
    "merge: a new member into the literal",
    "merge(local.m, { a = 1 })",
    locals("  m = { z = 0 }"),
    { z: 0, a: 1, b: 2 },
    "merge(local.m, { a = 1, b = 2 })",
  ],
  [
    "merge: without a literal",
    "merge(local.m)",
    locals("  m = { z = 0 }"),
    { z: 0, b: 2 },
    "merge(local.m, { b = 2 })",
  ],
  ["concat", 'concat(local.l, ["a"])', locals('  l = ["z"]'), ["z", "a", "b"], 'concat(local.l, ["a", "b"])'],
  [
    "for over a map",
    "{ for k, v in local.m : k => v.n }",
    locals("  m = { a = { n = 1 }, b = { n = 2 } }"),
    { a: 1, b: 3 },
    "b = { n = 3 }",
  ],
  [
    "for over a list",
    "[for v in local.l : upper(v.n) == v.n ? v.n : v.n]",
    locals('  l = [{ n = "A" }, { n = "B" }]'),
    ["A", "C"],
    '{ n = "C" }',
  ],
  [
    "jsonencode",
    "jsonencode({ a = 1, b = local.e })",
    locals('  e = "p"'),
    '{"a":2,"b":"p"}',
    "jsonencode({ a = 2, b = local.e })",
  ],
  ["yamlencode", "yamlencode({ a = [1] })", "", "a: [1, 2]\n", "yamlencode({ a = [1, 2] })"],
  ["format", 'format("%s/%d", local.e, 5)', locals('  e = "p"'), "p/6", 'format("%s/%d", local.e, 6)'],
  ["join", 'join(",", ["a", "b"])', "", "a,c", 'join(",", ["a", "c"])'],
  ["split", 'split(",", "a,b")', "", ["a", "c"], 'split(",", "a,c")'],
  ["element", "element([1, 2, 3], 4)", "", 9, "element([1, 9, 3], 4)"],
  ["a set keeps the author's order", 'toset(["b", "a"])', "", ["a", "b", "c"], 'toset(["b", "a", "c"])'],
  ["a quoted key's neighbour is quoted", '{ "a" = 1 }', "", { a: 1, b: 2 }, '{ "a" = 1, "b" = 2 }'],
  ["colons stay colons", "{ a : 1 }", "", { a: 1, b: 2 }, "{ a : 1, b: 2 }"],
];

describe("put back", () => {
  test.each(FORMS)("%s", (_form, written, more, want, expected) => {
    const edited = withX(resource(written, more), want);
    expect(edited).toBeTypeOf("object");
    expect((edited as Record<string, string>)["main.tf"]).toContain(expected);
  });

  test.each([
    ["an attribute of a resource", "aws_a.b.id", "", "c", "not from something written"],
    ["a data source", "data.a.b.id", "", "c", "not from something written"],
    ["a function without an inverse", 'md5("a")', "", "b", "cannot be turned round"],
    [
      "a sensitive variable",
      "var.v",
      'variable "v" {\n  default = "a"\n  sensitive = true\n}\n',
      "b",
      "sensitive",
    ],
    ["a variable from outside", "var.v", 'variable "v" {}\n', "b", "outside of the files"],
    ["a circle", "local.a", locals("  a = local.b\n  b = local.a"), "b", "circle"],
    ["a template cut through", '"${local.e}${local.e}"', locals('  e = "ab"'), "xb", "no longer fits"],
  ])("refuses %s", (_form, written, more, want, reason) => {
    expect(withX(resource(written, more), want)).toContain(reason);
  });

  test("a heredoc changes line by line and keeps its interpolations and its indentation", () => {
    const files = resource("<<-EOT\n    one ${local.e}\n      two\n    three\n  EOT", locals('  e = "p"'));
    const text = files["main.tf"]?.replace("EOT # tail", "EOT") ?? "";
    expect(valueOfX({ "main.tf": text })).toBe("one p\n  two\nthree\n");
    const edited = withX({ "main.tf": text }, "one p!\n  two\nnew\nthree\n") as Record<string, string>;
    expect(edited["main.tf"]).toContain("    one ${local.e}!\n      two\n    new\n    three\n  EOT");
  });

  test("JSON in a heredoc keeps its layout, its interpolations and bare values", () => {
    const text = `resource "a" "b" {\n  x = <<EOT\n{\n  "a": "\${local.e}/x",\n  "n": \${local.n},\n  "l": ["1",   "2"]\n}\nEOT\n}\n${locals('  e = "prod"\n  n = 5')}`;
    const edited = withX({ "main.tf": text }, '{"a":"prod/y","n":5,"l":["1","2","3"]}') as Record<
      string,
      string
    >;
    expect(edited["main.tf"]).toContain('"a": "${local.e}/y",\n  "n": ${local.n},\n  "l": ["1",   "2",');
    expect(edited["main.tf"]).toContain('"3"');
  });

  test("takes a member away with the comment on its line", () => {
    const files = resource("{\n    a = 1 # one\n    b = 2 # two\n  }");
    expect((withX(files, DELETE, { path: ["a"] }) as Record<string, string>)["main.tf"]).toContain(
      "{\n    b = 2 # two\n  }",
    );
  });

  test("in place of a reference: the value, or what differs merged over a map", () => {
    const files = resource("local.m", locals("  m = { a = 1 }"));
    const edited = withX(files, { a: 1, b: 2 }, { reach: "here" }) as Record<string, string>;
    expect(edited["main.tf"]).toContain("x = merge(local.m, { b = 2 }) # tail");
    expect(edited["main.tf"]).toContain("m = { a = 1 }");
  });
});
