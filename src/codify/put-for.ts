import type { Edit } from "../hcl/edit.ts";
import type { ExpressionOf } from "../hcl/syntax.ts";
import type { Json } from "../model/json.ts";
import type { Path } from "../model/path.ts";
import { type Place, type Scope, withNames } from "./configuration.ts";
import { entriesOf, evaluate, loopNames } from "./evaluate.ts";
import { DELETE, type PutContext, type Want } from "./put.ts";
import { refuse } from "./refusal.ts";
import { solve } from "./solve.ts";
import { isKnown, isList, isObject, isSame, meansSame, scalarText } from "./value.ts";

type For = ExpressionOf<"for">;

/** A loop: the change goes into the element from which the changed one is made. */
export const putFor = (loop: For, path: Path, want: Want, context: PutContext): readonly Edit[] => {
  if (loop.groups) return refuse("a for expression that groups");
  const [first, ...rest] = path;
  if (first === undefined) return putEvery(loop, want, context);
  const made = madeElements(loop, context.scope).find(({ name }) => String(name) === String(first));
  if (!made) return refuse(`no element of the loop's collection gives ${JSON.stringify(first)}`);
  if (want === DELETE && rest.length === 0) {
    return context.put(loop.collection, [made.key], DELETE, context);
  }
  return context.put(loop.value, rest, want, { ...context, scope: made.scope });
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
  const kept = made.flatMap(({ key, name, scope }) => {
    const value = wanted.get(String(name));
    if (value === undefined) return context.put(loop.collection, [key], DELETE, context);
    if (isSame(evaluate(loop.value, scope), value)) return [];
    return context.put(loop.value, [], value, { ...context, scope });
  });
  return [...kept, ...added];
};

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
  const now = made.map(({ scope }) => evaluate(loop.value, scope));
  const left = [...want];
  const others = made.filter((_, index) => {
    const at = left.findIndex((item) => meansSame(item, now[index]));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  if (now.length === want.length) {
    return others.flatMap(({ scope }, index) =>
      context.put(loop.value, [], left[index] ?? null, { ...context, scope }),
    );
  }
  const collection = evaluate(loop.collection, context.scope);
  if (!isList(collection) || !isKnown(collection)) return refuse("items came and went in a loop over a map");
  const kept = collection.filter((_, index) => !others.some(({ key }) => key === index));
  const added = left.map(
    (item) =>
      solve(loop.value, item, loop.valueName, context.scope) ??
      refuse("a new item does not fit the value of the loop"),
  );
  return context.put(loop.collection, [], [...(kept as Json[]), ...added], context);
};
