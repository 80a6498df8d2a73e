import { parse } from "yaml";
import { z } from "zod";
import {
  type Catalogue,
  type CatalogueRule,
  type CatalogueType,
  CONDITIONS,
  STATEFUL_KINDS,
  type StatefulKind,
} from "../model/catalogue.ts";
import type { ChangeClass } from "../model/change-class.ts";
import type { ConfigProblem, Parsed } from "../model/config.ts";
import { type Path, parsePath } from "../model/path.ts";
import type { ResourceChange } from "../model/plan.ts";
import { valueAt } from "../model/value-diff.ts";
import { classifyChange } from "./classify.ts";
import { asksCode } from "./rule-hits.ts";

/**
 * Reads the catalogue's YAML files (docs/risk.md says how they are written) into one catalogue. A later file adds
 * to the earlier ones and replaces their types and rules by name. All problems come at once, each with its file.
 */
export const parseCatalogue = (
  files: readonly { readonly name: string; readonly text: string }[],
): Parsed<Catalogue> => {
  const problems: ConfigProblem[] = [];
  const parsed = files.flatMap((file) => readFile(file, problems));
  const rules: RuleBook = Object.assign({}, ...parsed.map((file) => file.rules));
  const types = new Map<string, CatalogueType>();
  for (const file of parsed) {
    for (const entry of typesOf(file, rules, problems)) types.set(entry.type, entry);
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: makeCatalogue(types) };
};

const changeClass = z.enum(["R0", "R1", "R2", "R3", "R4", "R5"]);
const scalar = z.union([z.string(), z.number(), z.boolean()]);
const rule = z.strictObject({
  class: changeClass,
  when: z.enum(CONDITIONS),
  message: z.string(),
  way_out: z.string(),
  source: z.string().optional(),
  one_way: z.boolean().default(false),
  values: z.array(scalar).default([]),
});
const use = z.strictObject({
  rule: z.string(),
  path: z.string(),
  class: changeClass.optional(),
  when: z.enum(CONDITIONS).optional(),
  message: z.string().optional(),
  source: z.string().optional(),
  values: z.array(scalar).optional(),
  unlimited: z.array(z.number()).default([]),
  absent: z.union([z.number(), z.literal("forever")]).optional(),
  unless: z.record(z.string(), z.array(scalar)).default({}),
  by_default: z.boolean().default(false),
});
const type = z.strictObject({
  kind: z.enum(STATEFUL_KINDS),
  what: z.string(),
  also: z.array(z.string()).default([]),
  destroy: changeClass.optional(),
  sets: z.array(z.string()).default([]),
  rules: z.array(use).default([]),
  /** Attributes that no change in place can give another value. */
  replaces: z.array(z.string()).default([]),
  stateless_where: z.strictObject({ path: z.string(), values: z.array(z.string()) }).optional(),
});
const file = z.strictObject({
  /** Of every rule in the file that names no other; `{type}` is filled in. */
  source: z.string().optional(),
  rules: z.record(z.string(), rule).default({}),
  plain: z.partialRecord(z.enum(STATEFUL_KINDS), z.record(z.string(), z.string())).default({}),
  types: z.record(z.string(), type).default({}),
});
type CatalogueFile = z.infer<typeof file> & { readonly name: string };
type RuleBook = { readonly [id: string]: z.infer<typeof rule> };

const readFile = (
  source: { readonly name: string; readonly text: string },
  problems: ConfigProblem[],
): readonly CatalogueFile[] => {
  try {
    const result = file.safeParse(parse(source.text) ?? {});
    if (result.success) return [{ ...result.data, name: source.name }];
    for (const issue of result.error.issues) {
      problems.push({ path: `${source.name}: ${issue.path.join(".")}`, message: issue.message });
    }
  } catch (error) {
    problems.push({ path: source.name, message: error instanceof Error ? error.message : String(error) });
  }
  return [];
};

const typesOf = (
  file: CatalogueFile,
  rules: RuleBook,
  problems: ConfigProblem[],
): readonly CatalogueType[] => {
  const plain = Object.entries(file.plain).flatMap(([kind, names]) =>
    Object.entries(names).map(([name, what]) => withDefaults(name, kind as StatefulKind, what)),
  );
  const detailed = Object.entries(file.types).flatMap(([name, entry]) => {
    const place = `${file.name}: types.${name}`;
    const filled = withDefaults(name, entry.kind, entry.what, {
      ...(entry.destroy === undefined ? {} : { destroy: entry.destroy }),
      sets: entry.sets.map((path) => pattern(path, `${place}.sets`, problems)),
      rules: [...entry.rules, ...entry.replaces.map(forcing)].flatMap((one) =>
        ruleOf(one, rules, place, problems),
      ),
      statelessWhere: entry.stateless_where
        ? { ...entry.stateless_where, path: pattern(entry.stateless_where.path, place, problems) }
        : null,
    });
    return [name, ...entry.also].map((alias) => withSource({ ...filled, type: alias }, file.source));
  });
  return [...plain, ...detailed];
};

const forcing = (path: string): z.infer<typeof use> =>
  use.parse({ rule: "forces-replacement", path } satisfies z.input<typeof use>);

const withSource = (entry: CatalogueType, source: string | undefined): CatalogueType => ({
  ...entry,
  rules: entry.rules.map((one) => ({
    ...one,
    source: (one.source || source || "Documentation of {type} in its provider")
      .replaceAll("{type}", entry.type)
      .replaceAll("{name}", entry.type.slice(entry.type.indexOf("_") + 1)),
  })),
});

const withDefaults = (
  name: string,
  kind: StatefulKind,
  what: string,
  details: Partial<Pick<CatalogueType, "destroy" | "sets" | "rules" | "statelessWhere">> = {},
): CatalogueType => ({
  type: name,
  kind,
  what,
  stateful: !STATELESS.includes(kind),
  destroy: DESTROY[kind] ?? "R4",
  sets: [],
  rules: [],
  statelessWhere: null,
  ...details,
});

const STATELESS: readonly StatefulKind[] = ["network", "compute"];
// A key is the only thing whose loss no backup mends; a guard's loss harms nothing that is stored yet.
const DESTROY: { readonly [kind in StatefulKind]?: ChangeClass } = {
  key: "R5",
  "bucket-guard": "R3",
  network: "R3",
  compute: "R3",
};

const ruleOf = (
  one: z.infer<typeof use>,
  rules: RuleBook,
  place: string,
  problems: ConfigProblem[],
): readonly CatalogueRule[] => {
  const known = rules[one.rule];
  if (!known) {
    problems.push({ path: `${place}.rules`, message: `There is no rule ${JSON.stringify(one.rule)}.` });
    return [];
  }
  const { way_out: wayOut, one_way: oneWay, source, ...rest } = known;
  return [
    {
      ...rest,
      id: one.rule,
      class: one.class ?? known.class,
      when: one.when ?? known.when,
      message: one.message ?? known.message,
      wayOut,
      oneWay,
      source: one.source ?? source ?? "",
      path: pattern(one.path, `${place}.rules`, problems),
      values: one.values ?? known.values,
      unlimited: one.unlimited,
      byDefault: one.by_default,
      absent: one.absent === "forever" ? Number.POSITIVE_INFINITY : one.absent,
      unless: Object.entries(one.unless).map(([path, values]) => ({
        path: pattern(path, `${place}.rules`, problems),
        values,
      })),
    },
  ];
};

/** `versioning[*].enabled` as steps, `*` for any one step. */
const pattern = (text: string, place: string, problems: ConfigProblem[]): Path => {
  const path = parsePath(text.replaceAll("[*]", '["*"]'));
  if (path !== undefined && path.length > 0) return path;
  problems.push({ path: place, message: `${JSON.stringify(text)} is no attribute path.` });
  return [];
};

/** A catalogue of the given types, ready to ask. */
export const makeCatalogue = (types: ReadonlyMap<string, CatalogueType>): Catalogue => ({
  types,
  classify: (change) => classifyChange(change, entryFor(change, types.get(change.type))),
  asksCode: (change) => types.get(change.type)?.rules.some((one) => asksCode(one, change)) ?? false,
  isSet: (name, path) => (types.get(name)?.sets.some((known) => isSame(known, path)) ? true : undefined),
  watches: (name, path) => types.get(name)?.rules.some((known) => overlaps(known.path, path)) ?? false,
});

const entryFor = (change: ResourceChange, entry: CatalogueType | undefined): CatalogueType | undefined => {
  const where = entry?.statelessWhere;
  if (!entry || !where) return entry;
  const value = valueAt(change.before ?? change.after, where.path);
  return where.values.some((known) => known === value) ? { ...entry, stateful: false, destroy: "R3" } : entry;
};

const isSame = (known: Path, path: Path): boolean => known.length === path.length && overlaps(known, path);
const overlaps = (known: Path, path: Path): boolean =>
  known.slice(0, path.length).every((step, index) => step === "*" || step === path[index]);
