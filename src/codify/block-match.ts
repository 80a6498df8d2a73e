import type { Json } from "../model/json.ts";
import type { SourceElement } from "./block-source.ts";
import { attributeOf } from "./configuration.ts";
import { evaluate } from "./evaluate.ts";
import { refuse } from "./refusal.ts";
import { type BlockSchema, isWritable, type NestedSchema, normalAttribute, normalBlock } from "./schema.ts";
import { isKnown, isObject, isSame, isZero, meansSame, type Value } from "./value.ts";

export interface Match {
  readonly changed: readonly {
    readonly source: SourceElement;
    readonly index: number;
    readonly from: Json;
    readonly to: Json;
  }[];
  readonly gone: readonly { readonly source: SourceElement; readonly index: number }[];
  /** `place`: where it stands among the wanted ones. */
  readonly added: readonly { readonly value: Json; readonly place: number }[];
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
  const { gone, added } = unequal(nested, ours, want);
  const left = [...added];
  const changed: { source: SourceElement; index: number; from: Json; to: Json }[] = [];
  const removed: { source: SourceElement; index: number }[] = [];
  for (const index of gone) {
    const own = ours[index] ?? null;
    const like =
      nested.nesting_mode !== "set" && (ours.length === want.length || isSingle(nested))
        ? left.findIndex(({ place }) => place === index)
        : likest(
            nested.block,
            own,
            left.map(({ one }) => one),
          );
    const [to] = like >= 0 ? left.splice(like, 1) : [];
    if (to) changed.push({ source: homeOf(index), index, from: own, to: to.one });
    else removed.push({ source: homeOf(index), index });
  }
  return { changed, gone: removed, added: left.map(({ one, place }) => ({ value: one, place })) };
};

const isSingle = ({ max_items, nesting_mode }: NestedSchema): boolean =>
  max_items === 1 || nesting_mode === "single";

/** Blocks only in the code, by place, and blocks only wanted. */
const unequal = (nested: NestedSchema, ours: readonly Json[], want: readonly Json[]) => {
  const left = want.map<{ one: Json; place: number; normal: Value }>((one, place) => ({
    one,
    place,
    normal: normalBlock(one, nested.block),
  }));
  const inPlace = nested.nesting_mode !== "set" && ours.length === want.length;
  const gone: number[] = [];
  ours.forEach((one, index) => {
    const own: Value = normalBlock(one, nested.block);
    const at = left.findIndex(({ normal, place }) => (!inPlace || place === index) && meansSame(normal, own));
    if (at >= 0) left.splice(at, 1);
    else gone.push(index);
  });
  return { gone, added: left };
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

/** The wanted block that shares most with one that must go, at least half of what it says; -1 for none. */
const likest = (schema: BlockSchema, own: Json, wanted: readonly Json[]): number => {
  const said = Object.entries(schema.attributes ?? {})
    .filter(([name, attribute]) => isObject(own) && !isZero(own[name]) && isWritable(attribute))
    .map(([name]) => name);
  const scores = wanted.map(
    (other) =>
      said.filter((name) => isObject(own) && isObject(other) && isSame(own[name], other[name])).length,
  );
  const best = Math.max(-1, ...scores);
  return best > 0 && best * 2 >= said.length ? scores.indexOf(best) : -1;
};
