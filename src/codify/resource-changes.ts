import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { isMarkedWithin } from "../model/value-diff.ts";
import { blockChanges } from "./block-changes.ts";
import { blocksNamed, sourceElements } from "./block-source.ts";
import type { Module } from "./configuration.ts";
import { attributeOf, findResource, type PlacedBlock, type Scope } from "./configuration.ts";
import type { Change, DriftedResource, Proposal, RefusedPlace } from "./facts.ts";
import { attributeChanges } from "./member-changes.ts";
import { schemaMarks } from "./nested-attribute.ts";
import { SENSITIVE } from "./reasons.ts";
import { attempt } from "./refusal.ts";
import { removal } from "./removal.ts";
import { type BlockSchema, blocksOfAttribute, isWritable, normalAttribute, normalBlocks } from "./schema.ts";
import type { AttributeSite } from "./site.ts";
import { isSame } from "./value.ts";
import { type Wanted, wantedValue } from "./wanted.ts";
import { withheldIn, withholding } from "./withheld.ts";

/** What one drifted resource needs the code to say, and what cannot be said, each with its reason. */
export const resourceChanges = (
  root: Module,
  drifted: DriftedResource,
  schema: BlockSchema | undefined,
  vanished: ReadonlySet<string>,
): Proposal => {
  const { address, recorded, actual, desired } = drifted;
  const marking = (states: readonly Json[]): DriftedResource => ({
    ...drifted,
    sensitive: [...drifted.sensitive, schemaMarks(states, schema?.attributes)],
  });
  const resource = marking([recorded, actual, desired]);
  const tried = attempt((): Proposal => {
    const found = findResource(root, address);
    if (vanished.has(address)) return { changes: [removal(root, address, vanished)], refused: [] };
    // What the live system has not can be taken away without being told.
    const wanted = wantedValue(marking([actual]));
    if (wanted.attributes.size === 0) return { changes: [], refused: wanted.refused };
    if (!schema) return everyRefused(resource, wanted, `the schema of ${resource.type} is not known`);
    const site: BodySite = { root, resource, wanted, placed: found.placed, scope: found.scope, schema };
    const { changes, refused } = topLevelChanges(site);
    return { changes, refused: [...wanted.refused, ...refused] };
  });
  return "value" in tried
    ? tried.value
    : { changes: [], refused: [{ address, path: "", reason: tried.reason }] };
};

const everyRefused = (
  { address }: DriftedResource,
  { attributes, refused }: Wanted,
  reason: string,
): Proposal => ({
  changes: [],
  refused: [...refused, ...[...attributes.values()].flat().map((path) => ({ address, path, reason }))],
});

interface BodySite {
  readonly root: Module;
  readonly resource: DriftedResource;
  readonly wanted: Wanted;
  readonly placed: PlacedBlock;
  readonly scope: Scope;
  readonly schema: BlockSchema;
}

const topLevelChanges = (site: BodySite): Proposal => {
  const changes: Change[] = [];
  const refused: RefusedPlace[] = [];
  for (const [name, paths] of site.wanted.attributes) {
    if (isIgnored(site.placed, name)) continue;
    const tried = attempt(() => changesOf(site, name, paths));
    if ("reason" in tried)
      refused.push(...paths.map((path) => ({ address: site.resource.address, path, reason: tried.reason })));
    else {
      const withheld = withheldIn(site.resource, name);
      changes.push(...tried.value.changes.map((change) => withholding(change, withheld)));
      refused.push(...tried.value.refused);
    }
  }
  return { changes, refused };
};

/** The code itself says that nobody minds what the attribute comes to. */
const isIgnored = ({ block, overrides }: PlacedBlock, name: string): boolean =>
  [block, ...overrides.map((one) => one.block)]
    .flatMap(({ body }) => body.blocks.filter(({ type }) => type === "lifecycle"))
    .flatMap(({ body }) => body.attributes.filter((one) => one.name === "ignore_changes"))
    .flatMap(({ value }) => (value.kind === "tuple" ? value.elements : [value]))
    .some((one) => one.kind === "traversal" && one.steps.length === 0 && ["all", name].includes(one.root));

const NOTHING: Proposal = { changes: [], refused: [] };

const changesOf = (site: BodySite, name: string, paths: readonly string[]): Proposal => {
  const { resource, placed, scope, schema } = site;
  const [want, ours] = [memberOf(site.wanted.value, name), memberOf(resource.desired, name)];
  const attribute = schema.attributes?.[name];
  const refusedHere = (reason: string): Proposal => ({
    changes: [],
    refused: paths.map((path) => ({ address: resource.address, path, reason })),
  });
  if (attribute && !isWritable(attribute)) return NOTHING;
  if (attribute?.sensitive || attribute?.write_only) return refusedHere(SENSITIVE);
  if (isMarkedWithin(markOf(resource.unknown, name), []))
    return refusedHere("the code's value is known only after an apply");
  const nested = schema.block_types?.[name] ?? (attribute && blocksOfAttribute(attribute));
  const written = attributeOf(placed, name);
  const base: AttributeSite = {
    address: resource.address,
    top: name,
    placed,
    scope,
    prefix: "",
    settles: paths,
    follows: followers(schema, placed),
  };
  if (attribute && (written || !nested)) {
    const adopted = written === undefined;
    if (!adopted && isSame(normalAttribute(want, attribute), normalAttribute(ours, attribute)))
      return NOTHING;
    return { changes: attributeChanges(base, name, attribute, want, ours), refused: [] };
  }
  if (!nested) return refusedHere(`the schema of ${resource.type} has no ${name}`);
  // A dynamic block that makes nothing says nothing, so the provider keeps what is live.
  const isSilent =
    blocksNamed(placed, name).length === 0 ||
    (attribute !== undefined && sourceElements(placed, name, scope).length === 0);
  const oursHere = isSilent ? null : ours;
  if (isSame(normalBlocks(want, nested), normalBlocks(oursHere, nested))) return NOTHING;
  return blockChanges(
    base,
    name,
    nested,
    { want, ours: oursHere },
    { emptied: attribute?.computed === true },
  );
};

/** What the provider may work out from the rest. */
const followers = (schema: BlockSchema, placed: PlacedBlock): readonly string[] =>
  Object.entries(schema.attributes ?? {})
    .filter(([name, attribute]) => attribute.computed && !attributeOf(placed, name))
    .map(([name]) => name);

const memberOf = (value: Json, name: string): Json =>
  isJsonObject(value) ? ((value as JsonObject)[name] ?? null) : null;
const markOf = (mark: Json, name: string): Json => (mark === true ? true : memberOf(mark, name));
