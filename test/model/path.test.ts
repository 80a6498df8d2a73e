import fc from "fast-check";
import { expect, test } from "vitest";
import { parsePath, pathsOverlap, renderPath } from "../../src/model/path.ts";

test.each([
  [["tags", "a.b"], 'tags["a.b"]'],
  [["ingress", 0, "from_port"], "ingress[0].from_port"],
  [["tags", "env"], "tags.env"],
  [["config", "retention.ms"], 'config["retention.ms"]'],
  [[], ""],
])("%j is written as %s and read back", (path, text) => {
  expect(renderPath(path)).toBe(text);
  expect(parsePath(text)).toEqual(path);
});

test("what is no path is not half-read", () => {
  for (const text of ["a..b", "a[", 'a["x', "a]", "a b"]) expect(parsePath(text)).toBeUndefined();
});

test("every path survives being written and read", () => {
  const name = fc.constantFrom("tags", "ingress", "a_b", "x-1");
  const step = fc.oneof(fc.string(), fc.nat());
  fc.assert(
    fc.property(name, fc.array(step), (first, rest) => {
      const path = [first, ...rest];
      expect(parsePath(renderPath(path))).toEqual(path);
    }),
  );
});

test("a path overlaps what it holds and what holds it", () => {
  expect(pathsOverlap(["tags"], ["tags", "env"])).toBe(true);
  expect(pathsOverlap(["tags", "env"], ["tags"])).toBe(true);
  expect(pathsOverlap(["tags", "env"], ["tags", "team"])).toBe(false);
});
