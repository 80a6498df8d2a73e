import type { AlterTableCmd, AlterTableStmt, Node, RangeVar } from "libpg-query";
import { checkAddColumn } from "./check-add-column.ts";
import { checkColumnType } from "./check-column-type.ts";
import { checkAddConstraint } from "./check-constraint.ts";
import { checkSequenceOptions } from "./check-sequence.ts";
import { all, as, optionOn, optionText, shown } from "./nodes.ts";
import { type Hit, hit } from "./rules.ts";
import { isNew, isNewKey, keyOf, type Scene } from "./scene.ts";

/** ALTER TABLE and its like, command by command. */
export const checkAlterTable = (node: Node, scene: Scene): readonly Hit[] => {
  const alter = as(node, "AlterTableStmt");
  if (!alter) return [];
  if (alter.objtype === "OBJECT_TYPE") return [hit("alter-type", { name: shown(alter.relation) })];
  const commands = all(alter.cmds, "AlterTableCmd");
  return [
    ...commands.flatMap((command) => checkCommand(command, alter, scene)),
    ...checkContract(alter, commands, scene),
  ];
};

const checkCommand = (
  command: AlterTableCmd,
  { relation, objtype }: AlterTableStmt,
  scene: Scene,
): readonly Hit[] => {
  const table = shown(relation);
  if (command.subtype === "AT_DropColumn") return checkDropColumn(command, relation, scene);
  const owner = command.subtype === "AT_ChangeOwner";
  if (isNew(scene, relation)) return [];
  if (owner) return [hit("change-owner", { name: table })];
  if (command.subtype === "AT_SetTableSpace")
    return [hit("table-rewrite", { what: "SET TABLESPACE", name: table })];
  if (objtype === "OBJECT_VIEW") return checkInvoker(command, table);
  if (objtype !== "OBJECT_TABLE" && objtype !== "OBJECT_FOREIGN_TABLE") return [];
  const column = as(command.def, "ColumnDef");
  if (command.subtype === "AT_AddColumn" && column) return checkAddColumn(column, relation, scene);
  if (command.subtype === "AT_AlterColumnType" && column)
    return checkColumnType(command.name ?? "", column, relation, scene);
  const constraint = as(command.def, "Constraint");
  if (command.subtype === "AT_AddConstraint" && constraint) return checkAddConstraint(constraint, relation);
  return [
    ...checkColumn(command, relation, scene),
    ...checkPartition(command, table, scene),
    ...checkTable(command, table),
    ...checkCascade(command, table),
  ];
};

const checkDropColumn = (
  { name = "", behavior }: AlterTableCmd,
  relation: RangeVar | undefined,
  scene: Scene,
): readonly Hit[] => {
  const key = keyOf(scene, relation);
  const added = scene.tables.get(key)?.added.get(name) === scene.file.index;
  if (isNewKey(scene, key) || added) return [];
  const values = { name: `${shown(relation)}.${name}` };
  return [hit("drop-column", values), ...(behavior === "DROP_CASCADE" ? [hit("drop-cascade", values)] : [])];
};

const checkColumn = (
  command: AlterTableCmd,
  relation: RangeVar | undefined,
  scene: Scene,
): readonly Hit[] => {
  const { name: column = "", subtype, def } = command;
  const name = `${shown(relation)}.${column}`;
  switch (subtype) {
    case "AT_SetNotNull":
      return isProven(scene, relation, column) ? [] : [hit("set-not-null", { name, column })];
    case "AT_DropNotNull":
      return [hit("drop-not-null", { name })];
    case "AT_ColumnDefault":
      return def === undefined ? [hit("drop-default", { name })] : [];
    case "AT_AddIdentity":
      return [hit("change-identity", { name, what: "every insert takes its number from a new sequence" })];
    case "AT_DropIdentity":
      return [hit("change-identity", { name, what: "inserts must bring the number themselves" })];
    case "AT_SetIdentity":
      return checkIdentity(command, name);
    case "AT_DropExpression":
    case "AT_SetExpression":
      return [
        hit("change-generated", { name }, { rewrite: subtype === "AT_SetExpression" ? "depends" : false }),
      ];
    default:
      return [];
  }
};

// The server has trusted a valid check since 12.
const isProven = (scene: Scene, relation: RangeVar | undefined, column: string): boolean => {
  const proofs = scene.tables.get(keyOf(scene, relation))?.proofs.values() ?? [];
  return scene.version >= 12 && [...proofs].some(({ valid, columns }) => valid && columns.includes(column));
};

const ALWAYS = String("a".charCodeAt(0));

const checkIdentity = ({ def }: AlterTableCmd, name: string): readonly Hit[] => {
  const options = as(def, "List")?.items;
  const generated = optionText(options, "generated");
  const what =
    generated === ALWAYS
      ? "inserts that bring a number of their own fail"
      : "a number that an insert brings may be taken, or come again";
  return [
    ...(optionText(options, "restart") === null ? [] : [hit("sequence-restart", { name })]),
    ...(generated === null ? [] : [hit("change-identity", { name, what }, { severity: "warn" })]),
    ...checkSequenceOptions(options, `of ${name}`),
  ];
};

const checkInvoker = ({ subtype, def }: AlterTableCmd, name: string): readonly Hit[] => {
  const options = as(def, "List")?.items;
  const reset = subtype === "AT_ResetRelOptions" && optionText(options, "security_invoker") !== null;
  const off = optionText(options, "security_invoker") !== null && !optionOn(options, "security_invoker");
  return reset || off
    ? [hit("row-security", { what: "Puts its owner's rights in the reader's place", name })]
    : [];
};

const checkPartition = ({ subtype, def }: AlterTableCmd, table: string, scene: Scene): readonly Hit[] => {
  const partition = as(def, "PartitionCmd");
  const values = { table, name: shown(partition?.name) };
  if (subtype === "AT_AttachPartition" && partition)
    return isNew(scene, partition.name) ? [] : [hit("attach-partition", values)];
  if (subtype !== "AT_DetachPartition") return [];
  return [hit(partition?.concurrent === true ? "detach-partition-concurrently" : "detach-partition", values)];
};

const checkTable = (
  { subtype = "AT_AddColumn", name = "" }: AlterTableCmd,
  table: string,
): readonly Hit[] => {
  const what = ROW_SECURITY[subtype];
  if (what) return [hit("row-security", { what, name: table })];
  const rewrites = REWRITES[subtype];
  if (rewrites) return [hit("table-rewrite", { what: rewrites, name: table })];
  if (subtype === "AT_DisableRule") return [hit("triggers-off", { table, what: `rule ${name}` })];
  if (TRIGGERS_OFF.has(subtype))
    return [hit("triggers-off", { table, what: name === "" ? "all triggers" : `trigger ${name}` })];
  switch (subtype) {
    case "AT_SetUnLogged":
      return [hit("set-unlogged", { name: table })];
    case "AT_DropConstraint":
      return [hit("drop-constraint", { name: `${table}.${name}` })];
    case "AT_AddInherit":
    case "AT_DropInherit":
      return [hit("change-inheritance", { name: table })];
    case "AT_ReplicaIdentity":
      return [hit("replica-identity", { name: table })];
    default:
      return [];
  }
};

// CASCADE takes foreign keys of other tables along with a key.
const checkCascade = ({ subtype, name = "", behavior }: AlterTableCmd, table: string): readonly Hit[] =>
  subtype === "AT_DropConstraint" && behavior === "DROP_CASCADE"
    ? [hit("drop-cascade", { name: `${table}.${name}` })]
    : [];

const ROW_SECURITY: Readonly<Record<string, string>> = {
  AT_EnableRowSecurity: "Turns row security on",
  AT_DisableRowSecurity: "Turns row security off",
  AT_ForceRowSecurity: "Forces row security on the owner too",
  AT_NoForceRowSecurity: "Spares the owner from row security",
};
const REWRITES: Readonly<Record<string, string>> = {
  AT_SetLogged: "SET LOGGED",
  AT_SetAccessMethod: "SET ACCESS METHOD",
};
const TRIGGERS_OFF: ReadonlySet<string> = new Set([
  "AT_DisableTrig",
  "AT_DisableTrigAll",
  "AT_DisableTrigUser",
  "AT_EnableReplicaTrig",
]);

const checkContract = (
  { relation }: AlterTableStmt,
  commands: readonly AlterTableCmd[],
  scene: Scene,
): readonly Hit[] => {
  const facts = scene.tables.get(keyOf(scene, relation));
  const addedHere = commands.flatMap(({ subtype, def }) =>
    subtype === "AT_AddColumn" ? [as(def, "ColumnDef")?.colname ?? ""] : [],
  );
  const before = [...(facts?.added ?? [])].filter(([, index]) => index === scene.file.index);
  const own = new Set([...addedHere, ...before.map(([column]) => column)]);
  const takes = commands.some(({ subtype, name = "" }) => subtype === "AT_DropColumn" && !own.has(name));
  if (!takes || own.size === 0 || isNewKey(scene, keyOf(scene, relation))) return [];
  return [hit("expand-and-contract", { name: shown(relation) })];
};
