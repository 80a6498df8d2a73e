import type { Catalogue, CatalogueType } from "../model/catalogue.ts";
import type { ConfigProblem, Parsed, StatefulOverride } from "../model/config.ts";
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
    const entry = overridden(types.get(override.type), override);
    if (entry) types.set(override.type, entry);
    else problems.push({ path: `stateful[${index}].type`, message: unknownType(override.type) });
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
  return { ...known, stateful, statelessWhere: null, destroy: override.destroy ?? usual };
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

const unknownType = (type: string): string =>
  `The catalogue has no type ${JSON.stringify(type)}; to add it, say "stateful: true" or give its class in "destroy".`;
