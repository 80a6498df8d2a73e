import type { SelectStmt } from "libpg-query";
import type { Backfill } from "../model/backfill.ts";
import { quoted } from "./history.ts";
import { all, as, strings } from "./nodes.ts";
import { onlyStatement } from "./parse-script.ts";
import type { SqlParser } from "./script.ts";

/** What a file says of it: rows of the table that are not as they should be, or any count of such. */
export type VerifyWish = { readonly where: string } | { readonly query: string };

/** The query that counts what is left. Null where it is no single `SELECT count(...)`, whose answer names no value of a row. */
export const verifyQuery = (
  wish: VerifyWish,
  { schema, table }: Pick<Backfill, "schema" | "table">,
  parse: SqlParser,
): string | null => {
  const text =
    "query" in wish
      ? wish.query.trim().replace(/;$/, "")
      : `SELECT count(*) FROM ${quoted(schema)}.${quoted(table)} WHERE (${wish.where.trim()}\n)`;
  const only = onlyStatement(text, parse);
  if (!only || only.error) return null;
  const select = as(only.nodes[0], "SelectStmt");
  return select !== null && isOneCount(select) && !/\$\d/.test(only.text) ? text : null;
};

const isOneCount = ({ targetList, ...rest }: SelectStmt): boolean => {
  const [call, ...more] = all(targetList, "ResTarget").map(({ val }) => as(val, "FuncCall"));
  const name = strings(call?.funcname).join(".");
  return (
    more.length === 0 &&
    (name === "count" || name === "pg_catalog.count") &&
    call?.over === undefined &&
    OTHERS.every((clause) => rest[clause] === undefined)
  );
};

/** What would make it several rows, none, or more than a question. */
const OTHERS = [
  ...(["groupClause", "havingClause", "intoClause", "lockingClause"] as const),
  ...(["limitCount", "limitOffset", "larg", "rarg", "valuesLists"] as const),
];
