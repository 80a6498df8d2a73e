import { describe, expect, test } from "vitest";
import { readYaml, type Shape } from "../../src/config/yaml.ts";
import { processorTime } from "../timing.ts";

const shape: Shape = {
  type: "object",
  properties: {
    text: { type: "string" },
    count: { type: "integer" },
    on: { type: "boolean" },
    list: { type: "array", items: { type: "string" } },
    inner: { type: "object", properties: { text: { type: "string" } } },
  },
};
const value = (text: string): unknown => {
  const read = readYaml(text, shape);
  return read.ok ? read.value : read.problems.map(({ path, message }) => `${path}: ${message}`);
};

describe("scalars are read for the type that is expected", () => {
  test.each([
    ["text: 1.10", { text: "1.10" }],
    ["text: 0x1F", { text: "0x1F" }],
    ["text: true", { text: "true" }],
    ["text: 2030-01-31", { text: "2030-01-31" }],
    ["count: 12", { count: 12 }],
    ["on: yes", { on: true }],
    ["on: Off", { on: false }],
    ["on: 'yes'", { on: "yes" }],
    ["text: no", { text: "no" }],
    ["list: [1.0, off]", { list: ["1.0", "off"] }],
    ["text:", {}],
    ["unknown:", { unknown: null }],
  ])("%s", (text, expected) => {
    expect(value(text)).toEqual(expected);
  });
});

test("anchors and merge keys, what is written wins over what is merged", () => {
  expect(value("base: &b {text: 1.0, count: 1}\ninner:\n  <<: *b\n  text: own\n")).toEqual({
    base: { text: 1, count: 1 },
    inner: { text: "own", count: 1 },
  });
  expect(value("a: &a {x: 1}\nb: &b {x: 2, y: 2}\ninner: {<<: [*a, *b]}\n")).toMatchObject({
    inner: { x: 1, y: 2 },
  });
  expect(value("inner: {<<: 5}")).toEqual([
    'inner["<<"]: A merge key takes a mapping or a list of mappings.',
  ]);
});

test("aliases that stand for too much are told once", () => {
  const laughs = Array.from({ length: 9 }, (_, index) =>
    index === 0
      ? "a0: &a0 [x, x, x, x, x, x, x, x, x, x]"
      : `a${index}: &a${index} [${Array(10)
          .fill(`*a${index - 1}`)
          .join(", ")}]`,
  );
  expect(value(laughs.join("\n"))).toEqual([expect.stringContaining("stands for too much")]);
});

test("a file beyond all measure is not even parsed", () => {
  expect(value("x".repeat(500_001))).toEqual([expect.stringContaining("longer than")]);
});

test.each([
  ["brackets", "a: ".concat("[".repeat(100_000))],
  ["braces", '{"a":'.repeat(50_000)],
  ["dashes", "- ".repeat(100_000)],
  ["keys within keys on one line", "a:\n  - run: b".concat("- run: b".repeat(20_000))],
  ["questions", "? ".repeat(100_000)],
  [
    "lines further and further in",
    Array.from({ length: 1_300 }, (_, at) => `${" ".repeat(at)}a:`).join("\n"),
  ],
])("a text nested without end is refused at once: %s", (_, text) => {
  const used = processorTime();
  const read = readYaml(text.slice(0, 499_999), {});
  expect(read).toMatchObject({
    ok: false,
    problems: [{ message: expect.stringContaining("nested too deeply") }],
  });
  expect(used()).toBeLessThan(2_000);
});

test.each([
  ["quotes that are never closed, on one line", `a: [${"'**/*.d: [".repeat(20_000)}`],
  ["quotes that are never closed, a line each", "a: '\n".repeat(20_000)],
  ["brackets that close nothing", "] ".repeat(100_000)],
  ["anchors", "&a ".repeat(60_000)],
])("of tens of thousands of errors the first are told, and no more is done: %s", (_, text) => {
  const used = processorTime();
  const read = readYaml(text, {});
  expect(read).toMatchObject({ ok: false });
  if (!read.ok) expect(read.problems).toHaveLength(20);
  if (!read.ok) expect(read.problems[0]?.path).toMatch(/^line \d+, column \d+$/);
  expect(used()).toBeLessThan(5_000);
});

test("the first errors are told, each with its line and column", () => {
  expect(value("a: [1\nb: 2\nc: ]")).toEqual(
    expect.arrayContaining([expect.stringMatching(/^line \d+, column \d+: This is no valid YAML: \S/)]),
  );
});
