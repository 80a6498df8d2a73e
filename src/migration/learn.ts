import type { AlterTableCmd, AlterTableStmt, CreateStmt, Node, RangeVar } from "libpg-query";
import { learnMade } from "./learn-made.ts";
import { learnMoved } from "./learn-moved.ts";
import { learnSettings } from "./learn-settings.ts";
import { learnTransaction } from "./learn-transaction.ts";
import { all, as, provenNotNull, strings, typeOf } from "./nodes.ts";
import { isLacking, keyMade, keyOf, keyOfParts, type Scene, type TableFacts, type Written } from "./scene.ts";

/**
 * Takes in what a statement leaves behind, for the rules that look at the next ones. One that may not run, in a block
 * under a condition, makes nothing for sure.
 */
export const learn = (scene: Scene, node: Node, isSure: boolean): void => {
  learnTables(scene, node, isSure);
  learnMoved(scene, node);
  if (isSure) learnMade(scene, node);
  learnSettings(scene, node);
  learnTransaction(scene, node);
};

/** Takes in what a routine would run, for the statements that call it. */
export const learnRoutine = (scene: Scene, written: Written): void => {
  const routine = as(written.node, "CreateFunctionStmt");
  if (!routine) return;
  const key = keyOfParts(scene, strings(routine.funcname));
  scene.routines.set(key, [...(scene.routines.get(key) ?? []), written]);
};

const learnTables = (scene: Scene, node: Node, isSure: boolean): void => {
  const create = as(node, "CreateStmt");
  if (create) learnCreate(scene, create, isSure);
  for (const inner of all(as(node, "CreateSchemaStmt")?.schemaElts, "CreateStmt")) {
    const schema = as(node, "CreateSchemaStmt")?.schemaname ?? scene.searchPath[0] ?? "public";
    learnCreate(scene, { ...inner, relation: { schemaname: schema, ...inner.relation } }, isSure);
  }
  const copied = as(node, "CreateTableAsStmt") ?? null;
  if (copied) learnNew(scene, copied.into?.rel, isSure && copied.if_not_exists !== true);
  const select = as(node, "SelectStmt");
  if (select?.intoClause) learnNew(scene, select.intoClause.rel, isSure);
  const alter = as(node, "AlterTableStmt");
  if (alter && alter.objtype !== "OBJECT_TYPE") learnAlter(scene, alter, isSure);
  const drop = as(node, "DropStmt");
  if (drop?.removeType === "OBJECT_TABLE")
    for (const { items } of all(drop.objects, "List")) scene.tables.delete(keyOfParts(scene, strings(items)));
};

const UNKNOWN: TableFacts = {
  createdIn: null,
  surelyNew: false,
  partitioned: false,
  partition: false,
  columns: new Map(),
  added: new Map(),
  proofs: new Map(),
};

const learnNew = (scene: Scene, range: RangeVar | undefined, surelyNew: boolean): void => {
  const key = keyMade(scene, range);
  const isSurely = surelyNew || isLacking(scene, key);
  scene.tables.set(key, { ...UNKNOWN, createdIn: scene.file.index, surelyNew: isSurely });
};

const learnCreate = (scene: Scene, create: CreateStmt, isSure: boolean): void => {
  const key = keyMade(scene, create.relation);
  const before = scene.tables.get(key);
  if (create.if_not_exists === true && before) return;
  const columns = all(create.tableElts, "ColumnDef");
  scene.tables.set(key, {
    ...UNKNOWN,
    createdIn: scene.file.index,
    surelyNew: (isSure && create.if_not_exists !== true) || isLacking(scene, key),
    partitioned: create.partspec !== undefined,
    partition: create.partbound !== undefined,
    columns: new Map(columns.map((column) => [column.colname ?? "", typeOf(column.typeName)])),
  });
  if (create.oncommit === "ONCOMMIT_DROP") scene.file.transaction.dropped.add(key);
};

const learnAlter = (scene: Scene, { relation, cmds }: AlterTableStmt, isSure: boolean): void => {
  const key = keyOf(scene, relation);
  for (const command of all(cmds, "AlterTableCmd")) {
    const facts = scene.tables.get(key) ?? UNKNOWN;
    scene.tables.set(key, afterCommand(scene, facts, command, isSure));
    const constraint = as(command.def, "Constraint");
    if (command.subtype === "AT_AddConstraint" && constraint?.conname)
      scene.file.transaction.constraints.add(`${key} ${constraint.conname}`);
    const partition = as(command.def, "PartitionCmd")?.name;
    if (partition) learnPartition(scene, partition, command.subtype === "AT_AttachPartition");
  }
};

const learnPartition = (scene: Scene, range: RangeVar, partition: boolean): void => {
  const key = keyOf(scene, range);
  scene.tables.set(key, { ...(scene.tables.get(key) ?? UNKNOWN), partition });
};

const afterCommand = (
  scene: Scene,
  facts: TableFacts,
  command: AlterTableCmd,
  isSure: boolean,
): TableFacts => {
  const { subtype, name = "", def } = command;
  const column = as(def, "ColumnDef");
  const columns = new Map(facts.columns);
  // IF NOT EXISTS: an older column of that name may be there, with another type and with values.
  if (subtype === "AT_AddColumn" && (command.missing_ok === true || !isSure)) return facts;
  if (subtype === "AT_AddColumn" && column) {
    columns.set(column.colname ?? "", typeOf(column.typeName));
    const added = new Map(facts.added).set(column.colname ?? "", scene.file.index);
    return { ...facts, columns, added };
  }
  if (subtype === "AT_AlterColumnType" && column)
    return { ...facts, columns: columns.set(name, typeOf(column.typeName)) };
  if (subtype === "AT_DropColumn") {
    columns.delete(name);
    return { ...facts, columns };
  }
  return { ...facts, proofs: proofsAfter(facts.proofs, command) };
};

const proofsAfter = (
  before: TableFacts["proofs"],
  { subtype, name = "", def }: AlterTableCmd,
): TableFacts["proofs"] => {
  const proofs = new Map(before);
  const constraint = as(def, "Constraint");
  if (subtype === "AT_AddConstraint" && constraint?.conname) {
    const columns = provenNotNull(constraint);
    if (columns.length > 0)
      proofs.set(constraint.conname, { columns, valid: constraint.skip_validation !== true });
  }
  const known = proofs.get(name);
  if (subtype === "AT_ValidateConstraint" && known) proofs.set(name, { ...known, valid: true });
  if (subtype === "AT_DropConstraint") proofs.delete(name);
  return proofs;
};
