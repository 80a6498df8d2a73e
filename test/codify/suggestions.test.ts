import { expect, test } from "vitest";
import { suggestionsFor } from "../../src/codify/suggestions.ts";

const BASE = "a = 1\nb = 2\nc = 3\nd = 4\n";
const to = (text: string, ...changes: readonly (readonly [string, string])[]): string =>
  changes.reduce((now, [from, by]) => now.replace(from, by), text);

test("lines that only one of the two changed are nobody's business", () => {
  expect(suggestionsFor(BASE, to(BASE, ["a = 1", "a = 9"]), to(BASE, ["d = 4", "d = 5"]))).toEqual([]);
  expect(suggestionsFor(BASE, to(BASE, ["a = 1", "a = 9"]), BASE)).toEqual([]);
});

test("the same line, changed to something else: ours is suggested there", () => {
  const head = `# new\n${to(BASE, ["b = 2", "b = 5"])}`;
  expect(suggestionsFor(BASE, to(BASE, ["b = 2", "b = 9"]), head)).toEqual([
    { lines: { from: 3, to: 3, text: "b = 9\n" } },
  ]);
});

test("one line out of several that they changed", () => {
  const head = to(BASE, ["b = 2", "b = 5"], ["c = 3", "c = 6"]);
  expect(suggestionsFor(BASE, to(BASE, ["c = 3", "c = 9\nx = 1"]), head)).toEqual([
    { lines: { from: 3, to: 3, text: "c = 9\nx = 1\n" } },
  ]);
});

test("they say the same already", () => {
  const same = to(BASE, ["b = 2", "b = 9"]);
  expect(suggestionsFor(BASE, same, same)).toEqual([]);
  expect(suggestionsFor(BASE, same, to(same, ["c = 3", "c = 4"]))).toEqual([]);
});

test("both put lines in at one place: ours after theirs", () => {
  const head = to(BASE, ["b = 2\n", "b = 2\ntheirs = 1\n"]);
  expect(suggestionsFor(BASE, to(BASE, ["b = 2\n", "b = 2\nours = 1\n"]), head)).toEqual([
    { lines: { from: 3, to: 3, text: "theirs = 1\nours = 1\n" } },
  ]);
});

test("what they took away or wrote in another shape is told without a suggestion", () => {
  const ours = to(BASE, ["b = 2", "b = 9"]);
  expect(suggestionsFor(BASE, ours, to(BASE, ["b = 2\n", ""]))).toEqual([{ lines: null }]);
  expect(suggestionsFor(BASE, ours, to(BASE, ["b = 2\nc = 3\n", "bc = 5\n"]))).toEqual([{ lines: null }]);
});
