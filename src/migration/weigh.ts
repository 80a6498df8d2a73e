import type { LiveTable, SchemaContext } from "../model/schema-context.ts";
import type { Rule } from "./rule.ts";
import { type Hit, RULES, type RuleId } from "./rules.ts";
import { dependantsText, sizeText, useText } from "./weight-text.ts";

/** Judges what was found by what the live `tables` hold that the statement touches: what costs nothing on few rows costs hours on many. */
export const weigh = (
  hits: readonly Hit[],
  tables: readonly string[],
  context: SchemaContext | null,
): readonly Hit[] => {
  if (context === null) return hits;
  const touched = tables.flatMap((name) => {
    const table = context.tables[name];
    return table ? [{ name, table }] : [];
  });
  const largest = touched.toSorted((a, b) => b.table.rows - a.table.rows)[0];
  return hits.map((hit) => ({
    ...(largest ? weighed(hit, largest.name, largest.table, context) : hit),
    tables,
  }));
};

/** Up to so many rows nobody waits long enough to notice; from the other number on, whoever waits does so for minutes. */
const [FEW, MANY] = [10_000, 1_000_000];

const weighed = (hit: Hit, name: string, table: LiveTable, context: SchemaContext): Hit => {
  const rule: Rule = RULES[hit.rule];
  const said = [
    ...(COSTS.has(hit.rule) || TAKES.has(hit.rule) ? [sizeText(name, table)] : []),
    ...(TAKES.has(hit.rule) ? [dependantsText(table), useText(table, context)] : []),
  ].filter((text) => text !== "");
  if (said.length === 0) return hit;
  const severity = hit.severity ?? rule.severity;
  const level = hit.class ?? rule.class;
  if (!COSTS.has(hit.rule)) return { ...hit, said };
  const cheap = table.rows <= FEW;
  return {
    ...hit,
    said,
    severity: cheap && !SURPRISES.has(hit.rule) ? "warn" : table.rows >= MANY ? "error" : severity,
    class: table.rows === 0 && level === "R2" ? "R1" : level,
  };
};

/** What a statement costs by the row: locks held while rows are read or written. */
const COSTS: ReadonlySet<RuleId> = new Set<RuleId>([
  "index-not-concurrent",
  "drop-index-not-concurrent",
  "add-unique",
  "add-exclusion",
  "constraint-not-valid",
  "foreign-key-lock",
  "set-not-null",
  "validate-in-same-transaction",
  "attach-partition",
  "change-column-type",
  "add-column-rewrite",
  "add-column-unknown-default",
  "update-unbatched",
  "update-without-where",
  "delete-without-where",
  "delete-rows",
  "slow-after-lock",
  "cluster",
  "vacuum-full",
  "reindex-not-concurrent",
  "refresh-not-concurrent",
  "table-rewrite",
  "lock-table",
]);

// Few rows make them no less wrong.
const SURPRISES: ReadonlySet<RuleId> = new Set<RuleId>([
  "update-without-where",
  "delete-without-where",
  "change-column-type",
  "set-not-null",
]);

/** What takes something away that others may still use. */
const TAKES: ReadonlySet<RuleId> = new Set<RuleId>([
  "drop-table",
  "drop-partition",
  "drop-column",
  "drop-cascade",
  "truncate",
  "detach-partition",
  "detach-partition-concurrently",
  "rename-table",
  "rename-column",
  "move-schema",
  "change-column-type",
  "delete-without-where",
  "row-security",
]);
