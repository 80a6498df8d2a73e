import { beforeAll, describe, expect, test } from "vitest";
import { loadCatalogue } from "../../src/adapters/catalogue-files.ts";
import type { Catalogue, CatalogueRule, CatalogueType } from "../../src/model/catalogue.ts";
import { CHANGE_CLASSES } from "../../src/model/change-class.ts";
import type { Json } from "../../src/model/json.ts";
import { renderPath } from "../../src/model/path.ts";
import { parseCatalogue } from "../../src/risk/catalogue.ts";
import { changeOf } from "../plan/plan-document.ts";
import { type Example, firingExample, nearMisses, valueWith } from "./rule-example.ts";

let catalogue: Catalogue;
interface Use {
  readonly entry: CatalogueType;
  readonly rule: CatalogueRule;
}
let uses: readonly Use[];
/** Those that two values decide. */
let compared: readonly Use[];
beforeAll(async () => {
  catalogue = await loadCatalogue();
  uses = [...catalogue.types.values()].flatMap((entry) => entry.rules.map((rule) => ({ entry, rule })));
  compared = uses.filter(({ rule }) => rule.when !== "forces-replacement" && rule.id !== "expiry-set");
});

const DESTROYING: readonly CatalogueRule["when"][] = ["true-on-destroy", "named-on-destroy"];

/** Ids of the rules of the type that fire at the rule's path on the change. */
const fired = (entry: CatalogueType, rule: CatalogueRule, { before, after }: Example): readonly string[] => {
  const destroys = DESTROYING.includes(rule.when);
  const wrap = (held: Json): Json => valueWith(rule.path, held);
  const change = changeOf(`${entry.type}.a`, [destroys ? "delete" : "update"], {
    before: wrap(before),
    after: destroys ? null : wrap(after),
  });
  const place = renderPath(rule.path.map((step) => (step === "*" ? 0 : step)));
  return catalogue
    .classify(change)
    .reasons.filter((reason) => reason.path === place)
    .map((reason) => reason.rule);
};

describe("the catalogue that is shipped", () => {
  test("knows far more than a hundred types, and every kind", () => {
    expect(catalogue.types.size).toBeGreaterThan(500);
    const stateful = [...catalogue.types.values()].filter((entry) => entry.stateful);
    expect(stateful.length).toBeGreaterThan(400);
    expect(new Set(uses.map(({ rule }) => rule.id)).size).toBeGreaterThan(40);
  });

  test("each rule has a class, a message, a way out and a source", () => {
    for (const { entry, rule } of uses) {
      expect(CHANGE_CLASSES).toContain(rule.class);
      expect(rule.message, rule.id).toMatch(/[.]$/);
      expect(rule.wayOut, rule.id).toMatch(/[.)]$/);
      expect(rule.source, `${entry.type} ${rule.id}`).not.toBe("");
      expect(rule.source).not.toContain("{");
      expect(rule.source, `${entry.type} ${rule.id}`).toMatch(/https:|Documentation of/);
    }
  });

  test("each rule that compares with values names them", () => {
    for (const { rule } of uses) {
      if (rule.when === "becomes" || rule.when === "leaves") expect(rule.values.length).toBeGreaterThan(0);
    }
  });

  test("each rule of each type fires on a change of its kind", () => {
    for (const { entry, rule } of compared) {
      expect(fired(entry, rule, firingExample(rule)), `${entry.type} ${renderPath(rule.path)}`).toContain(
        rule.id,
      );
    }
  });

  test("and on nothing that only looks like it", () => {
    for (const { entry, rule } of compared) {
      const twins = entry.rules.filter(
        (other) => other !== rule && other.id === rule.id && renderPath(other.path) === renderPath(rule.path),
      );
      if (twins.length > 0) continue;
      for (const miss of nearMisses(rule)) {
        const ids = fired(entry, rule, miss);
        expect(ids, `${entry.type} ${renderPath(rule.path)} ${JSON.stringify(miss)}`).not.toContain(rule.id);
      }
    }
  });

  test("the class of a change is never below that of a rule that fired", () => {
    for (const { entry, rule } of compared) {
      if (DESTROYING.includes(rule.when)) continue;
      const { before, after } = firingExample(rule);
      const change = changeOf(`${entry.type}.a`, ["update"], {
        before: valueWith(rule.path, before),
        after: valueWith(rule.path, after),
      });
      expect(catalogue.classify(change).class >= rule.class, `${entry.type} ${rule.id}`).toBe(true);
    }
  });

  test("losing a stateful resource is R4 or R5, save where its entry says why it is less", () => {
    const stateful = [...catalogue.types.values()].filter((entry) => entry.stateful && !entry.statelessWhere);
    const lost = stateful.map(
      (entry) => catalogue.classify(changeOf(`${entry.type}.a`, ["delete"], { before: { id: "x" } })).class,
    );
    expect(lost.every((level) => level >= "R2")).toBe(true);
    expect(lost.filter((level) => level >= "R4").length).toBeGreaterThan(400);
  });
});

describe("overrides", () => {
  const base = {
    name: "base.yaml",
    text: `
rules:
  small: { class: R2, when: lowered, message: "{path} goes down.", way_out: "Keep it." }
types:
  my_thing: { kind: database, what: thing, rules: [{ rule: small, path: size }] }
`,
  };

  test("a later file replaces a type, and a class of one use", () => {
    const parsed = parseCatalogue([
      base,
      {
        name: "own.yaml",
        text: "types:\n  my_thing: { kind: queue, what: mine, rules: [{ rule: small, path: size, class: R4 }] }",
      },
    ]);
    expect(parsed).toMatchObject({ ok: true });
    if (!parsed.ok) return;
    expect(parsed.value.types.get("my_thing")).toMatchObject({ kind: "queue", rules: [{ class: "R4" }] });
  });

  test("every problem is told at once, with its file and place", () => {
    const parsed = parseCatalogue([
      base,
      { name: "a.yaml", text: "types:\n  x: { kind: nonsense, what: x }" },
      { name: "b.yaml", text: "types:\n  y: { kind: queue, what: y, rules: [{ rule: no-such, path: a }] }" },
      {
        name: "c.yaml",
        text: "types:\n  z: { kind: queue, what: z, rules: [{ rule: small, path: 'a..b' }] }",
      },
      { name: "d.yaml", text: "a: [" },
    ]);
    expect(parsed.ok).toBe(false);
    if (parsed.ok) return;
    const text = parsed.problems.map((problem) => `${problem.path} ${problem.message}`).join("\n");
    for (const word of ["a.yaml", "b.yaml", "no-such", "c.yaml", "a..b", "d.yaml"])
      expect(text).toContain(word);
  });
});
