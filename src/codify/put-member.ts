import type { Edit } from "../hcl/edit.ts";
import type { Expression } from "../hcl/syntax.ts";
import type { Json } from "../model/json.ts";
import type { Path } from "../model/path.ts";
import { evaluate } from "./evaluate.ts";
import { indentAt } from "./lines.ts";
import { DELETE, type PutContext, type Want } from "./put.ts";
import { isJsonFile } from "./put-json.ts";
import { textOf } from "./raw-text.ts";
import { attempt, refuse } from "./refusal.ts";
import { renderLike } from "./render.ts";
import { replaced } from "./replaced.ts";
import { isKnown } from "./value.ts";

/** A part of a written collection: where its own expression cannot be turned round, the value stands in its place. */
export const putMemberValue = (
  expression: Expression,
  path: Path,
  want: Want,
  context: PutContext,
): readonly Edit[] => {
  const tried = attempt(() => context.put(expression, path, want, context));
  if ("value" in tried) return tried.value;
  const { file } = context.scope;
  if (
    path.length > 0 ||
    want === DELETE ||
    !isKnown(want) ||
    isJsonFile(file) ||
    /sensitive/.test(tried.reason)
  )
    return refuse(tried.reason);
  const kind = typeof evaluate(expression, context.scope);
  const text = isText(want, kind)
    ? want
    : renderLike(want, indentAt(file.text, expression.start), textOf(file, expression));
  return [replaced(file, expression, text)];
};

/** A provider's text for what the author gave as a number or a boolean is written as the author did. */
const isText = (want: Json, kind: string): want is string =>
  typeof want === "string" &&
  ((kind === "number" && /^-?(0|[1-9]\d*)(\.\d+)?$/.test(want)) ||
    (kind === "boolean" && /^(true|false)$/.test(want)));
