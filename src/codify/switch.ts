import type { Edit } from "../hcl/edit.ts";
import type { Expression } from "../hcl/syntax.ts";
import type { Json } from "../model/json.ts";
import type { Scope } from "./configuration.ts";
import { evaluate } from "./evaluate.ts";
import { putBack } from "./put-back.ts";
import { refuse } from "./refusal.ts";
import { meansSame, UNKNOWN, type Value } from "./value.ts";

/**
 * `var.on ? 1 : 0` where the other branch gives what is wanted: the switch is turned, the branches stay.
 * @throws Refusal for all else.
 */
export const switchEdits = (expression: Expression, want: Json, scope: Scope): readonly Edit[] => {
  if (expression.kind === "parentheses") return switchEdits(expression.inner, want, scope);
  if (expression.kind !== "conditional") return refuse("there is no switch to turn");
  const { condition, yes, no } = expression;
  const holds = evaluate(condition, scope);
  if (typeof holds !== "boolean") return refuse("the switch is not known before a plan");
  if (condition.kind !== "traversal") return refuse("the switch is more than a name");
  if (!meansSame(evaluate(holds ? no : yes, scope), want))
    return refuse("the other branch gives another value");
  return putBack(condition, [], !holds, scope);
};

/** What the branch gives that is not taken now; unknown where there is none. */
export const otherBranch = (expression: Expression, scope: Scope): Value => {
  if (expression.kind === "parentheses") return otherBranch(expression.inner, scope);
  if (expression.kind !== "conditional") return UNKNOWN;
  const holds = evaluate(expression.condition, scope);
  return typeof holds === "boolean" ? evaluate(holds ? expression.no : expression.yes, scope) : UNKNOWN;
};
