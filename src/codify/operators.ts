import type { Expression, ExpressionOf } from "../hcl/syntax.ts";
import { isKnown, isSame, UNKNOWN, type Value } from "./value.ts";

/** Arithmetic, comparison and logic on what is known. */
export const calculated = (
  expression: ExpressionOf<"unary"> | ExpressionOf<"binary">,
  inner: (part: Expression) => Value,
): Value => {
  if (expression.kind === "unary") return negated(expression.operator, inner(expression.operand));
  const left: Value = inner(expression.left);
  const right: Value = inner(expression.right);
  if (!isKnown(left) || !isKnown(right)) return UNKNOWN;
  if (expression.operator === "==") return isSame(left, right);
  if (expression.operator === "!=") return !isSame(left, right);
  if (typeof left === "boolean" && typeof right === "boolean") {
    if (expression.operator === "&&") return left && right;
    return expression.operator === "||" ? left || right : UNKNOWN;
  }
  return typeof left === "number" && typeof right === "number"
    ? (NUMBERS[expression.operator]?.(left, right) ?? UNKNOWN)
    : UNKNOWN;
};

const negated = (operator: string, value: Value): Value => {
  if (operator === "-" && typeof value === "number") return -value;
  return operator === "!" && typeof value === "boolean" ? !value : UNKNOWN;
};

const NUMBERS: Readonly<Record<string, (left: number, right: number) => Value>> = {
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  "/": (left, right) => left / right,
  "%": (left, right) => left % right,
  "<": (left, right) => left < right,
  ">": (left, right) => left > right,
  "<=": (left, right) => left <= right,
  ">=": (left, right) => left >= right,
};
