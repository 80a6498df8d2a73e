import type { Node } from "libpg-query";
import type { ChangeClass } from "../model/change-class.ts";
import { as, runsNow, within } from "./nodes.ts";
import { isNew, type Scene } from "./scene.ts";

/** The class of a statement as such; what a rule finds may raise it. */
export const classOfStatement = (node: Node, scene: Scene): ChangeClass => {
  const running = runsNow(node) ? node : null;
  if (within(running, "DeleteStmt").some(({ relation }) => !isNew(scene, relation))) return "R4";
  if (within(running, "UpdateStmt").some(({ relation }) => !isNew(scene, relation))) return "R2";
  const select = as(node, "SelectStmt");
  if (select && select.intoClause === undefined) return within(node, "InsertStmt").length > 0 ? "R1" : "R0";
  return Object.keys(node).some((kind) => NO_CHANGE.has(kind)) ? "R0" : "R1";
};

// Nothing that lasts is changed by these.
const NO_CHANGE: ReadonlySet<string> = new Set([
  "VariableSetStmt",
  "VariableShowStmt",
  "TransactionStmt",
  "ExplainStmt",
  "CommentStmt",
  "VacuumStmt",
  "LockStmt",
  "DiscardStmt",
  "CheckPointStmt",
  "NotifyStmt",
  "ListenStmt",
  "UnlistenStmt",
  "LoadStmt",
  "PrepareStmt",
  "DeallocateStmt",
  "ConstraintsSetStmt",
  "ReindexStmt",
  "ClusterStmt",
  "DoStmt",
]);
