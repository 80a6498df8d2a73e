import type { Node } from "libpg-query";
import type { Statement } from "../migration/script.ts";
import { serverWords, type Target } from "./pg-session.ts";

const [DUPLICATE_OBJECT, UNDEFINED_DATABASE] = ["42710", "3D000"];

/**
 * Roles and databases belong to the server rather than to the database: on a scratch one the role may be there already,
 * and the database has another name.
 */
export const isOfServer = ({ nodes }: Statement, state: string | null): boolean =>
  (state === DUPLICATE_OBJECT && nodes.some((node) => "CreateRoleStmt" in node)) ||
  (state === UNDEFINED_DATABASE && nodes.some(namesDatabase));

const namesDatabase = (node: Node): boolean =>
  "AlterDatabaseStmt" in node ||
  "AlterDatabaseSetStmt" in node ||
  ("GrantStmt" in node && node.GrantStmt.objtype === "OBJECT_DATABASE") ||
  ("CommentStmt" in node && node.CommentStmt.objtype === "OBJECT_DATABASE") ||
  ("AlterRoleSetStmt" in node && node.AlterRoleSetStmt.database !== undefined) ||
  "DoStmt" in node;

/** Runs a statement; what it says of the server may fail. `open`: a transaction is, which has to outlive that. */
export const tolerating = async (
  scratch: Target,
  statement: Statement,
  open: boolean,
  run: () => Promise<number | null>,
): Promise<number | null> => {
  const concerned = statement.nodes.some((node) => "CreateRoleStmt" in node || namesDatabase(node));
  if (!concerned) return run();
  const guarded = open && !statement.nodes.some((node) => "DoStmt" in node);
  if (guarded) await scratch.run("savepoint plumbline_rehearsal");
  try {
    const rows = await run();
    if (guarded) await scratch.run("release savepoint plumbline_rehearsal");
    return rows;
  } catch (thrown) {
    if (!guarded || !isOfServer(statement, serverWords(thrown).code)) throw thrown;
    await scratch.run("rollback to savepoint plumbline_rehearsal");
    return null;
  }
};
