import type { Expression, ExpressionOf } from "../hcl/syntax.ts";
import { expressionsIn } from "../hcl/walk.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import { blocksNamed, type Dynamic, openDynamic } from "./block-source.ts";
import { attributeOf, type PlacedBlock } from "./configuration.ts";
import { evaluate } from "./evaluate.ts";
import { refuse } from "./refusal.ts";
import { type BlockSchema, elementsOf } from "./schema.ts";
import { isEmpty, isKnown, meansSame, scalarText, UNKNOWN, type Value } from "./value.ts";

/** What one element of a dynamic block's collection must hold. */
export interface Element {
  readonly members: { [name: string]: Json };
  whole?: Json;
  key?: string;
}

/** A dynamic block around, with the element that is being made for it. */
interface Level {
  readonly dynamic: Dynamic;
  readonly element: Element;
}

/** The element from which a dynamic block's content makes this block, blocks inside included. @throws Refusal. */
export const elementFor = (dynamic: Dynamic, schema: BlockSchema, value: Json): Element => {
  const element: Element = { members: {} };
  gather([{ dynamic, element }], dynamic.content, schema, value);
  return element;
};

/** `levels`: innermost first. */
const gather = (levels: readonly Level[], content: PlacedBlock, schema: BlockSchema, value: Json): void => {
  const memberOf = (name: string): Json => (isJsonObject(value) ? (value[name] ?? null) : null);
  const templates: (() => void)[] = [];
  for (const name of inOrderOf(content, Object.keys(schema.attributes ?? {}))) {
    const wanted = memberOf(name);
    const written = bare(attributeOf(content, name)?.attribute.value);
    if (written?.kind === "template") templates.push(() => give(levels, written, name, wanted));
    else if (written) give(levels, written, name, wanted);
    else if (!isEmpty(wanted) && wanted !== false && wanted !== 0)
      refuse(`the dynamic block has no place for ${name}`);
  }
  for (const [name, { block }] of Object.entries(schema.block_types ?? {}))
    gatherBlocks(levels, content, { name, schema: block }, elementsOf(memberOf(name)) as Json[]);
  // A part of a text tells less than the value itself.
  for (const one of templates) one();
};

/** `"${x}"` is x. */
const bare = (written: Expression | undefined): Expression | undefined => {
  const [only, ...more] = written?.kind === "template" && !written.heredoc ? written.parts : [];
  return only && "expression" in only && more.length === 0 ? only.expression : written;
};

const inOrderOf = ({ block }: PlacedBlock, names: readonly string[]): readonly string[] => {
  const written = block.body.attributes.map(({ name }) => name);
  return [
    ...written.filter((name) => names.includes(name)),
    ...names.filter((name) => !written.includes(name)),
  ];
};

const gatherBlocks = (
  levels: readonly Level[],
  content: PlacedBlock,
  { name, schema }: { readonly name: string; readonly schema: BlockSchema },
  wanted: readonly Json[],
): void => {
  const blocks = blocksNamed(content, name);
  const [only] = blocks;
  if (only?.type === "dynamic" && blocks.length === 1) {
    gatherDynamic(levels, { ...content, block: only }, { name, schema }, wanted);
  } else if (blocks.some(({ type }) => type === "dynamic") || blocks.length !== wanted.length) {
    refuse(`the dynamic block has no place for these ${name} blocks`);
  } else
    for (const [index, block] of blocks.entries())
      gather(levels, { ...content, block }, schema, wanted[index] ?? null);
};

const gatherDynamic = (
  levels: readonly Level[],
  placed: PlacedBlock,
  { name, schema }: { readonly name: string; readonly schema: BlockSchema },
  wanted: readonly Json[],
): void => {
  const outer = levels[0]?.dynamic.scope;
  if (!outer) return;
  const dynamic = openDynamic(placed, name, outer);
  const made = wanted.map((value) => {
    const element: Element = { members: {} };
    gather([{ dynamic, element }, ...levels], dynamic.content, schema, value);
    return element;
  });
  const items = made.map(({ whole, members }) => whole ?? members);
  const isMap = made.some(({ key }) => key !== undefined);
  const value: Json = isMap
    ? Object.fromEntries(made.map(({ key }, index) => [key ?? String(index), items[index] ?? null]))
    : items;
  give(levels, bare(dynamic.collection) ?? dynamic.collection, name, value);
};

/** Finds out which part of an element gives a value, and puts the wanted one there. */
const give = (levels: readonly Level[], expression: Expression, name: string, wanted: Json): void => {
  for (const { dynamic, element } of levels) {
    const { path, fallback, wrapped } = partOf(dynamic, expression);
    if (path === null) continue;
    const value = wrapped && Array.isArray(wanted) && wanted.length === 1 ? (wanted[0] as Json) : wanted;
    place(element, path, name, {
      value,
      isFallback: fallback !== undefined && meansSame(fallback, wanted),
    });
    return;
  }
  if (expression.kind === "template" && fromText(levels, expression, name, wanted)) return;
  const around = new Set(levels.map(({ dynamic }) => dynamic.iterator));
  // What is computed from the element is left to the proof.
  if ([...expressionsIn(expression)].some((part) => part.kind === "traversal" && around.has(part.root)))
    return;
  const constant = levels[0] && evaluate(expression, levels[0].dynamic.scope);
  if (!isKnown(constant) || !meansSame(constant, wanted))
    refuse(`one more element of dynamic cannot give ${name}`);
};

/** `"d${each.value}"`: the one interpolation from the text around it, where nothing else tells it. */
const fromText = (
  levels: readonly Level[],
  { parts }: ExpressionOf<"template">,
  name: string,
  wanted: Json,
): boolean => {
  const at = parts.findIndex((part) => "expression" in part);
  const inner = parts[at];
  const texts = parts.map((part) => ("text" in part ? part.text : ""));
  const [before, after] = [texts.slice(0, at).join(""), texts.slice(at + 1).join("")];
  if (!inner || !("expression" in inner) || parts.filter((part) => "expression" in part).length !== 1)
    return false;
  if (typeof wanted !== "string" || !wanted.startsWith(before) || !wanted.endsWith(after)) return false;
  for (const { dynamic, element } of levels) {
    const { path } = partOf(dynamic, inner.expression);
    if (path === null) continue;
    const [first, second] = path;
    const known =
      first === "key" ? element.key : second === undefined ? element.whole : element.members[second];
    if (known === undefined)
      place(element, path, name, {
        value: wanted.slice(before.length, wanted.length - after.length),
        isFallback: false,
      });
    return true;
  }
  return false;
};

const place = (
  element: Element,
  path: readonly string[],
  name: string,
  { value, isFallback }: { readonly value: Json; readonly isFallback: boolean },
): void => {
  const [first, second, ...more] = path;
  if (first === "key" && second === undefined)
    element.key = scalarText(value) ?? refuse(`no key can give ${name}`);
  else if (first !== "value" || more.length > 0) refuse(`one more element of dynamic cannot give ${name}`);
  else if (second === undefined) element.whole = value;
  else if (!isFallback) {
    const before = element.members[second];
    if (before !== undefined && !meansSame(before, value))
      refuse(`one element of dynamic feeds ${name} and another attribute with different values`);
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
  if (expression.kind === "call" && /^to(set|list|map|string|number|bool)$/.test(expression.name))
    return expression.args[0] ? partOf(dynamic, expression.args[0]) : { path: null };
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
