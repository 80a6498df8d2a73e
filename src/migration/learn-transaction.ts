import type { Node } from "libpg-query";
import { as } from "./nodes.ts";
import { copyOf, type Known, newTransaction, type Scene, type TransactionScene } from "./scene.ts";

/** Takes in how a file's own transactions begin and end: what is rolled back was not made. */
export const learnTransaction = (scene: Scene, node: Node): void => {
  const statement = as(node, "TransactionStmt");
  const { transaction, searchPath, sessionPath } = scene.file;
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
      transaction.savepoints.set(savepoint, { ...copyOf(scene), searchPath, sessionPath });
      return;
    case "TRANS_STMT_ROLLBACK_TO":
      backTo(scene, transaction, savepoint);
      return;
    default:
  }
};

const backTo = (scene: Scene, { savepoints, before }: TransactionScene, name: string): void => {
  const then = savepoints.get(name);
  goBack(scene, then ?? before);
  if (then) Object.assign(scene.file, { searchPath: then.searchPath, sessionPath: then.sessionPath });
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
