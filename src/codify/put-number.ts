import type { Edit } from "../hcl/edit.ts";
import type { Expression, ExpressionOf } from "../hcl/syntax.ts";
import { expressionsIn } from "../hcl/walk.ts";
import type { Json } from "../model/json.ts";
import { evaluate } from "./evaluate.ts";
import type { PutContext } from "./put.ts";
import { shortText } from "./raw-text.ts";
import { attempt, refuse } from "./refusal.ts";
import { replaced } from "./replaced.ts";
import { scalarText } from "./value.ts";

/** A sum, a product, a sign: the operand that is not fixed by the other one, references first. */
export const putNumber = (
  expression: ExpressionOf<"unary"> | ExpressionOf<"binary">,
  want: Json,
  context: PutContext,
): readonly Edit[] => {
  if (expression.kind === "unary") return putUnary(expression, want, context);
  const { operator, left, right } = expression;
  const shown = shortText(context.scope.file, expression);
  const number = Number(scalarText(want) ?? Number.NaN);
  const [one, other] = [left, right].map((part) => evaluate(part, context.scope));
  if (typeof one !== "number" || typeof other !== "number" || !Number.isFinite(number))
    return refuse(`the expression ${shown} cannot be turned round`);
  if (!refersTo(left) && !refersTo(right)) return refuse(`${shown} is a sum of constants`);
  const operands = [
    { part: left, solved: solveLeft(operator, number, other) },
    { part: right, solved: solveRight(operator, number, one) },
  ].toSorted((first, second) => Number(refersTo(second.part)) - Number(refersTo(first.part)));
  for (const { part, solved } of operands) {
    if (solved === undefined || !Number.isFinite(solved) || !isWhole(solved, number)) continue;
    const tried = attempt(() => context.put(part, [], solved, context));
    if ("value" in tried) return tried.value;
  }
  return refuse(`no operand of ${shown} gives the live value`);
};

const refersTo = (expression: Expression): boolean =>
  [...expressionsIn(expression)].some(({ kind }) => kind === "traversal");

/** No third of a gigabyte where whole ones are wanted. */
const isWhole = (solved: number, want: number): boolean =>
  !Number.isInteger(want) || Number.isInteger(solved);

const solveLeft = (operator: string, want: number, right: number): number | undefined =>
  ({ "+": want - right, "-": want + right, "*": want / right, "/": want * right })[operator];

const solveRight = (operator: string, want: number, left: number): number | undefined =>
  ({ "+": want - left, "-": left - want, "*": want / left, "/": left / want })[operator];

const putUnary = (
  { operator, operand, ...span }: ExpressionOf<"unary">,
  want: Json,
  context: PutContext,
): readonly Edit[] => {
  if (operator === "!" && typeof want === "boolean") return context.put(operand, [], !want, context);
  if (operator !== "-" || typeof want !== "number") return refuse("a sign or negation of something else");
  // A literal with its sign is one number to its author.
  return operand.kind === "literal"
    ? [replaced(context.scope.file, span, String(want))]
    : context.put(operand, [], -want, context);
};
