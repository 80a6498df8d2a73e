import type { Node } from "libpg-query";
import { as } from "./nodes.ts";
import { copyOf, type Known, newTransaction, type Scene } from "./scene.ts";

/** Takes in how a file's own transactions begin and end: what is rolled back was not made. */
export const learnTransaction = (scene: Scene, node: Node): void => {
  const statement = as(node, "TransactionStmt");
  const { transaction } = scene.file;
  const savepoint = statement?.savepoint_name ?? "";
  switch (statement?.kind) {
    case "TRANS_STMT_BEGIN":
    case "TRANS_STMT_START":
      if (!transaction.explicit) begin(scene, true, scene.file.sessionPath);
      return;
    case "TRANS_STMT_COMMIT":
      for (const key of transaction.dropped) scene.tables.delete(key);
      begin(scene, statement.chain === true, scene.file.sessionPath);
      return;
    case "TRANS_STMT_ROLLBACK":
      goBack(scene, transaction.before);
      begin(scene, statement.chain === true, transaction.pathBefore);
      return;
    case "TRANS_STMT_SAVEPOINT":
      transaction.savepoints.set(savepoint, copyOf(scene));
      return;
    case "TRANS_STMT_ROLLBACK_TO":
      goBack(scene, transaction.savepoints.get(savepoint) ?? transaction.before);
      return;
    default:
  }
};

// What was SET LOCAL ends with its transaction, and what one that is taken back has SET.
const begin = (scene: Scene, explicit: boolean, path: readonly string[]): void => {
  Object.assign(scene.file, { searchPath: path, sessionPath: path });
  scene.file.transaction = newTransaction(scene, explicit, path);
};

const goBack = (scene: Scene, known: Known): void => {
  const { tables, made } = copyOf(known);
  scene.tables = tables;
  scene.made = made;
};
