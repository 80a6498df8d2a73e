// biome-ignore-all lint/suspicious/noTemplateCurlyInString: HCL interpolates with the same signs as JavaScript.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadHcl } from "../../src/adapters/hcl-wasm.ts";
import { applyEdits } from "../../src/hcl/edit.ts";
import type { Body, Expression } from "../../src/hcl/syntax.ts";
import { expressionsIn } from "../../src/hcl/walk.ts";

const parse = await loadHcl();
const value = (text: string): Expression => {
  const found = parse("main.tf", `x = ${text}\n`).body.attributes[0]?.value;
  if (!found) throw new Error(`nothing was read from ${text}`);
  return found;
};

describe("expressions", () => {
  test.each([
    ['"a\\n\\"b\\" $${x} \\u00e9"', { kind: "literal", value: 'a\n"b" ${x} é' }],
    ["12.5", { kind: "literal", value: 12.5 }],
    ["null", { kind: "literal", value: null }],
    [
      "aws_x.y[0].z",
      {
        kind: "traversal",
        root: "aws_x",
        steps: [{ attribute: "y" }, { index: { value: 0 } }, { attribute: "z" }],
      },
    ],
    ["a.*.b", { kind: "traversal", steps: [{ splat: true }, { attribute: "b" }] }],
    ["a.0", { kind: "traversal", steps: [{ index: { value: 0 } }] }],
    ["f(x...)", { kind: "call", name: "f", expands: true }],
    ["(a).b", { kind: "access", base: { kind: "parentheses" }, steps: [{ attribute: "b" }] }],
    ["!a && b", { kind: "binary", operator: "&&", left: { kind: "unary", operator: "!" } }],
    ["a ? b : c", { kind: "conditional", condition: { root: "a" }, yes: { root: "b" }, no: { root: "c" } }],
    [
      "[for k, v in m : v if v != k]",
      { kind: "for", keyName: "k", valueName: "v", key: null, condition: { kind: "binary" } },
    ],
    ["{for v in m : v.id => v...}", { kind: "for", keyName: null, groups: true, key: { kind: "traversal" } }],
    ["<<-EOT\n  a ${b}\n  EOT", { kind: "template", heredoc: { flush: true } }],
  ])("%s", (text, expected) => {
    expect(value(text)).toMatchObject(expected);
  });
});

test("every place is exactly what was written, beyond plain characters too", () => {
  const text = '# größe 😀\na "😀" {\n  x = { "ä" = f("é", y) } # c\n}\n';
  const file = parse("main.tf", text);
  const [block] = file.body.blocks;
  const [attribute] = block?.body.attributes ?? [];
  expect(block?.labels).toEqual(["😀"]);
  expect(text.slice(attribute?.start, attribute?.end)).toBe('x = { "ä" = f("é", y) }');
  expect(file.comments.map(({ start, end }) => text.slice(start, end).trim())).toEqual(["# größe 😀", "# c"]);
  const calls = [...expressionsIn(file.body)].filter(({ kind }) => kind === "call");
  expect(calls.map(({ start, end }) => text.slice(start, end))).toEqual(['f("é", y)']);
});

test("a byte order mark and Windows line ends", () => {
  const file = parse("main.tf", '\uFEFFa "b" {\r\n  x = 1\r\n}\r\n');
  expect(file.problems).toEqual([]);
  expect(file.body.blocks[0]?.body.attributes[0]?.name).toBe("x");
});

describe("edits", () => {
  const file = parse("main.tf", "a = 1\nb = 2\n");
  test("leave everything else alone, in any order, equal ones once", () => {
    const edits = [
      { file, start: 10, end: 11, text: "3" },
      { file, start: 4, end: 5, text: "2" },
      { file, start: 4, end: 5, text: "2" },
      { file, start: 12, end: 12, text: "c = 4\n" },
    ];
    expect(applyEdits(edits)?.get("main.tf")).toBe("a = 2\nb = 3\nc = 4\n");
  });
  test("that contradict each other are none", () => {
    expect(
      applyEdits([
        { file, start: 4, end: 5, text: "2" },
        { file, start: 4, end: 5, text: "3" },
      ]),
    ).toBeUndefined();
  });
});

test("nothing makes it throw, and every place lies in the text", () => {
  const piece = fc.constantFrom(
    "a",
    "{",
    "}",
    '"',
    "${",
    "%{",
    "=",
    "\n",
    "[",
    "]",
    "(",
    ")",
    "<<E\n",
    "E\n",
    ".",
    "1",
    "é",
    "#",
    "for ",
    ":",
    "?",
    "...",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = pieces.join("");
      const spans = placesIn(parse("x.tf", text).body);
      expect(spans.every(({ start, end }) => 0 <= start && start <= end && end <= text.length)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

const placesIn = (body: Body): readonly { start: number; end: number }[] => [
  ...body.attributes,
  ...expressionsIn(body),
  ...body.blocks.flatMap((block) => [block, ...placesIn(block.body)]),
];
