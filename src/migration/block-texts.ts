import type { Node } from "libpg-query";
import { isJsonObject, type Json } from "../model/json.ts";
import { all, as, strings } from "./nodes.ts";
import type { SqlParser } from "./script.ts";

/** SQL that a block runs; null where it is put together at run time, so that nobody can read it here. */
export type WrittenText = string | null;

/**
 * The SQL in a PL/pgSQL block, in its order: statements, queries of loops and cursors, expressions that call something,
 * and the texts that EXECUTE, FOR ... IN EXECUTE, OPEN ... FOR EXECUTE and RETURN QUERY EXECUTE are given as literals.
 *
 * `tree` is what `SqlParser.plpgsql` gives: libpg_query's JSON of PLpgSQL_function.
 */
export const blockTexts = (tree: Json, parse: SqlParser): readonly WrittenText[] => {
  if (Array.isArray(tree)) return tree.flatMap((one) => blockTexts(one, parse));
  if (!isJsonObject(tree)) return [];
  return Object.entries(tree).flatMap(([kind, value]) => {
    const query = DYNAMIC[kind];
    const text = query === undefined || !isJsonObject(value) ? null : exprIn(value[query]);
    if (query === undefined || !isJsonObject(value) || text === null) return textsIn(kind, value, parse);
    const { [query]: _, ...rest } = value;
    return [executed(text.query, parse), ...blockTexts(rest, parse)];
  });
};

/** Which field of a statement is an expression whose value is run as SQL. */
const DYNAMIC: Readonly<Record<string, string>> = {
  PLpgSQL_stmt_dynexecute: "query",
  PLpgSQL_stmt_dynfors: "query",
  PLpgSQL_stmt_open: "dynquery",
  PLpgSQL_stmt_return_query: "dynquery",
};

const textsIn = (kind: string, value: Json, parse: SqlParser): readonly WrittenText[] => {
  if (kind !== "PLpgSQL_expr" || !isJsonObject(value)) return blockTexts(value, parse);
  const { query, parseMode } = value;
  if (typeof query !== "string") return [];
  if (parseMode === STATEMENT) return [query];
  // A variable, a constant, a comparison of both: only what calls or asks can do anything.
  if (!query.includes("(")) return [];
  return [`SELECT ${parseMode === EXPRESSION ? query : query.replace(TARGET, "")}`];
};

// RawParseMode of PostgreSQL's parser.h; the others are assignments to a target of one, two or three names.
const STATEMENT = 0;
const EXPRESSION = 2;
const TARGET = /^[^:=]*:?=/;

const exprIn = (value: Json | undefined): { readonly query: string } | null => {
  const expr = isJsonObject(value) ? value["PLpgSQL_expr"] : null;
  return isJsonObject(expr) && typeof expr["query"] === "string" ? { query: expr["query"] } : null;
};

/** What is run where the expression is a literal, or `format` of one with names and values in its gaps. */
const executed = (expression: string, parse: SqlParser): WrittenText => {
  const read = parse(`SELECT ${expression}`);
  const select = as(read.ok ? read.nodes[0] : undefined, "SelectStmt");
  const value = all(select?.targetList, "ResTarget")[0]?.val;
  const call = as(value, "FuncCall");
  const isFormat = strings(call?.funcname).at(-1) === "format";
  const written = literal(isFormat ? call?.args?.[0] : value);
  if (written === null || !isFormat) return written;
  if (/^\s*%/.test(written)) return null;
  return written.replaceAll(/%(?:\d+\$)?L/g, "'x'").replaceAll(/%(?:\d+\$)?[Is]/g, "p_name");
};

const literal = (node: Node | undefined): string | null => as(node, "A_Const")?.sval?.sval ?? null;
