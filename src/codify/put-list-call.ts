import type { Edit } from "../hcl/edit.ts";
import type { Expression, ExpressionOf } from "../hcl/syntax.ts";
import type { Json } from "../model/json.ts";
import type { Path } from "../model/path.ts";
import { evaluate } from "./evaluate.ts";
import { DELETE, type PutContext, type Want } from "./put.ts";
import { attempt, refuse } from "./refusal.ts";
import { solveFormat } from "./solve.ts";
import { isKnown, isList, isObject, isSame, scalarText, type Value } from "./value.ts";

type Call = ExpressionOf<"call">;

/** `slice(list, from, to)`: inside of the stretch, whose length stays. */
export const putSlice = ({ args }: Call, path: Path, want: Want, context: PutContext): readonly Edit[] => {
  const [list] = args;
  const [items, from, to] = args.map((arg) => evaluate(arg, context.scope));
  if (!list || !isList(items) || !isKnown(items) || typeof from !== "number" || typeof to !== "number")
    return refuse("slice() is not known before a plan");
  const [first, ...rest] = path;
  if (first !== undefined) return context.put(list, [from + Number(first), ...rest], want, context);
  if (want === DELETE || !Array.isArray(want) || want.length !== to - from)
    return refuse("slice() takes as many items as before");
  return context.put(
    list,
    [],
    [...(items as Json[]).slice(0, from), ...want, ...(items as Json[]).slice(to)],
    context,
  );
};

/** `zipmap(keys, values)`: a member's value by the place of its key; new members at the end of both. */
export const putZipmap = ({ args }: Call, path: Path, want: Want, context: PutContext): readonly Edit[] => {
  const [keys, values] = args;
  const names = keys && evaluate(keys, context.scope);
  const held = values && evaluate(values, context.scope);
  if (!keys || !values || !isList(names) || !isList(held) || !isKnown(names) || !isKnown(held))
    return refuse("zipmap() is not known before a plan");
  const [first, ...rest] = path;
  const placeOf = (name: unknown): number => names.findIndex((one) => scalarText(one) === String(name));
  if (first !== undefined) {
    return want === DELETE || placeOf(first) < 0
      ? refuse("zipmap() has no such key")
      : context.put(values, [placeOf(first), ...rest], want, context);
  }
  if (want === DELETE || !isObject(want)) return refuse("a map became something else");
  const kept = (names as Json[]).filter((name) => Object.hasOwn(want, scalarText(name) ?? ""));
  const fresh = Object.keys(want).filter((name) => placeOf(name) < 0);
  const all = [...kept, ...fresh];
  return [
    ...context.put(keys, [], all, context),
    ...context.put(
      values,
      [],
      all.map((name) => (want[scalarText(name) ?? ""] ?? null) as Json),
      context,
    ),
  ];
};

/** `formatlist("x-%s", list)`: each wanted text gives an item of the list. */
export const putFormatList = (
  { args }: Call,
  path: Path,
  want: Want,
  context: PutContext,
): readonly Edit[] => {
  const [pattern, ...others] = args;
  const format = pattern && evaluate(pattern, context.scope);
  const values = others.map((arg) => evaluate(arg, context.scope));
  const lists = values.flatMap((value, index) => (isList(value) ? [index] : []));
  const [at = 0] = lists;
  const list = others[at];
  if (typeof format !== "string" || lists.length !== 1 || !list)
    return refuse("formatlist() cannot be turned round here");
  const itemOf = (text: Json): Json => {
    const solved = typeof text === "string" ? solveFormat(format, values, at, text) : undefined;
    return solved ?? refuse("the live text does not fit the pattern of formatlist()");
  };
  if (path.length === 1 && want !== DELETE) return context.put(list, path, itemOf(want), context);
  if (path.length > 0 || want === DELETE || !Array.isArray(want))
    return refuse("a list became something else");
  return context.put(list, [], want.map(itemOf), context);
};

/** `values(map)`: in the order of its keys, each in the place of the one that it was. */
export const putValues = (map: Expression, path: Path, want: Want, context: PutContext): readonly Edit[] => {
  const now = evaluate(map, context.scope);
  if (!isObject(now)) return refuse("the map of values() is not known before a plan");
  const names = Object.keys(now).sort();
  const [first, ...rest] = path;
  if (first !== undefined) {
    const name = names[Number(first)] ?? refuse(`the map has no member ${first}`);
    return context.put(map, [name, ...rest], want, context);
  }
  if (want === DELETE || !Array.isArray(want) || want.length !== names.length)
    return refuse("values came and went, and nothing tells their keys");
  return names.flatMap((name, index) =>
    isSame(now[name], want[index]) ? [] : context.put(map, [name], want[index] as Json, context),
  );
};

/** `coalescelist()`: the list that counts. */
export const putFirstList = (
  { args }: Call,
  path: Path,
  want: Want,
  context: PutContext,
): readonly Edit[] => {
  if (Array.isArray(want) && want.length === 0 && path.length === 0)
    return refuse("coalescelist() takes no list that is empty");
  for (const arg of args) {
    const value = evaluate(arg, context.scope);
    if (!isList(value)) break;
    if (value.length > 0) return context.put(arg, path, want, context);
  }
  return refuse("no list of coalescelist() is known before a plan");
};

/** `flatten()` and `compact()`: the author's nesting and blanks stay, changed items change where they are. */
export const putFlattened = (
  list: Expression,
  flatten: boolean,
  path: Path,
  want: Want,
  context: PutContext,
): readonly Edit[] => {
  const now = evaluate(list, context.scope);
  if (!isList(now) || !isKnown(now)) return refuse("the list is not known before a plan");
  const [first, ...rest] = path;
  if (first !== undefined) {
    const place = placesIn(now, flatten)[Number(first)] ?? refuse(`the list has no element ${first}`);
    return context.put(list, [...place, ...rest], want, context);
  }
  if (want === DELETE || !Array.isArray(want)) return refuse("a list became something else");
  return putLeaves(list, flatten, now, want, context);
};

/** Where each item of the result stands in the list of lists. */
const placesIn = (list: readonly Value[], flatten: boolean): readonly Path[] =>
  list.flatMap((item, index): readonly Path[] => {
    if (flatten && isList(item)) return placesIn(item, flatten).map((place) => [index, ...place]);
    return !flatten && isBlank(item) ? [] : [[index]];
  });

const putLeaves = (
  list: Expression,
  flatten: boolean,
  now: readonly Json[],
  want: readonly Json[],
  context: PutContext,
): readonly Edit[] => {
  const leaves = flatten ? flat(now) : now.filter((item) => !isBlank(item));
  const wanted = paired(leaves, want);
  if (
    !isSame(
      wanted.filter((item) => item !== undefined),
      want,
    )
  )
    return refuse("items came and went in a list of lists");
  let at = 0;
  const rebuilt = (value: Value): Json[] => {
    if (flatten && isList(value)) return [value.flatMap(rebuilt)];
    if (!flatten && isBlank(value)) return [value as Json];
    const item = wanted[at++];
    return item === undefined ? [] : [item];
  };
  const fresh = now.flatMap(rebuilt);
  const more = wanted.slice(leaves.length).filter((item) => item !== undefined);
  const last = fresh.at(-1);
  if (more.length === 0) return context.put(list, [], fresh, context);
  const open =
    flatten && Array.isArray(last) ? [...fresh.slice(0, -1), [...last, ...more]] : [...fresh, ...more];
  const tried = attempt(() => context.put(list, [], open, context));
  return "value" in tried ? tried.value : context.put(list, [], [...fresh, ...more], context);
};

const flat = (list: readonly Value[]): Value[] =>
  list.flatMap((item) => (isList(item) ? flat(item) : [item]));
const isBlank = (value: Value): boolean => value === null || value === "";

/** For each leaf what it becomes (undefined: it goes), then what is new; a changed item takes the place of a lost one. */
const paired = (leaves: readonly Value[], want: readonly Json[]): readonly (Json | undefined)[] => {
  const left = [...want];
  const kept = leaves.map((leaf): Json | undefined => {
    const at = left.findIndex((one) => isSame(one, leaf));
    return at < 0 ? undefined : left.splice(at, 1)[0];
  });
  return [...kept.map((item) => item ?? left.shift()), ...left];
};
