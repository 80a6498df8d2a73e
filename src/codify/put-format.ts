import type { Edit } from "../hcl/edit.ts";
import type { ExpressionOf } from "../hcl/syntax.ts";
import type { Path } from "../model/path.ts";
import { evaluate } from "./evaluate.ts";
import type { PutContext, Want } from "./put.ts";
import { refuse } from "./refusal.ts";
import { hole, textTarget, withoutHoles } from "./text-target.ts";
import { scalarText } from "./value.ts";

const VERB = /%([%sdv])/g;

/** `format("%s-blue", x)`: a change of the text goes into the pattern, one of a value into its argument. */
export const putFormat = (
  { args: [pattern, ...values] }: ExpressionOf<"call">,
  path: Path,
  want: Want,
  context: PutContext,
): readonly Edit[] => {
  const text = pattern && evaluate(pattern, context.scope);
  const known = values.map((value) => scalarText(evaluate(value, context.scope)));
  const isPlain = typeof text === "string" && !/%(?![%sdv])/.test(text);
  if (!pattern || !isPlain || path.length > 0 || typeof want !== "string" || known.includes(undefined)) {
    return refuse("format() cannot be turned round here");
  }
  const verbs: string[] = [];
  const source = text.replaceAll(VERB, (verb) => (verb === "%%" ? "%" : hole(verbs.push(verb) - 1)));
  const target = textTarget(source, known as string[], want);
  if (!("inside" in target)) {
    const written = withoutHoles(target.text.replaceAll("%", "%%"), (index) => verbs[index] ?? "");
    return context.put(pattern, [], written, context);
  }
  const inside = values[target.inside];
  return inside
    ? context.put(inside, [], target.want, context)
    : refuse("the text no longer fits its format");
};
