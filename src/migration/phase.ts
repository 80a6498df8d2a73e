/**
 * Rules of the analysis that tell a contract: what running applications may use goes, gets another name, or is demanded
 * where it was free.
 */
const CONTRACTS: ReadonlySet<string> = new Set([
  ...[
    "drop-table",
    "drop-partition",
    "drop-column",
    "drop-schema",
    "drop-database",
    "drop-cascade",
    "drop-type",
  ],
  ...["drop-view", "drop-function", "drop-sequence", "drop-trigger", "drop-extension", "drop-owned"],
  ...["drop-constraint", "set-not-null"],
  ...[
    "rename-column",
    "rename-table",
    "rename-object",
    "move-schema",
    "enum-rename-value",
    "expand-and-contract",
  ],
]);

/** The phase that a finding tells by itself; null where its statement's words tell it, or nobody. */
export const phaseOfRule = (rule: string): "contract" | null => (CONTRACTS.has(rule) ? "contract" : null);
