import type { Node } from "libpg-query";
import type { JudgedMigration, PendingMigration } from "../model/migration.ts";
import { all, as, strings } from "./nodes.ts";
import { parseScript } from "./parse-script.ts";
import { TAKES_AWAY } from "./phase.ts";
import type { SqlParser } from "./script.ts";

/** A statement that takes an old shape away, and from what. */
export interface ContractStatement {
  readonly file: string;
  readonly line: number;
  readonly rule: string;
  /** Version or description. */
  readonly migration: string;
  /** As they are written, `app.orders` or `orders`; null: it may be any. */
  readonly tables: readonly string[] | null;
}

/** Rules that tell a contract: what goes or turns strict, so that a row which was not filled in yet is lost or refused. */
const CONTRACT: ReadonlySet<string> = new Set([
  ...TAKES_AWAY,
  ...["drop-default", "truncate", "change-column-type", "alter-type", "alter-domain", "change-generated"],
]);

/** The contracts among pending migrations, accepted findings included. */
export const contractsIn = (
  judged: readonly JudgedMigration[],
  pending: readonly Pick<PendingMigration, "script" | "sql">[],
  parse: SqlParser,
): readonly ContractStatement[] =>
  judged.flatMap(({ script, version, description, findings, suppressed }) => {
    const found = [...findings, ...suppressed].filter(({ rule }) => CONTRACT.has(rule));
    if (found.length === 0) return [];
    const { statements } = parseScript(pending.find((one) => one.script === script)?.sql ?? "", parse);
    return found.map(({ file, line, rule }) => ({
      ...{ file, line, rule, migration: version ?? description },
      tables: tablesOf(statements.filter(({ place }) => place.line === line).flatMap(({ nodes }) => nodes)),
    }));
  });

/** Whether it may take something from this table, `app.orders`. A name without a schema may stand for any. */
export const touches = ({ tables }: ContractStatement, table: string): boolean =>
  tables === null || tables.some((name) => name === table || name === table.slice(table.indexOf(".") + 1));

/** The tables that a statement names, whatever it does with them. */
export const namedIn = (nodes: readonly Node[]): readonly string[] => [
  ...new Set(nodes.flatMap(relationsIn)),
];

/**
 * Tables that pending migrations make and put nothing into, as they are written. Whatever else names one may fill it, be
 * it by a rename; a block of code may do anything.
 */
export const emptyTablesIn = (
  pending: readonly Pick<PendingMigration, "sql">[],
  parse: SqlParser,
): readonly string[] => {
  const statements = pending.flatMap(({ sql }) => parseScript(sql, parse).statements);
  const known = statements.flatMap(({ nodes }) => nodes);
  if (statements.some(({ error, copyData }) => error !== null || copyData !== null) || known.some(isCode))
    return [];
  const made = known.filter(isPlainTable);
  const others = namedIn(known.filter((node) => !made.includes(node) && !as(node, "IndexStmt"))).map(
    plainName,
  );
  return namedIn(made).filter((table) => !others.includes(plainName(table)));
};

const isCode = (node: Node): boolean =>
  ["DoStmt", "CallStmt", "SelectStmt", "ExecuteStmt"].some((kind) => kind in node);

// A partition, or a table of which others inherit, shows rows of others.
const isPlainTable = (node: Node): boolean =>
  as(node, "CreateStmt")?.inhRelations === undefined && "CreateStmt" in node;

const plainName = (table: string): string => table.slice(table.lastIndexOf(".") + 1);

const tablesOf = (nodes: readonly Node[]): readonly string[] | null => {
  const found = nodes.map(tablesIn);
  return found.length === 0 || found.some((one) => one === null) ? null : found.flatMap((one) => one ?? []);
};

const tablesIn = (node: Node): readonly string[] | null => {
  const drop = as(node, "DropStmt");
  if (drop) {
    if (drop.behavior === "DROP_CASCADE") return null;
    const names = all(drop.objects, "List").map(({ items }) => strings(items));
    if (drop.removeType === "OBJECT_TABLE") return names.map((parts) => parts.join("."));
    return drop.removeType === "OBJECT_TRIGGER" ? names.map((parts) => parts.slice(0, -1).join(".")) : null;
  }
  const named = relationsIn(node);
  return named.length === 0 ? null : named;
};

/** Every table that a statement names, at any depth. */
const relationsIn = (tree: unknown): readonly string[] => {
  if (typeof tree !== "object" || tree === null) return [];
  const { relname, schemaname } = tree as { readonly relname?: unknown; readonly schemaname?: unknown };
  const own =
    typeof relname === "string"
      ? [typeof schemaname === "string" ? `${schemaname}.${relname}` : relname]
      : [];
  return [...own, ...Object.values(tree).flatMap(relationsIn)];
};
