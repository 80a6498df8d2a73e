import type { RuleId } from "./rules.ts";

/** Rules of the analysis that tell of what goes, gets another name or place, or turns strict. */
export const TAKES_AWAY: readonly RuleId[] = [
  ...(["drop-table", "drop-partition", "drop-column", "drop-schema", "drop-database"] as const),
  ...(["drop-cascade", "drop-type", "drop-function", "drop-trigger", "drop-extension"] as const),
  ...(["drop-owned", "drop-constraint", "set-not-null", "move-schema"] as const),
  ...(["rename-column", "rename-table", "rename-object", "expand-and-contract"] as const),
];

/**
 * Rules that tell a contract: what running applications may use goes, gets another name, or is demanded where it was
 * free.
 */
const CONTRACTS: ReadonlySet<string> = new Set([
  ...TAKES_AWAY,
  ...["drop-view", "drop-sequence", "enum-rename-value"],
]);

/** The phase that a finding tells by itself; null where its statement's words tell it, or nobody. */
export const phaseOfRule = (rule: string): "contract" | null => (CONTRACTS.has(rule) ? "contract" : null);
