import type { Edit } from "../hcl/edit.ts";
import type { ExpressionOf } from "../hcl/syntax.ts";
import type { Path } from "../model/path.ts";
import { evaluate } from "./evaluate.ts";
import { DELETE, type PutContext, type Want } from "./put.ts";
import { refuse } from "./refusal.ts";
import { isList, meansSame } from "./value.ts";

/** `list[*].name`: each changed item at its own place in the list; undefined where there is no splat. */
export const putSplat = (
  expression: ExpressionOf<"traversal"> | ExpressionOf<"access">,
  path: Path,
  want: Want,
  context: PutContext,
): readonly Edit[] | undefined => {
  const at = expression.steps.findIndex((step) => "splat" in step);
  if (at < 0) return undefined;
  const after = expression.steps.slice(at + 1);
  const one = (index: number) => ({
    ...expression,
    steps: [...expression.steps.slice(0, at), { attribute: String(index) }, ...after],
  });
  const [first, ...rest] = path;
  if (first !== undefined) return context.put(one(Number(first)), rest, want, context);
  const now = evaluate(expression, context.scope);
  if (want === DELETE || !Array.isArray(want) || !isList(now) || now.length !== want.length)
    return refuse("items came and went in a splat");
  return now.flatMap((value, index) =>
    meansSame(value, want[index]) ? [] : context.put(one(index), [], want[index] ?? null, context),
  );
};
