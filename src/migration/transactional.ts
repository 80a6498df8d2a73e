import type { Node } from "libpg-query";
import { all, as, optionOn } from "./nodes.ts";

/** What a statement is called that the server refuses inside a transaction block; null for every other one. */
export const refusesTransaction = (node: Node, version: number): string | null => {
  const index = as(node, "IndexStmt");
  if (index?.concurrent === true) return "CREATE INDEX CONCURRENTLY";
  const drop = as(node, "DropStmt");
  if (drop?.concurrent === true) return "DROP INDEX CONCURRENTLY";
  const reindex = as(node, "ReindexStmt");
  if (reindex && (optionOn(reindex.params, "concurrently") || WHOLE.has(reindex.kind ?? "")))
    return "REINDEX CONCURRENTLY or of a whole schema or database";
  const vacuum = as(node, "VacuumStmt");
  if (vacuum?.is_vacuumcmd === true) return "VACUUM";
  const cluster = as(node, "ClusterStmt");
  if (cluster && !cluster.relation) return "CLUSTER of every table";
  if (as(node, "AlterEnumStmt")?.newVal && !as(node, "AlterEnumStmt")?.oldVal && version < 12)
    return "ALTER TYPE ... ADD VALUE";
  const detach = all(as(node, "AlterTableStmt")?.cmds, "AlterTableCmd").some(
    ({ def }) => as(def, "PartitionCmd")?.concurrent === true,
  );
  return detach ? "DETACH PARTITION CONCURRENTLY" : serverStatement(node);
};

const WHOLE: ReadonlySet<string> = new Set([
  "REINDEX_OBJECT_SCHEMA",
  "REINDEX_OBJECT_SYSTEM",
  "REINDEX_OBJECT_DATABASE",
]);

const serverStatement = (node: Node): string | null => {
  if (as(node, "CreatedbStmt")) return "CREATE DATABASE";
  if (as(node, "DropdbStmt")) return "DROP DATABASE";
  if (as(node, "CreateTableSpaceStmt")) return "CREATE TABLESPACE";
  if (as(node, "DropTableSpaceStmt")) return "DROP TABLESPACE";
  if (as(node, "CreateSubscriptionStmt")) return "CREATE SUBSCRIPTION";
  if (as(node, "AlterSystemStmt")) return "ALTER SYSTEM";
  return as(node, "DiscardStmt")?.target === "DISCARD_ALL" ? "DISCARD ALL" : null;
};

/** Whether a statement opens or ends a transaction by itself; savepoints lie within one. */
export const controlsTransaction = (node: Node): boolean => {
  const kind = as(node, "TransactionStmt")?.kind;
  return kind !== undefined && !SAVEPOINTS.has(kind);
};

const SAVEPOINTS: ReadonlySet<string> = new Set([
  "TRANS_STMT_SAVEPOINT",
  "TRANS_STMT_RELEASE",
  "TRANS_STMT_ROLLBACK_TO",
]);

/** Whether a transaction of the file's own is open behind a statement, by whether one was before it. */
export const transactionAfter = (open: boolean, node: Node): boolean => {
  const statement = as(node, "TransactionStmt");
  switch (statement?.kind) {
    case "TRANS_STMT_BEGIN":
    case "TRANS_STMT_START":
      return true;
    case "TRANS_STMT_COMMIT":
    case "TRANS_STMT_ROLLBACK":
    case "TRANS_STMT_PREPARE":
      return statement.chain === true;
    default:
      return open;
  }
};

/** Whether a statement only sets something for the session. */
export const onlySets = (node: Node): boolean =>
  as(node, "VariableSetStmt") !== null || as(node, "VariableShowStmt") !== null;
