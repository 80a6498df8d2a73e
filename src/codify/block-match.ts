import type { Json } from "../model/json.ts";
import type { SourceElement } from "./block-source.ts";
import { attributeOf } from "./configuration.ts";
import { evaluate } from "./evaluate.ts";
import { refuse } from "./refusal.ts";
import { type BlockSchema, isWritable, type NestedSchema, normalAttribute, normalBlock } from "./schema.ts";
import { isKnown, isObject, isSame, isZero, meansSame, type Value } from "./value.ts";

export interface AddedBlock {
  readonly value: Json;
  /** The blocks in the code around the place, of those that stay. */
  readonly before: SourceElement | null;
  readonly after: SourceElement | null;
}

export interface Match {
  readonly changed: readonly {
    readonly source: SourceElement;
    readonly index: number;
    readonly from: Json;
    readonly to: Json;
  }[];
  readonly gone: readonly { readonly source: SourceElement; readonly index: number }[];
  /** `place`: where it stands among the wanted ones. */
  readonly added: readonly AddedBlock[];
}

/** Planned blocks against wanted ones. `index` is the block's place in the plan. */
export const matched = (
  nested: NestedSchema,
  sources: readonly SourceElement[],
  ours: readonly Json[],
  want: readonly Json[],
): Match => {
  if (sources.length !== ours.length)
    return refuse(`the code writes ${sources.length} of these blocks, the plan has ${ours.length}`);
  const homes = homesOf(nested, sources, ours);
  const homeOf = (index: number): SourceElement =>
    homes[index] ?? refuse("no block in the code gives the planned one");
  const { pairs, gone, added } = unequal(nested, ours, want);
  const inPlace = nested.nesting_mode !== "set" && (ours.length === want.length || isSingle(nested));
  const alike = inPlace
    ? gone.flatMap((index) =>
        added.filter((place) => place === index).map((place) => [index, place] as const),
      )
    : likest(nested.block, { ours, gone }, { want, added });
  const changed = alike.map(([index, place]) => ({
    source: homeOf(index),
    index,
    from: ours[index] ?? null,
    to: want[place] ?? null,
  }));
  const stays = [...pairs, ...alike].sort(([, one], [, other]) => one - other);
  const homeAt = (found: readonly [number, number] | undefined): SourceElement | null =>
    (found && homes[found[0]]) ?? null;
  return {
    changed,
    gone: gone
      .filter((index) => !alike.some(([one]) => one === index))
      .map((index) => ({ source: homeOf(index), index })),
    added: added
      .filter((place) => !alike.some(([, one]) => one === place))
      .map((place) => ({
        value: want[place] ?? null,
        before: homeAt(stays.findLast(([, one]) => one < place)),
        after: homeAt(stays.find(([, one]) => one > place)),
      })),
  };
};

const isSingle = ({ max_items, nesting_mode }: NestedSchema): boolean =>
  max_items === 1 || nesting_mode === "single";

/** `[place in the code, place among the wanted]`. */
type Pair = readonly [number, number];

/** Equal blocks by place, blocks only in the code, and blocks only wanted. */
const unequal = (nested: NestedSchema, ours: readonly Json[], want: readonly Json[]) => {
  const left = want.map<{ place: number; normal: Value }>((one, place) => ({
    place,
    normal: normalBlock(one, nested.block),
  }));
  const inPlace = nested.nesting_mode !== "set" && ours.length === want.length;
  const gone: number[] = [];
  const pairs: Pair[] = [];
  ours.forEach((one, index) => {
    const own: Value = normalBlock(one, nested.block);
    const at = left.findIndex(({ normal, place }) => (!inPlace || place === index) && meansSame(normal, own));
    const [found] = at >= 0 ? left.splice(at, 1) : [];
    if (found) pairs.push([index, found.place]);
    else gone.push(index);
  });
  return { pairs, gone, added: left.map(({ place }) => place) };
};

/** For each planned block the one in the code: by place in a list, by value in a set. */
const homesOf = (
  nested: NestedSchema,
  sources: readonly SourceElement[],
  ours: readonly Json[],
): readonly (SourceElement | undefined)[] => {
  if (nested.nesting_mode !== "set") return ours.map((_, index) => sources[index]);
  const free = [...sources];
  return ours.map((own) => {
    const at = free.findIndex((source) => elementMatches(source, own, nested.block));
    return at >= 0 ? free.splice(at, 1)[0] : undefined;
  });
};

/** Whether a block in the code may give this value; what is not known before a plan may be anything. */
export const elementMatches = ({ placed, scope }: SourceElement, value: Json, schema: BlockSchema): boolean =>
  Object.entries(schema.attributes ?? {}).every(([name, attribute]) => {
    const written = attributeOf(placed, name);
    const planned = isObject(value) ? value[name] : null;
    // What the code leaves out is nothing, or the provider's default.
    if (!written) return true;
    const said = evaluate(written.attribute.value, { ...scope, file: written.file });
    return !isKnown(said) || meansSame(normalAttribute(said, attribute), normalAttribute(planned, attribute));
  });

/** Wanted blocks paired with those that must go which share most with them, at least half of what these say. */
const likest = (
  schema: BlockSchema,
  { ours, gone }: { readonly ours: readonly Json[]; readonly gone: readonly number[] },
  { want, added }: { readonly want: readonly Json[]; readonly added: readonly number[] },
): readonly Pair[] => {
  const scored = gone.flatMap((index) => {
    const own = ours[index] ?? null;
    const said = Object.entries(schema.attributes ?? {})
      .filter(([name, attribute]) => isObject(own) && !isZero(own[name]) && isWritable(attribute))
      .map(([name]) => name);
    return added.map((place) => {
      const other = want[place] ?? null;
      const score = said.filter(
        (name) => isObject(own) && isObject(other) && isSame(own[name], other[name]),
      ).length;
      return { index, place, score, isLike: score > 0 && score * 2 >= said.length };
    });
  });
  const pairs: Pair[] = [];
  for (const { index, place } of scored
    .filter(({ isLike }) => isLike)
    .sort((one, other) => other.score - one.score)) {
    if (!pairs.some(([from, to]) => from === index || to === place)) pairs.push([index, place]);
  }
  return pairs;
};
