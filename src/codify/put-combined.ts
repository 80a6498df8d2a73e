import type { Edit } from "../hcl/edit.ts";
import type { Expression, ExpressionOf } from "../hcl/syntax.ts";
import { expressionsIn } from "../hcl/walk.ts";
import type { Json } from "../model/json.ts";
import type { Path } from "../model/path.ts";
import { insertMember } from "./collection-surgery.ts";
import { evaluate } from "./evaluate.ts";
import { indentAt } from "./lines.ts";
import { DELETE, type PutContext, type Want } from "./put.ts";
import { shortText } from "./raw-text.ts";
import { attempt, refuse } from "./refusal.ts";
import { renderInline } from "./render.ts";
import { isKnown, isList, isObject, isSame, type ValueObject } from "./value.ts";

type Call = ExpressionOf<"call">;

/** `merge(a, b, ...)`: each changed member goes to the argument that has it, new ones to the least shared place. */
export const putMerge = (call: Call, path: Path, want: Want, context: PutContext): readonly Edit[] => {
  const { scope } = context;
  if (call.expands) return refuse("merge() of a list");
  const { before } = context;
  const maps = call.args.map((arg): ValueObject => {
    const value = evaluate(arg, scope);
    if (value === null) return {};
    if (isObject(value)) return value;
    // What the plan says of the whole tells what must stay, though not which argument says it.
    return isObject(before)
      ? {}
      : refuse(`${shortText(scope.file, arg)} in merge() is not known before a plan`);
  });
  if (path.length > 0) return putMergedMember(call, maps, path, want, context);
  if (want === DELETE || !isObject(want)) return refuse("a map became something else");
  const current: ValueObject = isObject(before) ? before : Object.assign({}, ...maps);
  const names = [...new Set([...Object.keys(current), ...Object.keys(want)])];
  const changed = names.filter(
    (name) => !(name in want) || !(name in current) || !isSame(current[name], want[name]),
  );
  const fresh = changed.filter((name) => !(name in current));
  const [first] = fresh;
  // Several new members side by side: into one literal, or one new argument.
  if (fresh.length > 1 && first !== undefined && fresh.every((name) => isKnown(want[name]))) {
    const rest = changed.filter((name) => name in current);
    return [
      ...rest.flatMap((name) => putMergedMember(call, maps, [name], memberWant(want, name), context)),
      ...addMembers(call, Object.fromEntries(fresh.map((name) => [name, want[name] as Json])), context),
    ];
  }
  return changed.flatMap((name) => putMergedMember(call, maps, [name], memberWant(want, name), context));
};

const memberWant = (want: ValueObject, name: string): Want => (name in want ? (want[name] as Json) : DELETE);

const putMergedMember = (
  call: Call,
  maps: readonly ValueObject[],
  path: Path,
  want: Want,
  context: PutContext,
): readonly Edit[] => {
  const name = String(path[0]);
  const holders = call.args.filter((_, index) => Object.hasOwn(maps[index] ?? {}, name));
  const last = holders.at(-1);
  if (want === DELETE && path.length === 1) {
    if (!last) return refuse(`no map in merge() that is known before a plan has ${JSON.stringify(name)}`);
    return holders.flatMap((holder) => context.put(holder, path, DELETE, context));
  }
  if (last && (last.kind === "object" || context.reach === "source"))
    return context.put(last, path, want, context);
  if (path.length > 1 || want === DELETE) {
    return last
      ? context.put(last, path, want, context)
      : refuse(`no map in merge() has ${JSON.stringify(name)}`);
  }
  return addMembers(call, { [name]: want }, context, last);
};

/** The instance's own map, then a literal of this very call, then one more argument. */
const addMembers = (
  call: Call,
  members: { readonly [key: string]: Json },
  context: PutContext,
  after?: Expression,
): readonly Edit[] => {
  const { file } = context.scope;
  const own =
    context.reach === "source" && !after
      ? call.args.find((arg) => arg.kind !== "object" && isOwn(arg, context))
      : undefined;
  if (own) {
    const put = attempt(() =>
      Object.entries(members).flatMap(([name, value]) => context.put(own, [name], value, context)),
    );
    if ("value" in put) return put.value;
  }
  const literal = call.args.findLast((arg) => arg.kind === "object");
  if (
    literal?.kind === "object" &&
    literal.elements.length > 0 &&
    (!after || call.args.indexOf(literal) > call.args.indexOf(after))
  ) {
    return Object.entries(members).map(([name, value]) => insertMember(file, literal, name, value));
  }
  const end = call.args.at(-1)?.end ?? call.end;
  return [{ file, start: end, end, text: `, ${renderInline(members, indentAt(file.text, call.start))}` }];
};

/** Whether the expression gives each instance something of its own. */
const isOwn = (expression: Expression, { scope }: PutContext): boolean =>
  [...expressionsIn(expression)].some((part) => {
    if (part.kind !== "traversal") return false;
    const [step] = part.steps;
    const isKey = step !== undefined && "attribute" in step && step.attribute === "key";
    // In a module, what the caller gives is the caller's own.
    if (part.root === "var") return scope.module.caller !== null;
    return !isKey && (part.root === "each" || scope.names.has(part.root));
  });

/** `concat(a, b, ...)`: what left is taken from where it was, what is new goes to the last written list. */
export const putConcat = (call: Call, path: Path, want: Want, context: PutContext): readonly Edit[] => {
  const lists = call.args.map((arg) => {
    const value = evaluate(arg, context.scope);
    return isList(value) && isKnown(value)
      ? (value as Json[])
      : refuse("a list in concat() is not known before a plan");
  });
  if (path.length > 0) return putConcatItem(call, lists, path, want, context);
  if (want === DELETE || !Array.isArray(want)) return refuse("a list became something else");
  const kept = inPlace(call, lists, want) ?? apart(call, lists, want);
  return call.args.flatMap((arg, index) => context.put(arg, [], [...(kept[index] ?? [])], context));
};

/** All that changed lies in one of the lists: it gets what the others leave of the wanted one. */
const inPlace = (
  { args }: Call,
  lists: readonly Json[][],
  want: readonly Json[],
): readonly (readonly Json[])[] | undefined => {
  const places = args.map((_, index) => index).reverse();
  for (const at of [...places.filter((index) => args[index]?.kind === "tuple"), ...places]) {
    const [head, tail] = [lists.slice(0, at).flat(), lists.slice(at + 1).flat()];
    const end = want.length - tail.length;
    if (end < head.length) continue;
    if (isSame(want.slice(0, head.length), head) && isSame(want.slice(end), tail))
      return lists.map((list, index) => (index === at ? want.slice(head.length, end) : list));
  }
  return undefined;
};

/** What is new takes the place of what left, the rest comes last in the last written list. */
const apart = (call: Call, lists: readonly Json[][], want: readonly Json[]): readonly (readonly Json[])[] => {
  const left = [...want];
  const isKept = (item: Json): boolean => {
    const at = left.findIndex((one) => isSame(one, item));
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  };
  const stays = lists.map((list) => list.map(isKept));
  const swaps = lists.flat().length === want.length;
  const kept = lists.map((list, index) =>
    list.flatMap((item, at): Json[] => {
      if (stays[index]?.[at]) return [item];
      return swaps ? left.splice(0, 1) : [];
    }),
  );
  const target = call.args.findLastIndex((arg) => arg.kind === "tuple");
  if (left.length > 0 && target === -1) return refuse("concat() has no written list to add to");
  kept[target]?.push(...left);
  return kept;
};

const putConcatItem = (
  call: Call,
  lists: readonly Json[][],
  [first, ...rest]: Path,
  want: Want,
  context: PutContext,
): readonly Edit[] => {
  let position = Number(first);
  for (const [index, list] of lists.entries()) {
    const arg = call.args[index];
    if (arg && position < list.length) return context.put(arg, [position, ...rest], want, context);
    position -= list.length;
  }
  return refuse(`concat() has no element ${first}`);
};
