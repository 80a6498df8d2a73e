import type { Edit } from "../hcl/edit.ts";
import { type Json, memberOf } from "../model/json.ts";
import { attributeChange } from "./attribute-change.ts";
import { matched } from "./block-match.ts";
import { sourceElements } from "./block-source.ts";
import { insertAttribute } from "./block-surgery.ts";
import { comingWays, leavingWays } from "./block-ways.ts";
import { attributeOf } from "./configuration.ts";
import type { Change, Proposal, RefusedPlace, Way } from "./facts.ts";
import { holdsSensitive } from "./nested-attribute.ts";
import { refuseForeign } from "./put-back.ts";
import { isJsonFile, setInJson } from "./put-json.ts";
import { attempt, refuse } from "./refusal.ts";
import { elementsOf, isWritable, type NestedSchema, normalAttribute, normalBlocks } from "./schema.ts";
import type { AttributeSite } from "./site.ts";
import { isSame, meansSame } from "./value.ts";

interface Sides {
  readonly want: Json;
  readonly ours: Json;
}

/**
 * Nested blocks that must come, go or change. Each planned block is matched with the block in the code that gives it;
 * a wanted one that is much like one that must go is that one changed.
 */
export const blockChanges = (
  site: AttributeSite,
  name: string,
  nested: NestedSchema,
  { want, ours }: Sides,
  options: { readonly emptied: boolean },
): Proposal => {
  if (nested.nesting_mode === "map") return refuse("blocks with labels cannot be edited yet");
  const path = `${site.prefix}${name}`;
  const sources = sourceElements(site.placed, name, site.scope);
  const match = matched(nested, sources, elementsOf(ours) as Json[], elementsOf(want) as Json[]);
  const reached = (planned: Json | undefined): boolean =>
    meansSame(normalBlocks(planned, nested), normalBlocks(want, nested));
  const change = (at: string, ways: readonly Way[]): Change => ({
    address: site.address,
    path: at,
    attribute: site.top,
    ways,
    reached: site.prefix === "" ? reached : () => true,
    removes: false,
    follows: site.follows,
    settles: site.settles,
  });
  const refused: RefusedPlace[] = [];
  const changes: Change[] = [];
  for (const { source, index, from, to } of match.changed) {
    const inner = innerChanges(
      { ...site, placed: source.placed, scope: source.scope, prefix: `${path}[${index}].` },
      nested,
      { want: to, ours: from },
    );
    refused.push(...inner.refused);
    changes.push(...inner.changes.map((one) => (site.prefix === "" ? { ...one, reached } : one)));
  }
  const leaves = match.gone.map(({ source, index }) =>
    change(`${path}[${index}]`, leavingWays(site, name, source)),
  );
  const comes = match.added.map((one) => change(path, comingWays(site, name, nested, sources, one)));
  const emptied = options.emptied && elementsOf(want).length === 0 && leaves.length > 0;
  const silence = emptied ? [change(path, [{ name: "source", edits: () => silencing(site, name) }])] : [];
  return { changes: [...changes, ...leaves, ...comes, ...silence], refused };
};

const innerChanges = (site: AttributeSite, nested: NestedSchema, { want, ours }: Sides): Proposal => {
  const changes: Change[] = [];
  const refused: RefusedPlace[] = [];
  for (const [name, schema] of Object.entries(nested.block.attributes ?? {})) {
    const [wanted, now] = [memberOf(want, name), memberOf(ours, name)];
    if (!isWritable(schema) || isSame(normalAttribute(wanted, schema), normalAttribute(now, schema)))
      continue;
    // What the code leaves out and the provider fills with nothing is said already.
    if (!attributeOf(site.placed, name) && (wanted === false || wanted === 0) && now === null) continue;
    if (schema.sensitive || holdsSensitive(wanted, schema))
      refused.push({
        address: site.address,
        path: `${site.prefix}${name}`,
        reason: "sensitive: its value is never written",
      });
    else changes.push(attributeChange(site, name, schema, wanted));
  }
  for (const [name, inner] of Object.entries(nested.block.block_types ?? {})) {
    const sides = { want: memberOf(want, name), ours: memberOf(ours, name) };
    if (isSame(normalBlocks(sides.want, inner), normalBlocks(sides.ours, inner))) continue;
    const tried = attempt(() => blockChanges(site, name, inner, sides, { emptied: false }));
    if ("reason" in tried)
      refused.push({ address: site.address, path: `${site.prefix}${name}`, reason: tried.reason });
    else {
      changes.push(...tried.value.changes);
      refused.push(...tried.value.refused);
    }
  }
  return { changes, refused };
};

/** Without any block the provider would keep what is live: no element at all must be said. */
const silencing = ({ placed, scope }: AttributeSite, name: string): readonly Edit[] => {
  refuseForeign(scope.module, placed.file.path);
  if (isJsonFile(placed.file)) return setInJson(placed.file, placed.block.start, [name], []);
  return [insertAttribute(placed, name, "[]")];
};
