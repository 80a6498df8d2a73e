import type { Edit } from "../hcl/edit.ts";
import type { Expression } from "../hcl/syntax.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import { type Dynamic, openDynamic } from "./block-source.ts";
import { attributeOf, type PlacedBlock, type Scope } from "./configuration.ts";
import { evaluate } from "./evaluate.ts";
import { putBack } from "./put-back.ts";
import { refuse } from "./refusal.ts";
import type { BlockSchema } from "./schema.ts";
import { isEmpty, isKnown, isList, isObject, meansSame, scalarText, UNKNOWN, type Value } from "./value.ts";

/** A dynamic block that makes no block now. */
export const emptyDynamic = (parent: PlacedBlock, name: string, scope: Scope): Dynamic | null => {
  const block = parent.block.body.blocks.find(({ type, labels }) => type === "dynamic" && labels[0] === name);
  return block ? openDynamic({ file: parent.file, block, overrides: [] }, name, scope) : null;
};

/** One more element of what a dynamic block goes through, such that its content gives this block. */
export const addedToDynamic = (
  dynamic: Dynamic,
  name: string,
  schema: BlockSchema,
  value: Json,
): readonly Edit[] => {
  const element = elementFor(dynamic, name, schema, value);
  const current = evaluate(dynamic.collection, dynamic.scope);
  const item = element.whole ?? element.members;
  if (isList(current) && isKnown(current))
    return putBack(dynamic.collection, [], [...(current as Json[]), item], dynamic.scope);
  if (!isObject(current)) return refuse(`what dynamic "${name}" goes through is not known before a plan`);
  const key = element.key ?? freeKey(name, current, value);
  return putBack(dynamic.collection, [key], item, dynamic.scope);
};

interface Element {
  readonly members: { [name: string]: Json };
  whole?: Json;
  key?: string;
}

const elementFor = (dynamic: Dynamic, name: string, schema: BlockSchema, value: Json): Element => {
  const element: Element = { members: {} };
  for (const attribute of Object.keys(schema.attributes ?? {})) {
    const wanted = isJsonObject(value) ? (value[attribute] ?? null) : null;
    const written = attributeOf(dynamic.content, attribute);
    if (written) give(element, dynamic, written.attribute.value, attribute, wanted);
    else if (!isEmpty(wanted) && wanted !== false && wanted !== 0)
      refuse(`dynamic "${name}" has no place for ${attribute}`);
  }
  return element;
};

/** Finds out which part of the element gives an attribute, and puts the wanted value there. */
const give = (
  element: Element,
  dynamic: Dynamic,
  expression: Expression,
  attribute: string,
  wanted: Json,
): void => {
  const { path, fallback, wrapped } = partOf(dynamic, expression);
  const value = wrapped && Array.isArray(wanted) && wanted.length === 1 ? (wanted[0] as Json) : wanted;
  if (path === null) {
    const constant = evaluate(expression, dynamic.scope);
    if (!isKnown(constant) || !meansSame(constant, wanted))
      refuse(`one more element of dynamic cannot give ${attribute}`);
    return;
  }
  const [first, second, ...more] = path;
  if (first === "key" && second === undefined)
    element.key = scalarText(wanted) ?? refuse(`no key can give ${attribute}`);
  else if (first !== "value" || more.length > 0)
    refuse(`one more element of dynamic cannot give ${attribute}`);
  else if (second === undefined) element.whole = value;
  else if (fallback === undefined || !meansSame(fallback, wanted)) {
    const before = element.members[second];
    if (before !== undefined && !meansSame(before, value))
      refuse(`one element of dynamic feeds ${attribute} and another attribute with different values`);
    element.members[second] = value;
  }
};

interface PartOfElement {
  /** `["value", "port"]`; null where the element has no part in it. */
  readonly path: readonly string[] | null;
  /** What counts where the element has no such part. */
  readonly fallback?: Value;
  /** Stands alone in a list. */
  readonly wrapped?: boolean;
}

const partOf = (dynamic: Dynamic, expression: Expression): PartOfElement => {
  if (expression.kind === "tuple" && expression.elements.length === 1) {
    const inner = partOf(dynamic, expression.elements[0] as Expression);
    return inner.path ? { ...inner, wrapped: true } : { path: null };
  }
  if (expression.kind === "call" && (expression.name === "lookup" || expression.name === "try")) {
    const last = expression.args.at(-1);
    const inner = partOf(dynamic, expression.args[0] as Expression);
    const key =
      expression.name === "lookup" && expression.args[1]
        ? scalarText(evaluate(expression.args[1], dynamic.scope))
        : undefined;
    const path = inner.path && key !== undefined ? [...inner.path, key] : inner.path;
    return {
      path,
      ...(last && expression.args.length > 1 ? { fallback: evaluate(last, dynamic.scope) } : {}),
    };
  }
  if (expression.kind !== "traversal" || expression.root !== dynamic.iterator) return { path: null };
  const path = expression.steps.map((step) => {
    if ("attribute" in step) return step.attribute;
    return "index" in step ? scalarText(evaluate(step.index, dynamic.scope)) : undefined;
  });
  return path.includes(undefined) ? { path: null, fallback: UNKNOWN } : { path: path as string[] };
};

const freeKey = (name: string, current: { readonly [key: string]: Value }, value: Json): string => {
  const member = (key: string): string | undefined => scalarText(isJsonObject(value) ? value[key] : null);
  const parts = [member("protocol"), member("from_port")].filter(Boolean).join("_");
  const wishes = [member("description"), member("name"), parts, `${name}_${Object.keys(current).length + 1}`];
  return (
    wishes.find((key) => key !== undefined && key !== "" && !(key in current)) ??
    refuse("no key is free for one more element")
  );
};
