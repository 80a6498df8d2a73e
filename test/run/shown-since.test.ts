import { expect, test } from "vitest";
import { shownSince } from "../../src/run/stateful-facts.ts";

const at = (hour: number): Date => new Date(`2026-11-21T${String(hour).padStart(2, "0")}:00:00Z`);
const plans = (...digests: readonly string[]) =>
  digests.map((digest, index) => ({ digest, createdAt: at(9 + index) }));

test("a plan is shown since the first of the runs in a row that made it", () => {
  expect(shownSince(plans("a", "a", "a"), "a")).toEqual(at(9));
  expect(shownSince(plans("b", "a", "a").toReversed(), "a")).toEqual(at(10));
});

test("what was there before another plan was shown counts anew", () => {
  expect(shownSince(plans("a", "b", "a"), "a")).toEqual(at(11));
});

test("a plan that is not the newest, or that nobody has seen, is not shown at all", () => {
  expect(shownSince(plans("a", "b"), "a")).toBeNull();
  expect(shownSince([], "a")).toBeNull();
});
