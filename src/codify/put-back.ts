import type { Edit } from "../hcl/edit.ts";
import type { Expression, ExpressionOf, SourceFile } from "../hcl/syntax.ts";
import { isExactNumber, type Json } from "../model/json.ts";
import type { Path } from "../model/path.ts";
import type { Module, Scope } from "./configuration.ts";
import { evaluate } from "./evaluate.ts";
import { indentAt } from "./lines.ts";
import { DELETE, type Put, type PutContext, type Reach, type Want } from "./put.ts";
import { putCall } from "./put-call.ts";
import { putFor } from "./put-for.ts";
import { isJsonFile, putJson, refuseBrokenJson } from "./put-json.ts";
import { putNumber } from "./put-number.ts";
import { putObject } from "./put-object.ts";
import { putQuoted } from "./put-quoted.ts";
import { putReference, stepsPath } from "./put-reference.ts";
import { putSplat } from "./put-splat.ts";
import { putTemplate } from "./put-template.ts";
import { putTuple } from "./put-tuple.ts";
import { shortText, textOf } from "./raw-text.ts";
import { refuse } from "./refusal.ts";
import { render, renderInline } from "./render.ts";
import { replaced } from "./replaced.ts";
import { isObject, isSame, meansSame, type ValueObject } from "./value.ts";

/**
 * Evaluation turned round: which text must change so that the expression has `want` at `path` in its scope.
 * No edit where it has that already. @throws Refusal with the reason.
 */
export const putBack = (
  expression: Expression,
  path: Path,
  want: Want,
  scope: Scope,
  reach: Reach = "source",
  before?: Json,
): readonly Edit[] => {
  const edits = put(expression, path, want, { scope, reach, before, seen: [], put });
  for (const { file } of edits) refuseForeign(scope.module, file.path);
  refuseBrokenJson(edits);
  refuseTorn(edits);
  return edits;
};

/** @throws Refusal where something is put beside what is taken away, so that the commas between them are lost. */
const refuseTorn = (edits: readonly Edit[]): void => {
  const taken = edits.filter(({ start, end, text }) => text === "" && start < end);
  const put = edits.filter(({ start, end }) => start === end);
  const isTorn = taken.some((gone) =>
    put.some(({ file, start }) => file === gone.file && gone.start <= start && start <= gone.end),
  );
  if (isTorn) refuse("members came and went on one line");
};

/** @throws Refusal for a file that an installer fetched, or that lies outside of the repository. */
export const refuseForeign = ({ root }: Module, path: string): void => {
  if (path.startsWith("../") || path.startsWith("/")) refuse(`${path} lies outside of this repository`);
  const reason = root.facts.foreign?.get(path);
  if (reason !== undefined) refuse(reason);
  for (const [module, dir] of root.facts.installed) {
    if (path.startsWith(`${dir}/`))
      refuse(`the value is written in module ${module}, which comes from outside of this repository`);
  }
};

/** @throws Refusal for forms that only HCL has. */
export const refuseJson = (file: SourceFile): void => {
  if (isJsonFile(file)) refuse("no such form is written into a file in JSON syntax");
};

const put: Put = (expression, path, want, whole) => {
  const { scope, before } = whole;
  if (before !== undefined && want !== DELETE && meansSame(before, want)) return [];
  // It speaks of this very part: whoever goes on into a part of it says what that is now.
  const context = { ...whole, before: undefined };
  const current = evaluate(expression, scope);
  if (path.length === 0 && want !== DELETE && meansSame(current, want)) return [];
  if (isJsonFile(scope.file) && isWritten(expression)) return putJson(expression, path, want, context);
  switch (expression.kind) {
    case "parentheses":
      return put(expression.inner, path, want, whole);
    case "literal":
      if (path.length > 0 || want === DELETE)
        return refuse(`${path.join(".")} cannot be reached inside a literal`);
      return [replaced(scope.file, expression, literalText(expression, want, scope))];
    case "template":
      return putTemplate(expression, path, want, context);
    case "object":
      return putObject(expression, path, want, whole);
    case "tuple":
      return putTuple(expression, path, want, whole);
    case "conditional":
      return putConditional(expression, path, want, whole);
    case "call":
      return putCall(expression, path, want, whole);
    case "for":
      return putFor(expression, path, want, context);
    case "access": {
      const splat = putSplat(expression, path, want, context);
      if (splat) return splat;
      return put(expression.base, [...stepsPath(expression.steps, scope), ...path], want, context);
    }
    case "traversal": {
      const splat = context.reach === "source" ? putSplat(expression, path, want, context) : undefined;
      if (splat) return splat;
      return context.reach === "here"
        ? putHere(expression, path, want, context)
        : putReference(expression, path, want, context);
    }
    case "unary":
    case "binary":
      if (path.length === 0 && want !== DELETE) return putNumber(expression, want, context);
      break;
    case "other":
      if (path.length === 0) return putQuoted(expression, want, whole);
      break;
  }
  return refuse(`the expression ${shortText(scope.file, expression)} cannot be turned round`);
};

const isWritten = (
  expression: Expression,
): expression is ExpressionOf<"literal"> | ExpressionOf<"object"> | ExpressionOf<"tuple"> =>
  expression.kind === "literal" || expression.kind === "object" || expression.kind === "tuple";

/** The author's kind of literal stays: 80 remains a number though the provider says text. */
const literalText = (literal: Expression, want: Json, { file }: Scope): string => {
  const before = literal.kind === "literal" ? literal.value : 0;
  if (typeof before === "number" && typeof want === "string" && /^-?(0|[1-9]\d*)(\.\d+)?$/.test(want))
    return want;
  if (typeof before === "boolean" && (want === "true" || want === "false")) return want;
  if (typeof before === "string" && (typeof want === "number" || isExactNumber(want)))
    return `"${render(want)}"`;
  return render(want, indentAt(file.text, literal.start));
};

const putConditional: (
  expression: ExpressionOf<"conditional">,
  path: Path,
  want: Want,
  context: PutContext,
) => readonly Edit[] = ({ condition, yes, no }, path, want, context) => {
  const holds = evaluate(condition, context.scope);
  if (typeof holds !== "boolean")
    return refuse(`the condition ${shortText(context.scope.file, condition)} is not known before a plan`);
  return put(holds ? yes : no, path, want, context);
};

/** In place of the reference: the value itself, or for a map the reference with what differs merged over it. */
const putHere: Put = (expression, path, want, { scope }) => {
  if (path.length > 0 || want === DELETE) return refuse("only a part of what the reference gives changed");
  const { file } = scope;
  if (isJsonFile(file)) return refuse("an expression in JSON is not written anew");
  const current = evaluate(expression, scope);
  const indent = indentAt(file.text, expression.start);
  if (isObject(current) && isObject(want) && Object.keys(current).every((key) => key in want)) {
    return [
      replaced(
        file,
        expression,
        `merge(${textOf(file, expression)}, ${renderInline(changedMembers(current, want), indent)})`,
      ),
    ];
  }
  return [replaced(file, expression, render(want, indent))];
};

const changedMembers = (
  current: ValueObject,
  want: { readonly [key: string]: Json },
): { readonly [key: string]: Json } =>
  Object.fromEntries(
    Object.entries(want).filter(([key, value]) => !(key in current) || !isSame(current[key], value)),
  );
