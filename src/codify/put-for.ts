import type { Edit } from "../hcl/edit.ts";
import type { Expression, ExpressionOf } from "../hcl/syntax.ts";
import { expressionsIn } from "../hcl/walk.ts";
import type { Json } from "../model/json.ts";
import type { Path } from "../model/path.ts";
import { type Place, type Scope, withNames } from "./configuration.ts";
import { entriesOf, evaluate, loopNames } from "./evaluate.ts";
import { DELETE, type PutContext, type Want } from "./put.ts";
import { refuse } from "./refusal.ts";
import { joinedParts, solve } from "./solve.ts";
import { isKnown, isList, isObject, meansSame, scalarText, type Value } from "./value.ts";

type For = ExpressionOf<"for">;

/** A loop: the change goes into the element from which the changed one is made. */
export const putFor = (loop: For, path: Path, want: Want, context: PutContext): readonly Edit[] => {
  if (loop.groups) return refuse("a for expression that groups");
  const [first, ...rest] = path;
  if (first === undefined) return putEvery(loop, want, context);
  const all = madeElements(loop, context.scope);
  const made = all.find(({ name }) => String(name) === String(first));
  if (!made) return refuse(`no element of the loop's collection gives ${JSON.stringify(first)}`);
  if (want === DELETE && rest.length === 0) {
    return context.put(loop.collection, [made.key], DELETE, context);
  }
  const edits =
    rest.length === 0 && want !== DELETE
      ? putElement(loop, made, want, context)
      : context.put(loop.value, rest, want, { ...context, scope: made.scope });
  return insideLoop(loop, new Map([[made, edits]]), all, context);
};

interface Made {
  /** Key in the collection. */
  readonly key: string | number;
  /** Key or position in the result. */
  readonly name: string | number;
  readonly scope: Scope;
}

const madeElements = (loop: For, scope: Scope): readonly Made[] => {
  const entries =
    entriesOf(evaluate(loop.collection, scope)) ?? refuse("the loop's collection is not known before a plan");
  let position = 0;
  return entries.flatMap(([key, value]): Made[] => {
    const asValues = withNames(
      scope,
      loopNames(loop, { kind: "value", value: key }, { kind: "value", value }),
    );
    if (loop.condition && evaluate(loop.condition, asValues) !== true) return [];
    const name = loop.key ? scalarText(evaluate(loop.key, asValues)) : position++;
    if (name === undefined) return refuse("a key of the loop is not known before a plan");
    const place: Place = { kind: "place", expression: loop.collection, path: [key], scope };
    return [{ key, name, scope: withNames(scope, loopNames(loop, { kind: "value", value: key }, place)) }];
  });
};

/** The whole result: member by member where all stay, otherwise those that left are taken from the collection. */
const putEvery = (loop: For, want: Want, context: PutContext): readonly Edit[] => {
  const made = madeElements(loop, context.scope);
  if (want !== DELETE && Array.isArray(want) && !loop.key) return putList(loop, made, want, context);
  if (want === DELETE || !isObject(want) || !loop.key)
    return refuse("the result of a whole for expression became something else");
  const wanted = new Map(Object.entries(want)) as ReadonlyMap<string, Json>;
  const fresh = [...wanted].filter(([name]) => !made.some((one) => String(one.name) === name));
  const added = fresh.flatMap(([name, value]) => putNewMember(loop, name, value, context));
  const gone = made.filter(({ name }) => !wanted.has(String(name)));
  const kept = made.filter(({ name }) => wanted.has(String(name)));
  const changed = new Map(
    kept.map((one) => [one, putElement(loop, one, wanted.get(String(one.name)) ?? null, context)]),
  );
  const inside = insideLoop(loop, changed, kept, context);
  if (added.length > 0 && inside.some((edit) => isIn(loop.value, edit, context)))
    return refuse("the text of the loop makes the new members too");
  return [
    ...gone.flatMap(({ key }) => context.put(loop.collection, [key], DELETE, context)),
    ...inside,
    ...added,
  ];
};

const putElement = (loop: For, { key, scope }: Made, value: Json, context: PutContext): readonly Edit[] => {
  if (meansSame(evaluate(loop.value, scope), value)) return [];
  const before = entriesOf(evaluate(loop.collection, context.scope))?.find(([one]) => one === key)?.[1];
  const found = solve(loop.value, value, loop.valueName, scope);
  if (loop.condition && found !== undefined) {
    const item = isObject(before) ? joinedParts(before as Json, found) : found;
    const inside = withNames(
      scope,
      loopNames(loop, { kind: "value", value: key }, { kind: "value", value: item }),
    );
    if (evaluate(loop.condition, inside) !== true)
      return refuse("the loop would leave the changed element out");
  }
  return context.put(loop.value, [], value, { ...context, scope });
};

/** What the loop itself says is said of every element: such an edit must be meant by all that it reaches. */
const insideLoop = (
  { value }: For,
  changed: ReadonlyMap<Made, readonly Edit[]>,
  all: readonly Made[],
  context: PutContext,
): readonly Edit[] => {
  const edits = [...changed.values()].flat();
  const isMeant = (edit: Edit, by: Made): boolean =>
    (changed.get(by) ?? []).some(
      ({ start, end, text }) => start === edit.start && end === edit.end && text === edit.text,
    );
  for (const edit of edits) {
    if (!isIn(value, edit, context)) continue;
    if (all.some((one) => !isMeant(edit, one) && isEvaluated(value, edit, one.scope)))
      return refuse("the text of the loop makes other elements too");
  }
  return edits;
};

const isIn = (value: Expression, { file, start, end }: Edit, { scope }: PutContext): boolean =>
  file === scope.file && value.start <= start && end <= value.end;

/** Whether the element gets to that place at all, or a condition leads it elsewhere. */
const isEvaluated = (value: Expression, { start, end }: Edit, scope: Scope): boolean =>
  [...expressionsIn(value)].every((part) => {
    if (part.kind !== "conditional") return true;
    const isIn = (branch: Expression): boolean => branch.start <= start && end <= branch.end;
    const holds = evaluate(part.condition, scope);
    return !(isIn(part.yes) && holds === false) && !(isIn(part.no) && holds === true);
  });

/** A member that no element makes so far: the element that would make it. */
const putNewMember = (loop: For, name: string, value: Json, context: PutContext): readonly Edit[] => {
  const unfit = `no element of the loop's collection gives ${JSON.stringify(name)}`;
  if (!loop.key || !isObject(evaluate(loop.collection, context.scope))) return refuse(unfit);
  const key = loop.keyName === null ? undefined : solve(loop.key, name, loop.keyName, context.scope);
  const item = solve(loop.value, value, loop.valueName, context.scope);
  if (typeof key !== "string" || item === undefined) return refuse(unfit);
  return context.put(loop.collection, [key], item, context);
};

/** A list made by a loop: what stays keeps its element, what is new is worked out backwards from the loop's value. */
const putList = (
  loop: For,
  made: readonly Made[],
  want: readonly Json[],
  context: PutContext,
): readonly Edit[] => {
  const now = made.map(({ scope }): Value => evaluate(loop.value, scope));
  if (now.length === want.length) {
    const changed = new Map(
      made.map((one, index) => [one, putElement(loop, one, want[index] ?? null, context)]),
    );
    return insideLoop(loop, changed, made, context);
  }
  const left = [...want];
  const others = made.filter((_, index) => {
    const at = left.findIndex((item) => meansSame(item, now[index]));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  const collection = evaluate(loop.collection, context.scope);
  if (!isList(collection) || !isKnown(collection)) return refuse("items came and went in a loop over a map");
  const solved = (item: Json): Json =>
    solve(loop.value, item, loop.valueName, context.scope) ??
    refuse("a new item does not fit the value of the loop");
  if (made.length < collection.length) {
    // What the loop leaves out keeps its place, and what is new comes last.
    const stays = made.flatMap((one, index): Value[] => (others.includes(one) ? [] : [now[index] ?? null]));
    if (!meansSame([...stays, ...left], want)) return refuse("items moved in a loop with a condition");
    const kept = collection.filter((_, index) => !others.some(({ key }) => key === index));
    return context.put(loop.collection, [], [...kept, ...left.map(solved)], context);
  }
  const from = collection.map((item, index): { item: Json; gives: Value } => ({
    item,
    gives: now[index] ?? null,
  }));
  const items = want.map((item) => {
    const at = from.findIndex(({ gives }) => meansSame(gives, item));
    return at < 0 ? solved(item) : (from.splice(at, 1)[0]?.item ?? null);
  });
  return context.put(loop.collection, [], items, context);
};
