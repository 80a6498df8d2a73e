import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { loadCatalogue } from "../../src/adapters/catalogue-files.ts";
import { changeOf } from "../plan/plan-document.ts";

interface RuleCase {
  readonly rule: string;
  readonly type: string;
  readonly actions?: readonly string[];
  /** Where it is written that the attribute is so. */
  readonly source: string;
  readonly before: object | null;
  readonly after: object | null;
  readonly miss?: object | null;
  readonly replace_paths?: readonly string[][];
  readonly miss_replace_paths?: readonly string[][];
  readonly miss_before?: object | null;
}

const cases = parse(
  await readFile(new URL("rule-cases.yaml", import.meta.url), "utf8"),
) as readonly RuleCase[];
const catalogue = await loadCatalogue();

const judged = (
  { type, actions = ["update"] }: RuleCase,
  before: object | null,
  after: object | null,
  forcedBy: readonly string[][] = [],
): readonly string[] =>
  catalogue
    .classify(changeOf(`${type}.a`, actions, { before, after, replace_paths: forcedBy }))
    .reasons.map(({ rule }) => rule);

describe("changes as providers make them", () => {
  test.each(cases.map((one, index) => [`${one.rule} of ${one.type} (${index})`, one] as const))(
    "%s fires, and on its near miss it does not",
    (_name, one) => {
      expect(judged(one, one.before, one.after, one.replace_paths)).toContain(one.rule);
      const missBefore = "miss_before" in one ? (one.miss_before ?? null) : one.before;
      const missAfter = "miss" in one ? (one.miss ?? null) : one.after;
      expect("miss" in one || "miss_before" in one, "a near miss is given").toBe(true);
      expect(judged(one, missBefore, missAfter, one.miss_replace_paths)).not.toContain(one.rule);
      expect(one.source).not.toBe("");
    },
  );

  test("there is one for every rule of the catalogue", () => {
    const rules = [...catalogue.types.values()].flatMap((entry) => entry.rules.map(({ id }) => id));
    const held = new Set(cases.map(({ rule }) => rule));
    expect([...new Set(rules)].filter((id) => !held.has(id))).toEqual([]);
  });
});
