import type { Catalogue, CatalogueType } from "../model/catalogue.ts";
import type { ConfigProblem, Parsed, StatefulOverride } from "../model/config.ts";
import { didYouMean } from "../model/similar.ts";
import { makeCatalogue } from "./catalogue.ts";

/**
 * The catalogue with what a repository's protected branch says over it. A type that the catalogue lacks is added by
 * `stateful: true` or a class; anything else about an unknown type is a problem, since it is most likely misspelt.
 */
export const withOverrides = (
  catalogue: Catalogue,
  overrides: readonly StatefulOverride[],
): Parsed<Catalogue> => {
  if (overrides.length === 0) return { ok: true, value: catalogue };
  const problems: ConfigProblem[] = [];
  const types = new Map(catalogue.types);
  for (const [index, override] of overrides.entries()) {
    const known = types.get(override.type);
    const entry = overridden(known, override);
    if (entry) types.set(override.type, entry);
    else
      problems.push({ path: `stateful[${index}].type`, message: unknownType(override.type, types.keys()) });
    problems.push(...ruleProblems(known, override, index));
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: makeCatalogue(types) };
};

const overridden = (
  known: CatalogueType | undefined,
  override: StatefulOverride,
): CatalogueType | undefined => {
  if (!known) return override.stateful === true || override.destroy ? added(override) : undefined;
  const stateful = override.stateful ?? known.stateful;
  const usual =
    override.stateful === null || stateful === known.stateful ? known.destroy : stateful ? "R4" : "R3";
  const rules = known.rules.flatMap((rule) => {
    const said = override.rules?.[rule.id];
    return said === "off" ? [] : [{ ...rule, class: said ?? rule.class }];
  });
  // Somebody who only judges rules has said nothing of what the type is.
  const asBefore = override.stateful === null && override.destroy === null;
  const statelessWhere = asBefore ? known.statelessWhere : null;
  return { ...known, stateful, statelessWhere, destroy: override.destroy ?? usual, rules };
};

const ruleProblems = (
  known: CatalogueType | undefined,
  { type, rules = {} }: StatefulOverride,
  index: number,
): readonly ConfigProblem[] => {
  const ids = new Set(known?.rules.map(({ id }) => id));
  return Object.keys(rules)
    .filter((id) => !ids.has(id))
    .map((id) => ({
      path: `stateful[${index}].rules.${id}`,
      message: `The type ${type} has no rule ${JSON.stringify(id)}.${didYouMean(id, ids)}${ids.size > 0 ? ` It has ${[...ids].join(", ")}.` : ""}`,
    }));
};

const added = ({ type, stateful, destroy }: StatefulOverride): CatalogueType => ({
  type,
  kind: "workload",
  what: type,
  stateful: stateful ?? true,
  destroy: destroy ?? "R4",
  sets: [],
  rules: [],
  statelessWhere: null,
});

const unknownType = (type: string, known: Iterable<string>): string =>
  `The catalogue has no type ${JSON.stringify(type)}.${didYouMean(type, known)} To add it, say "stateful: true" or give its class in "destroy".`;
