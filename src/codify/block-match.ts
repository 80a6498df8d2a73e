import type { Json } from "../model/json.ts";
import type { SourceElement } from "./block-source.ts";
import { attributeOf } from "./configuration.ts";
import { evaluate } from "./evaluate.ts";
import { refuse } from "./refusal.ts";
import { type BlockSchema, isWritable, type NestedSchema, normalAttribute, normalBlock } from "./schema.ts";
import { isKnown, isObject, isSame, isZero, meansSame } from "./value.ts";

export interface Match {
  readonly changed: readonly {
    readonly source: SourceElement;
    readonly index: number;
    readonly from: Json;
    readonly to: Json;
  }[];
  readonly gone: readonly { readonly source: SourceElement; readonly index: number }[];
  readonly added: readonly Json[];
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
  const single =
    nested.nesting_mode !== "set" && (nested.max_items === 1 || nested.nesting_mode === "single");
  const { gone, added } = unequal(nested, ours, want);
  const homes = homesOf(nested, sources, ours);
  const left = [...added];
  const changed: { source: SourceElement; index: number; from: Json; to: Json }[] = [];
  const removed: { source: SourceElement; index: number }[] = [];
  const rated = gone.map((index) => ({
    index,
    best: bestFor(
      nested.block,
      ours[index] ?? null,
      left,
      nested.nesting_mode === "set" ? null : index - gone.filter((one) => one < index).length,
      single,
    ),
  }));
  for (const { index } of rated) {
    const source = homes[index] ?? refuse("no block in the code gives the planned one");
    const like = bestFor(
      nested.block,
      ours[index] ?? null,
      left,
      null,
      single || (nested.nesting_mode !== "set" && ours.length === want.length),
    );
    if (like === null) removed.push({ source, index });
    else changed.push({ source, index, from: ours[index] ?? null, to: left.splice(like, 1)[0] ?? null });
  }
  return { changed, gone: removed, added: left };
};

/** Blocks only in the code, by place, and blocks only wanted. */
const unequal = (nested: NestedSchema, ours: readonly Json[], want: readonly Json[]) => {
  const normalOurs = ours.map((one) => normalBlock(one, nested.block));
  const left = want.map((one) => ({ one, normal: normalBlock(one, nested.block) }));
  const gone: number[] = [];
  normalOurs.forEach((own, index) => {
    const at = left.findIndex(({ normal }) => meansSame(normal, own));
    if (at >= 0) left.splice(at, 1);
    else gone.push(index);
  });
  return { gone, added: left.map(({ one }) => one) };
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

/** The wanted block that shares most with one that must go, at least half of what it says. */
const bestFor = (
  schema: BlockSchema,
  own: Json,
  wanted: readonly Json[],
  _place: number | null,
  any: boolean,
): number | null => {
  if (any && wanted.length > 0) return 0;
  const said = Object.keys(schema.attributes ?? {}).filter(
    (name) => isObject(own) && !isZero(own[name]) && isWritable(schema.attributes?.[name] ?? {}),
  );
  const scores = wanted.map(
    (other) =>
      said.filter((name) => isObject(own) && isObject(other) && isSame(own[name], other[name])).length,
  );
  const best = Math.max(-1, ...scores);
  return best > 0 && best * 2 >= said.length ? scores.indexOf(best) : null;
};
