import type { ChangeClass } from "../model/change-class.ts";
import type { SqlLock, SqlRewrite, SqlSeverity } from "../model/sql-lint.ts";
import type { Rule } from "./rule.ts";
import { ACCESS_RULES } from "./rules-access.ts";
import { CONSTRAINT_RULES } from "./rules-constraint.ts";
import { DATA_RULES } from "./rules-data.ts";
import { REMOVAL_RULES } from "./rules-removal.ts";
import { RUN_RULES } from "./rules-run.ts";
import { SHAPE_RULES } from "./rules-shape.ts";

/** Every rule by its id, which is what a suppression names. */
export const RULES = {
  ...REMOVAL_RULES,
  ...SHAPE_RULES,
  ...CONSTRAINT_RULES,
  ...DATA_RULES,
  ...ACCESS_RULES,
  ...RUN_RULES,
} as const satisfies Readonly<Record<string, Rule>>;

export type RuleId = keyof typeof RULES;

/** A rule that fires on a statement; what it says here differs from the rule only where it is given. */
export interface Hit {
  readonly rule: RuleId;
  /** For the `{places}` in the rule's texts. */
  readonly values: Readonly<Record<string, string>>;
  readonly class?: ChangeClass;
  readonly severity?: SqlSeverity;
  readonly lock?: SqlLock | null;
  readonly rewrite?: SqlRewrite;
  /** What the live tables add to the message. */
  readonly said?: readonly string[];
  /** Live tables that the statement touches; left out where no target was asked. */
  readonly tables?: readonly string[];
}

export const hit = (
  rule: RuleId,
  values: Readonly<Record<string, string>> = {},
  over: Omit<Hit, "rule" | "values"> = {},
): Hit => ({ rule, values, ...over });
