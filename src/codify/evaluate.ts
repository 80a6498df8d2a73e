import type { Expression, ExpressionOf, Step } from "../hcl/syntax.ts";
import { literalKey } from "../hcl/walk.ts";
import { isExactNumber } from "../model/json.ts";
import {
  attributeOf,
  type Binding,
  findBlock,
  findLocal,
  type Module,
  moduleAt,
  plainScope,
  type Scope,
  withNames,
} from "./configuration.ts";
import { asDeclared } from "./declared-type.ts";
import { callFunction } from "./functions.ts";
import { calculated } from "./operators.ts";
import { dedentedPieces, literalValue } from "./raw-text.ts";
import { filePathOf, plainFile, templateFile } from "./read-file.ts";
import { attempt } from "./refusal.ts";
import { isKnown, isList, isObject, scalarText, UNKNOWN, type Value } from "./value.ts";

const DEEPEST = 80;

/** What an expression is in its scope, as far as the code alone tells it. Never throws. */
export const evaluate = (expression: Expression, scope: Scope, depth = 0): Value => {
  if (depth > DEEPEST) return UNKNOWN;
  const inner = (part: Expression): Value => evaluate(part, scope, depth + 1);
  switch (expression.kind) {
    case "literal":
      return literalValue(scope.file, expression);
    case "parentheses":
      return inner(expression.inner);
    case "template":
      return templateValue(expression, scope, inner);
    case "object":
      return objectValue(expression, inner);
    case "tuple":
      return expression.elements.map(inner);
    case "access":
      return walk(inner(expression.base), expression.steps, scope, depth);
    case "conditional": {
      const condition = inner(expression.condition);
      if (typeof condition !== "boolean") return UNKNOWN;
      return inner(condition ? expression.yes : expression.no);
    }
    case "unary":
    case "binary":
      return calculated(expression, inner);
    case "call":
      return filePathOf(expression, scope, evaluate) === undefined
        ? callValue(expression, inner)
        : fileValue(expression, scope, depth);
    case "for":
      return forValue(expression, scope, depth);
    case "traversal":
      return traversalValue(expression, scope, depth);
    case "other":
      return UNKNOWN;
  }
};

type Inner = (part: Expression) => Value;

const templateValue = (template: ExpressionOf<"template">, scope: Scope, inner: Inner): Value => {
  const pieces = dedentedPieces(scope.file, template);
  const [only] = pieces;
  // "${x}" alone is x itself, whatever its type.
  if (pieces.length === 1 && only?.kind === "interpolation" && !template.heredoc)
    return inner(only.expression);
  let text = "";
  for (const piece of pieces) {
    const part = piece.kind === "text" ? piece.text : scalarText(inner(piece.expression));
    if (part === undefined) return UNKNOWN;
    text += part;
  }
  return text;
};

const objectValue = ({ elements }: ExpressionOf<"object">, inner: Inner): Value => {
  const members: Record<string, Value> = {};
  for (const { key, value } of elements) {
    const name = literalKey(key) ?? scalarText(inner(key));
    if (name === undefined) return UNKNOWN;
    members[name] = inner(value);
  }
  return members;
};

const callValue = ({ name, args, expands }: ExpressionOf<"call">, inner: Inner): Value => {
  if (name === "try") return firstThat(args, inner, isKnown);
  if (name === "coalesce") return coalesced(args, inner);
  const values = args.map(inner);
  const last = values.at(-1);
  if (!expands) return callFunction(name, values);
  return isList(last) ? callFunction(name, [...values.slice(0, -1), ...last]) : UNKNOWN;
};

const fileValue = (call: ExpressionOf<"call">, scope: Scope, depth: number): Value => {
  const path = filePathOf(call, scope, evaluate) ?? "";
  if (call.name.endsWith("templatefile")) {
    const found = templateFile(call, path, scope);
    const text = found ? evaluate(found.template, found.scope, depth + 1) : UNKNOWN;
    return typeof text === "string" && found?.closed ? text.slice(0, -1) : text;
  }
  return plainFile(scope.module, path)?.text ?? UNKNOWN;
};

const firstThat = (args: readonly Expression[], inner: Inner, fits: (value: Value) => boolean): Value => {
  for (const arg of args) {
    const value = inner(arg);
    if (fits(value)) return value;
  }
  return UNKNOWN;
};

const coalesced = (args: readonly Expression[], inner: Inner): Value => {
  for (const arg of args) {
    const value = inner(arg);
    if (value !== null && value !== "") return value;
  }
  return UNKNOWN;
};

const forValue = (expression: ExpressionOf<"for">, scope: Scope, depth: number): Value => {
  const entries = entriesOf(evaluate(expression.collection, scope, depth + 1));
  if (!entries || expression.groups) return UNKNOWN;
  const members: Record<string, Value> = {};
  const items: Value[] = [];
  for (const [key, value] of entries) {
    const inside = withNames(
      scope,
      loopNames(expression, { kind: "value", value: key }, { kind: "value", value }),
    );
    if (expression.condition) {
      const holds = evaluate(expression.condition, inside, depth + 1);
      if (typeof holds !== "boolean") return UNKNOWN;
      if (!holds) continue;
    }
    const made = evaluate(expression.value, inside, depth + 1);
    if (!expression.key) items.push(made);
    else {
      const name = scalarText(evaluate(expression.key, inside, depth + 1));
      if (name === undefined) return UNKNOWN;
      members[name] = made;
    }
  }
  return expression.key ? members : items;
};

/** Keys and values in the engine's order; undefined for what cannot be gone through. */
export const entriesOf = (collection: Value): readonly (readonly [string | number, Value])[] | undefined => {
  if (isList(collection)) return collection.map((value, index) => [index, value]);
  if (!isObject(collection)) return undefined;
  return Object.keys(collection)
    .sort()
    .map((key) => [key, collection[key] ?? null]);
};

export const loopNames = (
  { keyName, valueName }: ExpressionOf<"for">,
  key: Binding,
  value: Binding,
): Readonly<Record<string, Binding>> => ({
  ...(keyName === null ? {} : { [keyName]: key }),
  [valueName]: value,
});

const traversalValue = ({ root, steps }: ExpressionOf<"traversal">, scope: Scope, depth: number): Value => {
  const [first, ...rest] = steps;
  const name = first && "attribute" in first ? first.attribute : undefined;
  const bound = scope.names.get(root);
  if (bound) return boundValue(bound, steps, scope, depth);
  if (name === undefined) return UNKNOWN;
  if (root === "module") {
    const output = outputAt(steps, scope);
    return output
      ? walk(evaluate(output.expression, output.scope, depth + 1), output.rest, scope, depth)
      : UNKNOWN;
  }
  const found = rootValue(root, name, scope, depth);
  return walk(found, rest, scope, depth);
};

/** Where the output is written that `module.name["key"].output` means. */
export const outputAt = (
  steps: readonly Step[],
  scope: Scope,
): { readonly expression: Expression; readonly scope: Scope; readonly rest: readonly Step[] } | undefined => {
  const [called, ...after] = steps;
  if (!called || !("attribute" in called)) return undefined;
  const index = after[0] && "index" in after[0] ? evaluate(after[0].index, scope) : undefined;
  const [named, ...rest] = index === undefined ? after : after.slice(1);
  if (!named || !("attribute" in named)) return undefined;
  const key = typeof index === "string" || typeof index === "number" ? { key: index } : {};
  const child = attempt(() => moduleAt(scope.module, [{ name: called.attribute, ...key }]));
  const output = "value" in child ? findBlock(child.value, "output", named.attribute) : undefined;
  const value = output && attributeOf(output, "value");
  if (!value || !("value" in child)) return undefined;
  return { expression: value.attribute.value, scope: plainScope(child.value, value.file), rest };
};

const boundValue = (bound: Binding, steps: readonly Step[], scope: Scope, depth: number): Value => {
  if (bound.kind !== "iterator") return walk(bindingValue(bound, depth), steps, scope, depth);
  const [first, ...rest] = steps;
  const part = first && "attribute" in first ? first.attribute : "";
  if (part === "key") return bound.place.path.at(-1) ?? UNKNOWN;
  return part === "value" ? walk(bindingValue(bound.place, depth), rest, scope, depth) : UNKNOWN;
};

export const bindingValue = (bound: Exclude<Binding, { kind: "iterator" }>, depth = 0): Value =>
  bound.kind === "value"
    ? bound.value
    : bound.path.reduce<Value>(memberAt, evaluate(bound.expression, bound.scope, depth + 1));

const rootValue = (root: string, name: string, scope: Scope, depth: number): Value => {
  const { instance, module } = scope;
  if (root === "each" && instance?.kind === "each") {
    if (name === "key") return instance.key;
    const collection = bindingValue(instance.collection, depth);
    // A set's value is its key.
    if (name === "value") return isList(collection) ? instance.key : memberAt(collection, instance.key);
  }
  if (root === "count" && name === "index" && instance?.kind === "count") return instance.key;
  if (root === "var") return variableValue(name, scope, depth);
  if (root !== "local") return UNKNOWN;
  const local = findLocal(module, name);
  return local ? evaluate(local.attribute.value, plainScope(module, local.file), depth + 1) : UNKNOWN;
};

/** The value of a variable of the scope's module, as its caller or the plan gives it. */
export const variableValue = (name: string, { module }: Pick<Scope, "module">, depth = 0): Value =>
  asDeclared(
    givenValue(name, module, depth),
    findBlock(module, "variable", name),
    (file) => plainScope(module, file),
    evaluate,
  );

const givenValue = (name: string, module: Module, depth: number): Value => {
  if (!module.caller) {
    const { variables } = module.root.facts;
    return Object.hasOwn(variables, name) ? (variables[name] ?? null) : UNKNOWN;
  }
  const argument = attributeOf(module.caller.call, name);
  const given =
    argument &&
    evaluate(argument.attribute.value, { ...module.caller.scope, file: argument.file }, depth + 1);
  if (given !== undefined && given !== null) return given;
  const declared = findBlock(module, "variable", name);
  const fallback = declared && attributeOf(declared, "default");
  if (!fallback) return given === null ? null : UNKNOWN;
  return evaluate(fallback.attribute.value, plainScope(module, fallback.file), depth + 1);
};

const walk = (value: Value, steps: readonly Step[], scope: Scope, depth: number): Value => {
  let here = value;
  for (const [index, step] of steps.entries()) {
    if ("splat" in step) {
      if (!isList(here)) return UNKNOWN;
      return here.map((item) => walk(item, steps.slice(index + 1), scope, depth));
    }
    here = memberAt(here, "attribute" in step ? step.attribute : evaluate(step.index, scope, depth + 1));
  }
  return here;
};

const memberAt = (value: Value, key: Value): Value => {
  if (isExactNumber(key) || isExactNumber(value)) return UNKNOWN;
  const name = scalarText(key);
  if (name === undefined) return UNKNOWN;
  if (isList(value)) return value[Number(name)] ?? UNKNOWN;
  if (!isObject(value) || !Object.hasOwn(value, name)) return UNKNOWN;
  return value[name] ?? null;
};
