// biome-ignore-all lint/suspicious/noTemplateCurlyInString: such texts are what is tested.
import fc from "fast-check";
import { expect, test } from "vitest";
import { quoted } from "../../src/codify/render.ts";
import { meansSame } from "../../src/codify/value.ts";
import type { Json } from "../../src/model/json.ts";
import { parse, valueOfX, withX } from "./code.ts";

const scalar = fc.constantFrom<Json>(
  ...'a|b${x}|q"uo|é🎉||c|d|100%|%{z}|back\\slash|tab\t|multi\nline|two\nlines\n|$${x}|%%{if}|\u{10FFFF}'.split(
    "|",
  ),
  1,
  42,
  3.5,
  -7,
  0,
  true,
  false,
  null,
);
const key = fc.constantFrom("k", "name", "x-y", "a b", "z9", "port", "1n", "${k}", "new");
const value: fc.Arbitrary<Json> = fc.letrec<{ node: Json }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    scalar,
    fc.array(tie("node"), { maxLength: 4 }),
    fc.dictionary(key, tie("node"), { maxKeys: 4 }).map((object) => ({ ...object })),
  ),
})).node;

type Draw = <T>(items: readonly T[]) => T;

/** The value written by somebody with habits of their own: one line or many, commas or none, comments here and there. */
const styled = (node: Json, indent: string, newline: string, draw: Draw): string => {
  if (typeof node === "string") return quoted(node);
  if (node === null || typeof node !== "object") return String(node);
  const inner = `${indent}  `;
  const multiline = draw([true, true, false]);
  const comment = (): string => (draw([true, false, false]) ? `${inner}# c${newline}` : "");
  const tail = (): string => draw(["", "", ` # t`, ` // t`]);
  if (Array.isArray(node)) {
    if (node.length === 0) return draw(["[]", "[ ]", `[${newline}${indent}]`]);
    if (!multiline)
      return `[${node.map((item) => styled(item, indent, newline, draw)).join(", ")}${draw(["", ","])}]`;
    const last = draw(["", ","]);
    const lines = node.map(
      (item, index) =>
        `${comment()}${inner}${styled(item, inner, newline, draw)}${index < node.length - 1 ? "," : last}${tail()}${newline}`,
    );
    return `[${newline}${lines.join("")}${indent}]`;
  }
  const members = Object.entries(node);
  if (members.length === 0) return draw(["{}", "{ }", `{${newline}${indent}}`]);
  const separator = draw([" = ", "=", " : "]);
  const comma = draw(["", ","]);
  const written = members.map(
    ([name, member]) =>
      `${/^[a-z][\w-]*$/.test(name) && draw([true, false]) ? name : quoted(name)}${separator}${styled(member as Json, multiline ? inner : indent, newline, draw)}`,
  );
  if (!multiline) return `{ ${written.join(", ")} }`;
  return `{${newline}${written.map((line) => `${comment()}${inner}${line}${comma}${tail()}${newline}`).join("")}${indent}}`;
};

const RUNS = Number(process.env["FUZZ_RUNS"] ?? 3000);

test("an edit gives the wanted value and leaves everything around it alone", () => {
  let made = 0;
  fc.assert(
    fc.property(value, value, fc.infiniteStream(fc.nat(1000)), fc.boolean(), (from, other, stream, crlf) => {
      const draw: Draw = (items) =>
        items[(stream.next().value as number) % items.length] as (typeof items)[number];
      const want = draw([0, 1, 2, 3]) === 0 ? other : changed(from, other, draw);
      const newline = crlf ? "\r\n" : "\n";
      const head = `resource "a" "b" {${newline}  # top${newline}  before = 1${newline}  x = `;
      const foot = ` # tail${newline}  after = "z"${newline}}${newline}`;
      const files = { "main.tf": `${head}${styled(from, "  ", newline, draw)}${foot}` };
      expect(valueOfX(files), files["main.tf"]).toEqual(from);
      const edited = withX(files, want);
      if (typeof edited === "string") return;
      made += 1;
      const text = edited["main.tf"] ?? "";
      expect(parse("main.tf", text).problems, text).toEqual([]);
      expect(
        meansSame(valueOfX(edited), want),
        `${files["main.tf"]}\n-->\n${text}\nwanted ${JSON.stringify(want)}`,
      ).toBe(true);
      expect(text.startsWith(head), text).toBe(true);
      expect(text.endsWith(foot), text).toBe(true);
      if (crlf) expect(text.replaceAll("\r\n", ""), text).not.toContain("\n");
    }),
    { numRuns: RUNS },
  );
  expect(made).toBeGreaterThan(RUNS / 2);
});

/** The value with something changed, added or taken away somewhere. */
const changed = (node: Json, other: Json, draw: Draw): Json => {
  if (node === null || typeof node !== "object" || draw([0, 0, 0, 1]) === 1) return draw([node, other]);
  if (Array.isArray(node)) {
    const items = node.map((item) => (draw([0, 0, 1]) === 1 ? changed(item, other, draw) : item));
    if (draw([0, 1]) === 1) items.splice(draw([0, 1, 2]), 0, other);
    if (draw([0, 1]) === 1) items.splice(draw([0, 1, 2]), 1);
    return items;
  }
  const members = Object.entries(node).flatMap(([name, member]): [string, Json][] =>
    draw([0, 0, 0, 1]) === 1
      ? []
      : [[name, draw([0, 1]) === 1 ? changed(member as Json, other, draw) : (member as Json)]],
  );
  if (draw([0, 1]) === 1) members.push([draw(["new", "n w", "k", "port"]), other]);
  return Object.fromEntries(members);
};
