import { writeFile } from "node:fs/promises";
import { loadCatalogue } from "../src/adapters/catalogue-files.ts";
import type { Catalogue, CatalogueRule, CatalogueType } from "../src/model/catalogue.ts";
import { renderPath } from "../src/model/path.ts";

/** `docs/stateful-catalogue.md`: every type of the catalogue, what its loss is and what its rules look at. */
export const catalogueDocument = ({ types }: Catalogue): string => {
  const byKind = Map.groupBy(
    [...types.values()].toSorted((left, right) => (left.type < right.type ? -1 : 1)),
    ({ kind }) => kind,
  );
  const uses = [...types.values()].reduce((sum, { rules }) => sum + rules.length, 0);
  return [
    "# The stateful catalogue",
    "",
    "Written by `node scripts/catalogue-doc.ts` from `src/risk/catalogue`; [risk.md](risk.md) explains classes and rules,",
    "and how a repository overrides them.",
    "",
    `${types.size} types with ${uses} rules among them. "Lost" is the class of a destroy or replace. A rule in *italics* tells of what the`,
    "reverse change does not take back. A value among those that force a replacement cannot change in place.",
    "",
    ...[...byKind].flatMap(([kind, entries]) => [`## ${kind}`, "", ...entries.flatMap(section), ""]),
  ].join("\n");
};

const section = (entry: CatalogueType): readonly string[] => {
  const [forcing, told] = halves(entry.rules);
  return [
    `- \`${entry.type}\` (${entry.what}), lost: ${entry.destroy}`,
    ...told.map(
      (rule) =>
        `  - ${rule.oneWay ? `*${rule.id}*` : rule.id} ${rule.class}: \`${pathOf(rule)}\` ${rule.when}${valuesOf(rule)}`,
    ),
    ...(forcing.length > 0
      ? [`  - forces a replacement: ${forcing.map((rule) => `\`${pathOf(rule)}\``).join(", ")}`]
      : []),
  ];
};

const halves = (
  rules: readonly CatalogueRule[],
): readonly [readonly CatalogueRule[], readonly CatalogueRule[]] => {
  const isForcing = ({ when }: CatalogueRule): boolean => when === "forces-replacement";
  return [rules.filter(isForcing), rules.filter((rule) => !isForcing(rule))];
};

const pathOf = ({ path }: CatalogueRule): string => renderPath(path).replaceAll('["*"]', "[*]");

const valuesOf = ({ values, id }: CatalogueRule): string =>
  values.length === 0 || id === "state-bucket" ? "" : ` ${values.map((value) => `\`${value}\``).join(", ")}`;

if (import.meta.main) {
  await writeFile(
    new URL("../docs/stateful-catalogue.md", import.meta.url),
    catalogueDocument(await loadCatalogue()),
  );
}
