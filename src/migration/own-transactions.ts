import type { Node } from "libpg-query";
import { all, as, settingsOf, strings } from "./nodes.ts";
import type { Statement } from "./script.ts";
import { transactionAfter } from "./transactional.ts";

/**
 * How many of the statements that the server answered stay, whatever becomes of the session: those behind a BEGIN that
 * was not ended yet go with it.
 */
export const lastingOf = (statements: readonly Statement[], answered: number): number => {
  let [open, lasting] = [false, 0];
  for (const [index, { nodes }] of statements.slice(0, answered).entries()) {
    open = nodes.reduce(transactionAfter, open);
    if (!open) lasting = index + 1;
  }
  return lasting;
};

/**
 * What a session has to be told anew before it goes on behind the first statements of a script: their settings that
 * outlast a transaction, in order, without those that were rolled back.
 */
export const settingsBefore = (statements: readonly Statement[], answered: number): readonly Statement[] => {
  let kept: readonly Statement[] = [];
  let before = kept;
  for (const statement of statements.slice(0, answered)) {
    const kind = as(statement.nodes[0], "TransactionStmt")?.kind;
    if (kind === "TRANS_STMT_BEGIN" || kind === "TRANS_STMT_START") before = kept;
    if (kind === "TRANS_STMT_ROLLBACK") kept = before;
    if (statement.nodes.some(setsForSession)) kept = [...kept, statement];
  }
  return kept;
};

const setsForSession = (node: Node): boolean => {
  const set = as(node, "VariableSetStmt");
  if (set) return set.is_local !== true;
  const select = as(node, "SelectStmt");
  if (!select || select.fromClause !== undefined || settingsOf(node).length === 0) return false;
  const isAllOfIt = all(select.targetList, "ResTarget").every(
    ({ val }) => strings(as(val, "FuncCall")?.funcname).at(-1) === "set_config",
  );
  return isAllOfIt && settingsOf(node).every(({ isLocal }) => !isLocal);
};

/** Of those only what says where names are looked for. */
export const setsSearchPath = ({ nodes }: Statement): boolean =>
  nodes.every((node) => {
    const names = [as(node, "VariableSetStmt")?.name, ...settingsOf(node).map(({ name }) => name)];
    return names.filter((name) => name !== undefined).every((name) => name === "search_path");
  });
