import type { InsertStmt, Node } from "libpg-query";
import type { DataChange, SchemaContext } from "../model/schema-context.ts";
import { isOneRow } from "./check-data.ts";
import { as, runsNow, within } from "./nodes.ts";
import { isNew, keyOf, type Scene } from "./scene.ts";
import type { Statement } from "./script.ts";

/** What a statement does to rows that are there, each with how many they may be at most. */
export const dataChanges = (
  node: Node,
  { place, copyData }: Pick<Statement, "place" | "copyData">,
  scene: Scene,
  { file, context }: { readonly file: string; readonly context: SchemaContext | null },
): readonly DataChange[] => {
  if (!runsNow(node)) return [];
  const at = { file, line: place.line };
  const counting = (counted: string) => ({ counted, rows: context?.tables[counted]?.rows ?? null });
  const changed = [...within(node, "UpdateStmt"), ...within(node, "DeleteStmt"), ...within(node, "MergeStmt")]
    .filter(({ relation }) => !isNew(scene, relation))
    .map((change) => {
      const table = keyOf(scene, change.relation);
      const one = "whereClause" in change && isOneRow(change.whereClause);
      return { ...at, table, ...(one ? { counted: null, rows: 1 } : counting(table)) };
    });
  const inserted = within(node, "InsertStmt").flatMap((insert) =>
    sourcesOf(insert, scene).map((source) => ({
      ...at,
      table: keyOf(scene, insert.relation),
      ...counting(source),
    })),
  );
  const copied = copyData === null ? undefined : as(node, "CopyStmt")?.relation;
  const rows = (copyData ?? "").split("\n").filter(Boolean).length;
  const loaded = copied ? [{ ...at, table: keyOf(scene, copied), counted: null, rows }] : [];
  return [...changed, ...inserted, ...loaded];
};

// A table that the same run makes holds what the run puts there, and the rehearsal counts that.
const sourcesOf = (insert: InsertStmt, scene: Scene): readonly string[] => {
  const names = new Set(within(insert.withClause, "CommonTableExpr").map(({ ctename }) => ctename));
  return within(insert.selectStmt, "RangeVar")
    .filter((range) => !isNew(scene, range) && !names.has(range.relname))
    .map((range) => keyOf(scene, range));
};
