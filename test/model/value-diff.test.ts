import { describe, expect, test } from "vitest";
import type { Json } from "../../src/model/json.ts";
import { parseJson } from "../../src/model/lossless-json.ts";
import { isMarkedAt, isMarkedWithin, isNoise, leafDiffs } from "../../src/model/value-diff.ts";

const paths = (before: Json, after: Json) => leafDiffs(before, after).map((leaf) => leaf.path);

describe("leaf differences", () => {
  test.each<[string, Json, Json, unknown[]]>([
    ["nothing", { a: 1, b: [1] }, { b: [1], a: 1 }, []],
    ["a leaf", { a: 1 }, { a: 2 }, [["a"]]],
    ["a leaf that appears", {}, { a: 1 }, [["a"]]],
    [
      "a map against null",
      { tags: { a: "1", b: "2" } },
      { tags: null },
      [
        ["tags", "a"],
        ["tags", "b"],
      ],
    ],
    [
      "one block edited in its place",
      { b: [{ x: 1 }, { x: 2 }] },
      { b: [{ x: 1 }, { x: 3 }] },
      [["b", 1, "x"]],
    ],
    ["blocks that changed places", { b: [{ x: 1 }, { x: 2 }] }, { b: [{ x: 2 }, { x: 1 }] }, [["b"]]],
    ["a block more", { b: [{ x: 1 }] }, { b: [{ x: 1 }, { x: 2 }] }, [["b"]]],
    ["texts in a set's order", { s: ["a", "b"] }, { s: ["a", "c"] }, [["s"]]],
    ["texts in no set's order", { s: ["b", "a"] }, { s: ["b", "c"] }, [["s", 1]]],
    ["a tag with the name of a method", { t: { constructor: "x" } }, { t: {} }, [["t", "constructor"]]],
    ["an object that became a text", { a: { b: 1 } }, { a: "b" }, [["a"]]],
  ])("%s", (_name, before, after, expected) => {
    expect(paths(before, after)).toEqual(expected);
  });

  test("a key called __proto__ is a key", () => {
    const value = parseJson('{"__proto__":{"a":1}}');
    expect(leafDiffs({}, value).map((leaf) => leaf.path)).toEqual([["__proto__", "a"]]);
  });

  test("exact numbers differ by their digits", () => {
    const [left, right] = [parseJson("[12345678901234567890]"), parseJson("[12345678901234567891]")];
    expect(leafDiffs({ a: left }, { a: right })).toHaveLength(1);
    expect(leafDiffs({ a: left }, { a: parseJson("[12345678901234567890]") })).toEqual([]);
  });
});

describe("marks", () => {
  test("hold at a place, for all below it, and for what lies within", () => {
    const marks = { a: true, b: { c: [false, true] }, d: {} };
    expect(isMarkedAt(marks, ["a"])).toBe(true);
    expect(isMarkedAt(marks, ["a", "deep", 0])).toBe(true);
    expect(isMarkedAt(marks, ["b"])).toBe(false);
    expect(isMarkedWithin(marks, ["b"])).toBe(true);
    expect(isMarkedAt(marks, ["b", "c", 1])).toBe(true);
    expect(isMarkedWithin(marks, ["d"])).toBe(false);
    expect(isMarkedAt(undefined, ["a"])).toBe(false);
    expect(isMarkedAt(true, [])).toBe(true);
  });
});

describe("noise", () => {
  test.each<[Json, Json, boolean]>([
    [null, "", true],
    [null, [], true],
    [null, {}, true],
    [null, 0, true],
    [null, false, true],
    [{ a: null }, {}, true],
    ["{}", "{ }", true],
    ['{"a":[1]}', '{"a":[2]}', false],
    ["[1", "[1 ", false],
    [[null], [], false],
    [false, true, false],
    [null, "x", false],
    [1, "1", false],
  ])("%j against %j: %s", (before, after, expected) => {
    expect(isNoise(before, after)).toBe(expected);
    expect(isNoise(after, before)).toBe(expected);
  });

  test("zero is a value on a watched path", () => {
    expect(isNoise(null, 0, { watched: true })).toBe(false);
    expect(isNoise(0, 0, { watched: true })).toBe(true);
  });
});
