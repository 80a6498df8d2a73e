import type { Edit } from "../hcl/edit.ts";
import type { ExpressionOf } from "../hcl/syntax.ts";
import type { Json } from "../model/json.ts";
import type { Path } from "../model/path.ts";
import { deleteElement, insertItems, isOnePerLine } from "./collection-surgery.ts";
import { evaluate } from "./evaluate.ts";
import { indentAt } from "./lines.ts";
import { DELETE, type PutContext, type Want } from "./put.ts";
import { putMemberValue } from "./put-member.ts";
import { refuse } from "./refusal.ts";
import { rejoined } from "./rejoin.ts";
import { render } from "./render.ts";
import { replaced } from "./replaced.ts";
import { commonSubsequence } from "./subsequence.ts";
import { isKnown, meansSame, type Value } from "./value.ts";

type Tuple = ExpressionOf<"tuple">;

export const putTuple = (tuple: Tuple, path: Path, want: Want, context: PutContext): readonly Edit[] => {
  const { file } = context.scope;
  if (path.length > 0) return putItem(tuple, path, want, context);
  if (want === DELETE || !Array.isArray(want)) return refuse("a list became something else");
  if (tuple.elements.length === 0)
    return [replaced(file, tuple, render(want, indentAt(file.text, tuple.start)))];
  const { before } = context;
  const planned = Array.isArray(before) && before.length === tuple.elements.length ? before : [];
  const current = tuple.elements.map((element, index) => {
    const value = evaluate(element, context.scope);
    return isKnown(value) ? value : (planned[index] ?? value);
  });
  const plan = alignment(current, want);
  const inner = new Map(
    plan.paired.map(([from, to]) => [
      from,
      putMemberValue(tuple.elements[from] as Tuple, [], want[to] as Json, {
        ...context,
        before: planned[from],
      }),
    ]),
  );
  const { gone, added } = plan;
  if ((gone.length > 0 && !isOnePerLine(file, tuple.elements)) || gone.length === tuple.elements.length) {
    return joinedAnew(tuple, plan, inner, context);
  }
  return [
    ...[...inner.values()].flat(),
    ...gone.map((index) => deleteElement(file, tuple, tuple.elements, index)),
    ...[...added].flatMap(([after, items]) => insertItems(file, tuple, after, items)),
  ];
};

const putItem = (tuple: Tuple, path: Path, want: Want, context: PutContext): readonly Edit[] => {
  const [first, ...rest] = path;
  const index = Number(first);
  const element = tuple.elements[index] ?? refuse(`the list has no element ${first}`);
  if (want !== DELETE || rest.length > 0) return context.put(element, rest, want, context);
  const { file } = context.scope;
  if (isOnePerLine(file, tuple.elements)) return [deleteElement(file, tuple, tuple.elements, index)];
  const parts = tuple.elements.map(({ start, end }, other) => ({
    start,
    end,
    edits: other === index ? null : [],
  }));
  return rejoined(file, tuple, parts, [], ["[", "]"]);
};

interface Alignment {
  /** Element of the code -> item that it becomes, changed member by member. */
  readonly paired: readonly (readonly [number, number])[];
  readonly gone: readonly number[];
  /** After which element (-1: before all) which items come. */
  readonly added: ReadonlyMap<number, readonly Json[]>;
}

/** Equal items keep their elements; in the gaps between them old and new are paired, so that objects change by member. */
const alignment = (current: readonly Value[], want: readonly Json[]): Alignment => {
  const sameLength = current.length === want.length;
  if (sameLength && (current.length === 1 || current.some((item, index) => meansSame(item, want[index])))) {
    return { paired: current.map((_, index) => [index, index]), gone: [], added: new Map() };
  }
  const paired: [number, number][] = [];
  const gone: number[] = [];
  const added = new Map<number, Json[]>();
  let [from, to, anchor] = [0, 0, -1];
  for (const [keepFrom, keepTo] of [
    ...commonSubsequence(current, want),
    [current.length, want.length] as const,
  ]) {
    for (; from < keepFrom && to < keepTo; from += 1, to += 1) {
      paired.push([from, to]);
      anchor = from;
    }
    for (; from < keepFrom; from += 1) gone.push(from);
    if (to < keepTo) added.set(anchor, want.slice(to, keepTo));
    anchor = keepFrom;
    from = keepFrom + 1;
    to = keepTo + 1;
  }
  return { paired, gone, added };
};

/** Possible where new items come after all that stay. */
const joinedAnew = (
  tuple: Tuple,
  { gone, added }: Alignment,
  inner: ReadonlyMap<number, readonly Edit[]>,
  { scope }: PutContext,
): readonly Edit[] => {
  const { file } = scope;
  const lastKept = tuple.elements.findLastIndex((_, index) => !gone.includes(index));
  if ([...added.keys()].some((after) => after < lastKept)) return refuse("items came and went on one line");
  const parts = tuple.elements.map(({ start, end }, index) => ({
    start,
    end,
    edits: gone.includes(index) ? null : (inner.get(index) ?? []),
  }));
  const indent = indentAt(file.text, tuple.start);
  const fresh = [...added.values()].flat().map((item) => render(item, indent));
  return rejoined(file, tuple, parts, fresh, ["[", "]"]);
};
