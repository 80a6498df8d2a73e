import type { DeleteStmt, MergeStmt, Node, RangeVar, UpdateStmt } from "libpg-query";
import { all, as, runsNow, settingsOf, shown, strings, within } from "./nodes.ts";
import { type Hit, hit } from "./rules.ts";
import { isNew, keyOf, type Scene } from "./scene.ts";

/** What changes rows, at any depth: a CTE may delete, too. Bodies of functions do not run here. */
export const checkData = (node: Node, scene: Scene): readonly Hit[] => [
  ...checkCatalog(node),
  ...(runsNow(node) ? within(node, "UpdateStmt") : []).flatMap((update) => checkUpdate(update, scene)),
  ...(runsNow(node) ? within(node, "DeleteStmt") : []).flatMap((remove) => checkDelete(remove, scene)),
  ...(runsNow(node) ? within(node, "MergeStmt") : []).flatMap((merge) => checkMerge(merge, scene)),
  ...checkInsert(node, scene),
  ...checkCopy(node),
  ...checkReplicaRole(node),
  ...checkCalls(node),
];

const checkCatalog = (node: Node): readonly Hit[] =>
  (runsNow(node) ? tablesWritten(node) : [])
    .filter((table) => table?.schemaname === "pg_catalog" || CATALOG.test(shown(table)))
    .map((table) => hit("change-catalog", { table: shown(table) }));

const CATALOG = /^pg_\w+$/;

const tablesWritten = (node: Node): readonly (RangeVar | undefined)[] =>
  [
    ...within(node, "InsertStmt"),
    ...within(node, "UpdateStmt"),
    ...within(node, "DeleteStmt"),
    ...within(node, "MergeStmt"),
  ].map(({ relation }) => relation);

const checkUpdate = (update: UpdateStmt, scene: Scene): readonly Hit[] => {
  if (isNew(scene, update.relation)) return [];
  const table = shown(update.relation);
  const targets = all(update.targetList, "ResTarget");
  const identifier = targets.find(({ name = "" }) => IDENTIFIER.test(name) && !isAdded(update, name, scene));
  const oneNumber = isOneRow(update, scene);
  return [
    ...(isEverywhere(update.whereClause) && !isJoined(update)
      ? [everyRow(update, table, scene)]
      : oneNumber
        ? []
        : [hit("update-unbatched", { table })]),
    ...(identifier ? [hit("identifier-rewrite", { name: `${table}.${identifier.name ?? ""}` })] : []),
    ...(targets.some(({ name, val }) => readsItself(name ?? "", val)) && !comparesWithTarget(update)
      ? [hit("data-change-not-idempotent", { what: `Computes a new value of ${table} from its old one` })]
      : []),
  ];
};

const IDENTIFIER = /^(id|uuid|guid|tenant_id|org_id|organization_id|organisation_id|account_id)$/i;

const isAdded = ({ relation }: UpdateStmt, column: string, scene: Scene): boolean =>
  scene.tables.get(keyOf(scene, relation))?.added.get(column) === scene.file.index;

// Filling a column that the same file adds loses nothing, though it still holds every row.
const everyRow = (update: UpdateStmt, table: string, scene: Scene): Hit => {
  const columns = all(update.targetList, "ResTarget").map(({ name = "" }) => name);
  const backfill = columns.every((column) => isAdded(update, column, scene));
  return hit("update-without-where", { table }, backfill ? { class: "R2" } : {});
};

/** No WHERE, or one that every row passes: `true`, `1 = 1`. */
const isEverywhere = (where: Node | undefined): boolean => {
  if (where === undefined) return true;
  const constant = as(where, "A_Const");
  if (constant) return constant.boolval?.boolval === true;
  const comparison = as(where, "A_Expr");
  if (!comparison || strings(comparison.name).join() !== "=") return false;
  const [left, right] = [as(comparison.lexpr, "A_Const"), as(comparison.rexpr, "A_Const")];
  return left !== null && right !== null && valueText(left) === valueText(right);
};

const valueText = ({ location: _, ...value }: { location?: number }): string => JSON.stringify(value);

// UPDATE ... FROM joins: which rows it means is said by the join, if anywhere.
const isJoined = ({ fromClause, whereClause }: UpdateStmt): boolean =>
  (fromClause ?? []).length > 0 && whereClause !== undefined && !isEverywhere(whereClause);

/** `WHERE id = 5`: one row, and nobody need count. Which columns are keys the target says, else their names. */
export const isOneRow = (change: UpdateStmt | DeleteStmt, scene: Scene): boolean => {
  const joined = "usingClause" in change || "fromClause" in change;
  const column = joined ? null : equalled(change.whereClause);
  if (column === null) return false;
  const keys = scene.live?.[keyOf(scene, change.relation)]?.shape.keys;
  return keys ? keys.includes(column) : KEY.test(column);
};

const KEY = /^(id|uuid|guid)$/i;

/** The column in `column = 5`; null in every other comparison. */
const equalled = (where: Node | undefined): string | null => {
  const comparison = as(where, "A_Expr");
  if (comparison?.kind !== "AEXPR_OP" || strings(comparison.name).join() !== "=") return null;
  const constant = as(comparison.rexpr, "A_Const") ?? as(as(comparison.rexpr, "TypeCast")?.arg, "A_Const");
  return constant === null ? null : (strings(as(comparison.lexpr, "ColumnRef")?.fields).at(-1) ?? null);
};

const readsItself = (column: string, value: Node | undefined): boolean =>
  (as(value, "A_Expr") !== null || as(value, "FuncCall") !== null) &&
  !isIdempotent(value) &&
  within(value, "ColumnRef").some(({ fields }) => strings(fields).at(-1) === column);

// lower(lower(x)) is lower(x).
const isIdempotent = (value: Node | undefined): boolean => {
  const call = strings(as(value, "FuncCall")?.funcname).at(-1) ?? "";
  return ["lower", "upper", "trim", "btrim", "ltrim", "rtrim", "abs", "initcap"].includes(call);
};

/** `SET n = n + 1 WHERE n = 4` finds nothing the second time, and `WHERE n IS NULL`; `WHERE n > 4` may. */
const comparesWithTarget = ({ whereClause, targetList }: UpdateStmt): boolean => {
  const settled = new Set(conjuncts(whereClause).map((one) => equalled(one) ?? nullTested(one)));
  return all(targetList, "ResTarget").some(({ name }) => settled.has(name ?? ""));
};

const conjuncts = (where: Node | undefined): readonly (Node | undefined)[] => {
  const both = as(where, "BoolExpr");
  return both?.boolop === "AND_EXPR" ? (both.args ?? []).flatMap(conjuncts) : [where];
};

const nullTested = (node: Node | undefined): string | null => {
  const test = as(node, "NullTest");
  if (test?.nulltesttype !== "IS_NULL") return null;
  return strings(as(test.arg, "ColumnRef")?.fields).at(-1) ?? null;
};

const checkDelete = (remove: DeleteStmt, scene: Scene): readonly Hit[] => {
  if (isNew(scene, remove.relation)) return [];
  const table = shown(remove.relation);
  return [hit(isEverywhere(remove.whereClause) ? "delete-without-where" : "delete-rows", { table })];
};

const checkMerge = ({ relation, mergeWhenClauses }: MergeStmt, scene: Scene): readonly Hit[] => {
  if (isNew(scene, relation)) return [];
  const does = all(mergeWhenClauses, "MergeWhenClause").map(({ commandType }) => commandType);
  const table = shown(relation);
  if (does.includes("CMD_DELETE")) return [hit("delete-rows", { table })];
  return does.includes("CMD_UPDATE") ? [hit("update-unbatched", { table })] : [];
};

// A versioned migration runs once; a repeatable one again after every change of its text.
const checkInsert = (node: Node, scene: Scene): readonly Hit[] => {
  const insert = as(node, "InsertStmt");
  if (!insert || !scene.file.repeatable || insert.onConflictClause || isNew(scene, insert.relation))
    return [];
  if (within(insert.selectStmt, "SubLink").length > 0) return [];
  const what = `Inserts into ${shown(insert.relation)} in a repeatable migration`;
  return [hit("data-change-not-idempotent", { what })];
};

const checkCopy = (node: Node): readonly Hit[] => {
  const copy = as(node, "CopyStmt");
  if (copy?.is_program === true) return [hit("load-from-program")];
  return copy?.filename ? [hit("load-from-server-file")] : [];
};

const checkReplicaRole = (node: Node): readonly Hit[] => {
  const sets = settingsOf(node).filter(({ name }) => name === "session_replication_role");
  return sets.some(({ values }) => values.includes("replica")) ? [hit("bypass-triggers")] : [];
};

/** Functions that drop what is old: of TimescaleDB, and of pg_partman. */
const RETENTION: ReadonlySet<string> = new Set([
  "drop_chunks",
  "add_retention_policy",
  "drop_partition_time",
  "drop_partition_id",
]);

const checkCalls = (node: Node): readonly Hit[] =>
  within(as(node, "SelectStmt"), "FuncCall")
    .map(({ funcname }) => strings(funcname).at(-1) ?? "")
    .flatMap((name) => {
      if (name === "pg_drop_replication_slot")
        return [hit("drop-replication", { name: "a replication slot" })];
      if (name === "lo_unlink") return [hit("delete-rows", { table: "large objects" })];
      return RETENTION.has(name) ? [hit("drop-chunks", { name: `${name}()` })] : [];
    });
