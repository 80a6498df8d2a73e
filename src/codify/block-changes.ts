import { isJsonObject, type Json } from "../model/json.ts";
import { attributeChange } from "./attribute-change.ts";
import { matched } from "./block-match.ts";
import { type SourceElement, sourceElements } from "./block-source.ts";
import { deleteBlock, insertAttribute, insertBlock } from "./block-surgery.ts";
import { blockLines } from "./block-text.ts";
import { attributeOf } from "./configuration.ts";
import { addedToDynamic, emptyDynamic } from "./dynamic-block.ts";
import type { Change, Proposal, RefusedPlace, Way } from "./facts.ts";
import { instanceBlockWay } from "./instance-block.ts";
import { DELETE } from "./put.ts";
import { putBack, refuseForeign } from "./put-back.ts";
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
  const change = (at: string, edits: Way["edits"], others: readonly Way[] = []): Change => ({
    address: site.address,
    path: at,
    attribute: site.top,
    ways: [{ name: "source", edits }, ...others],
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
    change(`${path}[${index}]`, () => removed(site, source)),
  );
  const comes = match.added.map((one) =>
    change(path, () => added(site, name, nested, sources, one), [
      instanceBlockWay(site, name, nested, one.value),
    ]),
  );
  const emptied = options.emptied && elementsOf(want).length === 0 && leaves.length > 0;
  const silence = emptied ? [change(path, () => [insertAttribute(site.placed, name, "[]")])] : [];
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
    if (schema.sensitive)
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

const memberOf = (value: Json, name: string): Json => (isJsonObject(value) ? (value[name] ?? null) : null);

const removed = (site: AttributeSite, { dynamic, placed }: SourceElement) => {
  refuseForeign(site.scope.module, placed.file.path);
  return dynamic ? putBack(dynamic.collection, [dynamic.key], DELETE, dynamic.scope) : [deleteBlock(placed)];
};

const added = (
  site: AttributeSite,
  name: string,
  nested: NestedSchema,
  sources: readonly SourceElement[],
  { value, place }: { readonly value: Json; readonly place: number },
) => {
  refuseForeign(site.scope.module, site.placed.file.path);
  const written = sources.filter(({ dynamic }) => !dynamic).map(({ placed }) => placed.block);
  const dynamic =
    sources.find((source) => source.dynamic)?.dynamic ?? emptyDynamic(site.placed, name, site.scope);
  if (written.length === 0 && dynamic) return addedToDynamic(dynamic, name, nested.block, value);
  // In a list the order is the code's; in a set the last place is as good as any.
  const before = nested.nesting_mode === "set" ? written : written.slice(0, Math.max(1, place));
  return [insertBlock(site.placed, before, name, blockLines(value, nested.block, written[0]))];
};
