import type { Expression, SourceFile, Span } from "../hcl/syntax.ts";
import { expressionsIn, literalKey, literalText } from "../hcl/walk.ts";

/** What was written, blanks evened out: the same text does the same. */
export const written = ({ text }: Pick<SourceFile, "text">, { start, end }: Span): string =>
  text.slice(start, end).replaceAll(/[ \t]+/g, " ");

/** Every text in an expression that is written out, pieces of templates included. */
export const textsIn = (expression: Expression): readonly string[] =>
  [...expressionsIn(expression)].flatMap((one) => {
    if (one.kind === "literal") return typeof one.value === "string" ? [one.value] : [];
    if (one.kind === "template") return one.parts.flatMap((part) => ("text" in part ? [part.text] : []));
    return [];
  });

/** Whether values from elsewhere (variables, locals, other resources) decide: folders of the module itself do not. */
export const isOpen = (expression: Expression): boolean =>
  [...expressionsIn(expression)].some(
    (one) => one.kind === "other" || one.kind === "call" || (one.kind === "traversal" && one.root !== "path"),
  );

/** Value of a text that is written out, also within parentheses. */
export const plainText = (expression: Expression | undefined): string | undefined => {
  if (!expression) return undefined;
  return expression.kind === "parentheses" ? plainText(expression.inner) : literalText(expression);
};

/** Members of an object that is written out. */
export const membersOf = (
  expression: Expression | undefined,
): readonly (readonly [name: string, value: Expression])[] =>
  expression?.kind === "object"
    ? expression.elements.flatMap(({ key, value }) => {
        const name = literalKey(key);
        return name === undefined ? [] : [[name, value] as const];
      })
    : [];
