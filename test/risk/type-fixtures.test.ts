import { readdir, readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { loadCatalogue } from "../../src/adapters/catalogue-files.ts";
import type { CatalogueRule } from "../../src/model/catalogue.ts";
import type { ChangeClass } from "../../src/model/change-class.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";
import { type Path, parsePath, renderPath } from "../../src/model/path.ts";
import { changeOf } from "../plan/plan-document.ts";

/** What types/*.yaml say of a type. */
interface TypeFixture {
  readonly lost: ChangeClass;
  readonly holds: JsonObject;
  readonly rules?: readonly RuleFixture[];
}
interface RuleFixture {
  readonly rule: string;
  readonly path: string;
  /** The resource is new. */
  readonly made?: boolean;
  readonly fires: readonly [Json, Json];
  readonly silent: readonly [Json, Json];
}

const folder = new URL("types/", import.meta.url);
const files = (await readdir(folder)).sort();
const texts = await Promise.all(files.map((file) => readFile(new URL(file, folder), "utf8")));
const listed = texts.flatMap((text) => Object.entries(parse(text) as { [type: string]: TypeFixture }));
const fixtures = new Map(listed);
const catalogue = await loadCatalogue();

const placeOf = ({ path }: CatalogueRule): string =>
  renderPath(path.map((step) => (step === "*" ? 0 : step)));

/** The resource with another value at one path; lists on the way keep their first element. */
const withValue = (tree: Json | undefined, [step, ...rest]: Path, value: Json): Json => {
  if (step === undefined) return value;
  if (typeof step === "number") return [withValue(Array.isArray(tree) ? tree[0] : undefined, rest, value)];
  const held = typeof tree === "object" && tree !== null && !Array.isArray(tree) ? (tree as JsonObject) : {};
  return { ...held, [step]: withValue(held[step], rest, value) };
};

const judged = (
  type: string,
  { holds }: TypeFixture,
  { rule, path, made = false }: RuleFixture,
  [before, after]: readonly [Json, Json],
  forcedBy: Path,
): readonly string[] => {
  const when = catalogue.types.get(type)?.rules.find((one) => one.id === rule)?.when ?? "changed";
  const uses = catalogue.types.get(type)?.rules.filter((one) => one.id === rule && placeOf(one) === path);
  const comparison = uses?.[0]?.when ?? when;
  const place = parsePath(path) ?? [];
  const destroys = comparison === "true-on-destroy" || comparison === "named-on-destroy";
  const replaces = comparison === "forces-replacement";
  const actions = destroys ? ["delete"] : replaces ? ["delete", "create"] : made ? ["create"] : ["update"];
  const change = changeOf(`${type}.a`, actions, {
    before: made ? null : withValue(holds, place, before),
    after: destroys ? null : withValue(holds, place, after),
    ...(replaces ? { replace_paths: [forcedBy] } : {}),
  });
  return catalogue
    .classify(change)
    .reasons.filter((reason) => reason.path === path)
    .map((reason) => reason.rule);
};

test("every type of the catalogue has a fixture, each type once, and no fixture is left over", () => {
  expect(listed.length).toBe(fixtures.size);
  expect([...fixtures.keys()].sort()).toEqual([...catalogue.types.keys()].sort());
});

test("every rule of every type has a change that fires it and one that does not", () => {
  for (const [type, entry] of catalogue.types) {
    const uses = entry.rules.map((rule) => `${rule.id} ${placeOf(rule)}`);
    const held = (fixtures.get(type)?.rules ?? []).map(({ rule, path }) => `${rule} ${path}`);
    expect([...held].sort(), type).toEqual([...uses].sort());
    expect(new Set(uses).size, `${type}: the same rule twice at one path`).toBe(uses.length);
  }
});

test("at least a hundred stateful types have three rules or more", () => {
  const deep = [...catalogue.types.values()].filter((entry) => entry.stateful && entry.rules.length >= 3);
  expect(deep.length).toBeGreaterThan(150);
});

describe.each(files.map((file, index) => [file, texts[index] ?? ""] as const))("%s", (_file, text) => {
  const types = Object.entries(parse(text) as { [type: string]: TypeFixture });

  test.each(types)("%s: its loss, and what is none", (type, { lost, holds }) => {
    const address = `${type}.a`;
    const gone = catalogue.classify(changeOf(address, ["delete"], { before: holds }));
    expect(gone).toMatchObject({ class: expect.stringMatching(/^R[2-5]$/), destructive: true });
    expect(gone.class >= lost).toBe(true);
    expect(gone.reasons.map(({ rule }) => rule)).toContain("destroy");
    for (const actions of FOUR_REPLACES) {
      const replaced = catalogue.classify(changeOf(address, actions, { before: holds, after: holds }));
      expect(replaced, String(actions)).toMatchObject({ destructive: true });
      expect(replaced.class >= lost, String(actions)).toBe(true);
    }
    const forgotten = catalogue.classify(changeOf(address, ["forget"], { before: holds }));
    expect(forgotten).toMatchObject({ destructive: false, class: gone.stateful ? "R3" : "R2" });
    const labelled = { before: { ...holds, tags: { team: "a" } }, after: { ...holds, tags: { team: "b" } } };
    expect(catalogue.classify(changeOf(address, ["update"], labelled)).class).toBe("R1");
    expect(catalogue.classify(changeOf(address, ["no-op"], { before: holds, after: holds })).class).toBe(
      "R0",
    );
  });

  test.each(types.filter(([, { rules = [] }]) => rules.length > 0))("%s: its rules", (type, fixture) => {
    for (const one of fixture.rules ?? []) {
      const told = `${type} ${one.rule} ${one.path}`;
      const place = parsePath(one.path) ?? [];
      expect(judged(type, fixture, one, one.fires, place), told).toContain(one.rule);
      expect(judged(type, fixture, one, one.silent, ["something_else"]), told).not.toContain(one.rule);
    }
  });
});

const FOUR_REPLACES = [
  ["delete", "create"],
  ["create", "delete"],
  ["create", "forget"],
  ["forget", "create"],
];
