import type { Node } from "libpg-query";
import { hasSqlDetails, loadModule, parsePlPgSQLSync, parseSync } from "libpg-query";
import { nestsDeeply, withoutComments } from "../migration/comment-depth.ts";
import type { ParsedBlock, ParsedSql, SqlParser } from "../migration/script.ts";
import type { Json } from "../model/json.ts";

/** PostgreSQL 18's own parser as WebAssembly; loading takes about 20 ms. Older servers understand a little less. */
export const loadSqlParser = async (): Promise<SqlParser> => {
  await loadModule();
  return Object.assign(parseSql, { plpgsql: parseBlock });
};

const parseSql = (text: string): ParsedSql => {
  const read = nestsDeeply(text) ? withoutComments(text) : { ok: true as const, sql: text };
  return read.ok ? parsePlain(read.sql) : read;
};

const parsePlain = (sql: string): ParsedSql => {
  try {
    const { stmts = [] } = parseSync(sql);
    return { ok: true, nodes: stmts.map(({ stmt }) => stmt).filter(isNode) };
  } catch (thrown) {
    return refusal(thrown);
  }
};

const parseBlock = (statement: string): ParsedBlock => {
  if (nestsDeeply(statement)) return { ok: false, message: "comments are nested too deeply" };
  try {
    return { ok: true, tree: parsePlPgSQLSync(statement) as unknown as Json };
  } catch (thrown) {
    return { ok: false, message: thrown instanceof Error ? thrown.message : NOT_READ };
  }
};

const isNode = (node: Node | undefined): node is Node => node !== undefined;

const refusal = (thrown: unknown): ParsedSql => {
  if (hasSqlDetails(thrown) && thrown.sqlDetails) {
    const { message, cursorPosition } = thrown.sqlDetails;
    return { ok: false, message, position: cursorPosition < 0 ? null : cursorPosition };
  }
  return { ok: false, message: NOT_READ, position: null };
};

const NOT_READ = "the parser gave up: the statement is nested too deeply or too large";
