import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { CONDITIONS } from "../../src/model/catalogue.ts";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

/** First cells of the rows of the table under a heading. */
const rowsUnder = (heading: string): readonly string[] => {
  const section = read("docs/risk.md").split(`## ${heading}\n`)[1]!.split("\n## ")[0]!;
  return [...section.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1]!);
};

test("docs/risk.md explains every comparison, and no other", () => {
  expect([...rowsUnder("What a rule compares")].sort()).toEqual([...CONDITIONS].sort());
});

test("and every rule with its class", () => {
  const { rules } = parse(read("src/risk/catalogue/rules.yaml")) as {
    rules: { [id: string]: { class: string; when: string } };
  };
  expect([...rowsUnder("Rules")].sort()).toEqual(Object.keys(rules).sort());
  for (const [id, rule] of Object.entries(rules)) {
    expect(read("docs/risk.md")).toContain(`| \`${id}\` | ${rule.class} | \`${rule.when}\` |`);
  }
});
