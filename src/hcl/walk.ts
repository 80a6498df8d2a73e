import type { Body, Expression, Step } from "./syntax.ts";

/** Every expression of a body or in an expression, itself included, outer ones first. */
export function* expressionsIn(from: Body | Expression): Generator<Expression> {
  if ("attributes" in from) {
    for (const { value } of from.attributes) yield* expressionsIn(value);
    for (const { body } of from.blocks) yield* expressionsIn(body);
    return;
  }
  yield from;
  for (const child of childrenOf(from)) yield* expressionsIn(child);
}

/** The key of an object's element where it is written out: a bare name or a literal. */
export const literalKey = (key: Expression): string | undefined => {
  if (key.kind === "literal") return String(key.value);
  if (key.kind === "template") return literalText(key);
  return key.kind === "traversal" && key.steps.length === 0 ? key.root : undefined;
};

/** The text of an expression that is one, `undefined` where anything has to be computed. */
export const literalText = (expression: Expression): string | undefined => {
  if (expression.kind === "literal")
    return typeof expression.value === "string" ? expression.value : undefined;
  if (expression.kind !== "template" || expression.heredoc) return undefined;
  const texts = expression.parts.map((part) => ("text" in part ? part.text : undefined));
  return texts.includes(undefined) ? undefined : texts.join("");
};

const childrenOf = (expression: Expression): readonly Expression[] => {
  switch (expression.kind) {
    case "literal":
      return [];
    case "template":
      return expression.parts.flatMap((part) => ("expression" in part ? [part.expression] : []));
    case "object":
      return expression.elements.flatMap(({ key, value }) =>
        literalKey(key) === undefined ? [key, value] : [value],
      );
    case "tuple":
      return expression.elements;
    case "traversal":
      return indexesOf(expression.steps);
    case "access":
      return [expression.base, ...indexesOf(expression.steps)];
    case "call":
      return expression.args;
    case "conditional":
      return [expression.condition, expression.yes, expression.no];
    case "for":
      return [expression.collection, expression.key, expression.value, expression.condition].filter(
        (part) => part !== null,
      );
    case "parentheses":
      return [expression.inner];
    case "unary":
      return [expression.operand];
    case "binary":
      return [expression.left, expression.right];
    case "other":
      return expression.inner;
  }
};

const indexesOf = (steps: readonly Step[]): Expression[] =>
  steps.flatMap((step) => ("index" in step ? [step.index] : []));
