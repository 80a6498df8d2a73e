import type { Node } from "libpg-query";
import { all, as, shown } from "./nodes.ts";
import { type Hit, hit } from "./rules.ts";
import { isNew, type Scene } from "./scene.ts";

/** What takes long after a statement whose lock holds everybody up until the transaction ends. */
export const checkPace = (node: Node, scene: Scene): readonly Hit[] => {
  const { transaction } = scene.file;
  const what = slowWork(node, scene);
  const hits =
    what !== null && transaction.locked !== null
      ? [
          hit(
            "slow-after-lock",
            { what, table: transaction.locked },
            transaction.explicit ? { severity: "error" } : {},
          ),
        ]
      : [];
  transaction.locked ??= lockedBy(node, scene);
  return hits;
};

const slowWork = (node: Node, scene: Scene): string | null => {
  const update = as(node, "UpdateStmt");
  if (update) return isNew(scene, update.relation) ? null : "UPDATE";
  const remove = as(node, "DeleteStmt");
  if (remove) return isNew(scene, remove.relation) ? null : "DELETE";
  const select = as(as(node, "InsertStmt")?.selectStmt, "SelectStmt");
  if ((select?.fromClause ?? []).length > 0) return "INSERT ... SELECT";
  const index = as(node, "IndexStmt");
  if (index && index.concurrent !== true && !isNew(scene, index.relation)) return "CREATE INDEX";
  return null;
};

const lockedBy = (node: Node, scene: Scene): string | null => {
  const alter = as(node, "AlterTableStmt");
  const commands = all(alter?.cmds, "AlterTableCmd");
  const gentle = commands.every(({ subtype = "AT_AddColumn" }) => GENTLE.has(subtype));
  if (alter?.objtype === "OBJECT_TABLE" && !gentle && !isNew(scene, alter.relation))
    return shown(alter.relation);
  const { relation } = as(node, "RenameStmt") ?? {};
  if (relation && !isNew(scene, relation)) return shown(relation);
  const truncated = all(as(node, "TruncateStmt")?.relations, "RangeVar").find(
    (table) => !isNew(scene, table),
  );
  if (truncated) return shown(truncated);
  const locked = as(node, "LockStmt");
  const table = all(locked?.relations, "RangeVar").find((candidate) => !isNew(scene, candidate));
  return table && (locked?.mode ?? 8) >= 7 ? shown(table) : null;
};

// These let readers and writers work.
const GENTLE: ReadonlySet<string> = new Set([
  "AT_ValidateConstraint",
  "AT_SetStatistics",
  "AT_ClusterOn",
  "AT_DropCluster",
  "AT_SetRelOptions",
  "AT_ResetRelOptions",
]);
