import type { Node } from "libpg-query";
import { as } from "./nodes.ts";
import { parseScript } from "./parse-script.ts";
import type { SqlParser } from "./script.ts";

/** What a statement needs of the role that runs it. Names are parts as they are written, schema first where it is said. */
export interface NeededRight {
  readonly script: string;
  readonly line: number;
  readonly column: number;
  /** To own the table, or to be a member of its owner; or to make something in the schema. */
  readonly right: "owner" | "create";
  readonly name: readonly string[];
}

/**
 * Rights that pending files need for certain. Empty where one of them changes roles or rights itself: what holds then
 * nobody can say before.
 */
export const neededRights = (
  pending: readonly { readonly script: string; readonly sql: string }[],
  parse: SqlParser,
): readonly NeededRight[] => {
  const read = pending.flatMap(({ script, sql }) =>
    parseScript(sql, parse).statements.flatMap(({ nodes, place }) =>
      nodes.map((node) => ({ script, node, line: place.line, column: place.column })),
    ),
  );
  if (read.some(({ node }) => changesRights(node))) return [];
  return read.flatMap(({ node, ...place }) => needOf(node).map((need) => ({ ...place, ...need })));
};

const changesRights = (node: Node): boolean =>
  ["GrantStmt", "GrantRoleStmt", "AlterOwnerStmt", "CreateRoleStmt", "AlterRoleStmt"].some(
    (kind) => kind in node,
  ) ||
  ["DoStmt", "CallStmt", "ReassignOwnedStmt", "AlterDefaultPrivilegesStmt"].some((kind) => kind in node) ||
  /^(role|session_authorization|search_path)$/.test(as(node, "VariableSetStmt")?.name ?? "");

type Need = Pick<NeededRight, "right" | "name">;

const needOf = (node: Node): readonly Need[] => {
  const alter = as(node, "AlterTableStmt");
  const altered = alter?.objtype === "OBJECT_TABLE" ? alter.relation : as(node, "IndexStmt")?.relation;
  if (altered) return [{ right: "owner", name: partsOf(altered) }];
  const made = as(node, "CreateStmt")?.relation ?? as(node, "ViewStmt")?.view;
  // Without a schema it is the first of the search path; what is temporary needs no schema.
  if (!made || made.relpersistence === "t") return [];
  return [{ right: "create", name: made.schemaname ? [made.schemaname] : [] }];
};

const partsOf = ({
  schemaname,
  relname = "",
}: {
  readonly schemaname?: string;
  readonly relname?: string;
}) => (schemaname ? [schemaname, relname] : [relname]);
