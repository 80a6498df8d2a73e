import type { Expression, ExpressionOf } from "../hcl/syntax.ts";
import { literalKey } from "../hcl/walk.ts";
import type { Json } from "../model/json.ts";
import { type Scope, withNames } from "./configuration.ts";
import { evaluate } from "./evaluate.ts";
import { dedentedPieces } from "./raw-text.ts";
import { isKnown, isObject, meansSame, scalarText, type Value } from "./value.ts";

/** What the loop's name must be so that the expression is `want`; undefined where that is not one clear value. */
export const solve = (expression: Expression, want: Json, name: string, scope: Scope): Json | undefined => {
  const found = solved(expression, want, name, scope);
  if (found === undefined) return undefined;
  const inside = withNames(scope, { [name]: { kind: "value", value: found } });
  return meansSame(evaluate(expression, inside), want) ? found : undefined;
};

const solved = (expression: Expression, want: Json, name: string, scope: Scope): Json | undefined => {
  switch (expression.kind) {
    case "parentheses":
      return solved(expression.inner, want, name, scope);
    case "traversal":
      return expression.root === name ? atSteps(expression, want) : undefined;
    case "template":
      return solvedTemplate(expression, want, name, scope);
    case "object":
      return solvedObject(expression, want, name, scope);
    case "call": {
      const [first, second] = expression.args;
      if (["tostring", "tonumber", "lower", "upper", "trimspace"].includes(expression.name))
        return first && solved(first, want, name, scope);
      const key = second && evaluate(second, scope);
      if (expression.name !== "lookup" || !first || typeof key !== "string") return undefined;
      return solved(first, { [key]: want }, name, scope);
    }
    default:
      return undefined;
  }
};

const atSteps = ({ steps }: ExpressionOf<"traversal">, want: Json): Json | undefined =>
  steps.reduceRight<Json | undefined>(
    (inner, step) => (inner !== undefined && "attribute" in step ? { [step.attribute]: inner } : undefined),
    want,
  );

const solvedTemplate = (
  template: ExpressionOf<"template">,
  want: Json,
  name: string,
  scope: Scope,
): Json | undefined => {
  const text = scalarText(want);
  const parts = dedentedPieces(scope.file, template).map((piece) =>
    piece.kind === "text" ? piece.text : (scalarText(evaluate(piece.expression, scope)) ?? piece.expression),
  );
  const holes = parts.filter((part) => typeof part !== "string");
  const [hole] = holes;
  if (text === undefined || holes.length !== 1 || !hole) return undefined;
  const at = parts.indexOf(hole);
  const inner = between(text, parts.slice(0, at).join(""), parts.slice(at + 1).join(""));
  return inner === undefined ? undefined : solved(hole, inner, name, scope);
};

const between = (text: string, head: string, tail: string): string | undefined =>
  text.length >= head.length + tail.length && text.startsWith(head) && text.endsWith(tail)
    ? text.slice(head.length, text.length - tail.length)
    : undefined;

/** Members that speak of the name, put together into one value. */
const solvedObject = (
  { elements }: ExpressionOf<"object">,
  want: Json,
  name: string,
  scope: Scope,
): Json | undefined => {
  if (!isObject(want)) return undefined;
  let whole: Json | undefined;
  for (const { key, value } of elements) {
    const member = want[literalKey(key) ?? scalarText(evaluate(key, scope)) ?? ""] as Json | undefined;
    if (member === undefined) return undefined;
    if (meansSame(evaluate(value, scope), member)) continue;
    const part = solved(value, member, name, scope);
    if (part === undefined) return undefined;
    whole = joinedParts(whole, part);
  }
  return whole;
};

/** Two partial objects as one; of anything else the first counts. */
export const joinedParts = (one: Json | undefined, other: Json): Json =>
  one !== undefined && isObject(one) && isObject(other) ? ({ ...one, ...other } as Json) : (one ?? other);

/** The value of the one open argument of a format with plain verbs. */
export const solveFormat = (
  format: string,
  values: readonly Value[],
  open: number,
  want: string,
): string | undefined => {
  if (/%(?![%sdv])/.test(format)) return undefined;
  const pieces = format.split(/%[sdv]/);
  if (pieces.length !== values.length + 1 || format.includes("%%")) return undefined;
  const texts = values.map((value, index) => (index === open ? "" : scalarText(value)));
  if (texts.includes(undefined) || !values.every((value, index) => index === open || isKnown(value)))
    return undefined;
  const head = pieces
    .slice(0, open + 1)
    .map((piece, index) => piece + (index < open ? texts[index] : ""))
    .join("");
  const tail = pieces
    .slice(open + 1)
    .map((piece, index) => piece + (texts[open + 1 + index] ?? ""))
    .join("");
  return between(want, head, tail);
};
