import type { Expression } from "../hcl/syntax.ts";
import { literalKey } from "../hcl/walk.ts";
import type { PlacedBlock, Scope } from "./configuration.ts";
import { attributeOf } from "./configuration.ts";
import { isList, isObject, scalarText, UNKNOWN, type Value } from "./value.ts";

type Evaluate = (expression: Expression, scope: Scope) => Value;

/** The value as the variable's type makes it: texts and numbers turned into each other, optional members filled in. */
export const asDeclared = (
  value: Value,
  declared: PlacedBlock | undefined,
  scopeOf: (file: PlacedBlock["file"]) => Scope,
  evaluate: Evaluate,
): Value => {
  const type = declared && attributeOf(declared, "type");
  return type ? typed(value, type.attribute.value, (part) => evaluate(part, scopeOf(type.file))) : value;
};

const typed = (value: Value, type: Expression, constant: (part: Expression) => Value): Value => {
  if (value === null || value === UNKNOWN) return value;
  if (type.kind === "traversal" && type.steps.length === 0) return primitive(value, type.root);
  if (type.kind !== "call") return value;
  const [inner] = type.args;
  if (!inner) return value;
  if (["list", "set"].includes(type.name))
    return isList(value) ? value.map((item) => typed(item, inner, constant)) : value;
  if (!isObject(value)) return value;
  if (type.name === "map")
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, typed(item, inner, constant)]),
    );
  return type.name === "object" && inner.kind === "object" ? members(value, inner, constant) : value;
};

const primitive = (value: Value, name: string): Value => {
  const text = scalarText(value);
  if (text === undefined) return value;
  if (name === "string") return text;
  if (name === "number" && typeof value === "string")
    return text.trim() !== "" && Number.isSafeInteger(Number(text)) ? Number(text) : value;
  if (name === "bool" && typeof value === "string")
    return text === "true" || (text === "false" ? false : value);
  return value;
};

const members = (
  value: { readonly [key: string]: Value },
  { elements }: Extract<Expression, { readonly kind: "object" }>,
  constant: (part: Expression) => Value,
): Value =>
  Object.fromEntries(
    elements.map(({ key, value: type }) => {
      const name = literalKey(key) ?? "";
      const isOptional = type.kind === "call" && type.name === "optional";
      const [inner, fallback] = isOptional ? type.args : [type];
      const given = value[name] ?? null;
      const filled = given === null && fallback ? constant(fallback) : given;
      return [name, inner ? typed(filled, inner, constant) : filled];
    }),
  );
