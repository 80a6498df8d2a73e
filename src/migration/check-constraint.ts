import type { Constraint, Node, RangeVar } from "libpg-query";
import { all, as, shown, strings } from "./nodes.ts";
import { type Hit, hit } from "./rules.ts";
import { isMade, isNew, keyOf, type Scene } from "./scene.ts";

/** A constraint added to a table that may hold rows. */
export const checkAddConstraint = (
  constraint: Constraint,
  relation: RangeVar | undefined,
): readonly Hit[] => {
  const table = shown(relation);
  const { contype, conname, skip_validation, indexname, pktable, is_enforced } = constraint;
  const named = conname === undefined ? "" : ` ${conname}`;
  switch (contype) {
    case "CONSTR_UNIQUE":
    case "CONSTR_PRIMARY": {
      const what = contype === "CONSTR_PRIMARY" ? "a primary key" : "a unique constraint";
      return indexname === undefined ? [hit("add-unique", { table, what: `${what}${named}` })] : [];
    }
    case "CONSTR_EXCLUSION":
      return [hit("add-exclusion", { table })];
    case "CONSTR_FOREIGN":
      return skip_validation === true || is_enforced === false
        ? []
        : [
            hit("foreign-key-lock", {
              table,
              target: shown(pktable),
              cost: "every row is checked while writers of both wait",
            }),
          ];
    case "CONSTR_CHECK":
      return skip_validation === true || is_enforced === false
        ? []
        : [hit("constraint-not-valid", { table, what: `check${named}` })];
    case "CONSTR_NOTNULL": {
      const [column = ""] = strings(constraint.keys);
      return skip_validation === true ? [] : [hit("set-not-null", { name: `${table}.${column}`, column })];
    }
    default:
      return [];
  }
};

/** CREATE INDEX, and VALIDATE CONSTRAINT in the transaction that added it. */
export const checkIndex = (node: Node, scene: Scene): readonly Hit[] => {
  const index = as(node, "IndexStmt");
  if (!index) return checkValidate(node, scene);
  const { relation, concurrent, idxname = "without a name" } = index;
  if (isNew(scene, relation) || isMade(scene, "view", [relation?.relname ?? ""])) return [];
  const table = shown(relation);
  const key = keyOf(scene, relation);
  const partitioned =
    scene.tables.get(key)?.partitioned === true || scene.live?.[key]?.shape.partitioned === true;
  // ONLY builds nothing where partitions hold the rows, and everything where the table does.
  const only = relation?.inh !== true && partitioned;
  if (partitioned && concurrent === true) return [hit("index-concurrently-partitioned", { table })];
  if (concurrent === true || only) return [];
  return [hit("index-not-concurrent", { name: idxname, table })];
};

const checkValidate = (node: Node, scene: Scene): readonly Hit[] => {
  const alter = as(node, "AlterTableStmt");
  if (!alter || isNew(scene, alter.relation)) return [];
  const key = keyOf(scene, alter.relation);
  const { constraints, explicit } = scene.file.transaction;
  return all(alter.cmds, "AlterTableCmd")
    .filter(({ subtype, name }) => subtype === "AT_ValidateConstraint" && constraints.has(`${key} ${name}`))
    .map(({ name = "" }) =>
      hit(
        "validate-in-same-transaction",
        { name: `${shown(alter.relation)}.${name}` },
        { severity: explicit ? "error" : "warn" },
      ),
    );
};

/** CREATE TABLE ... PARTITION OF a table that others use. */
export const checkPartitionOf = (node: Node, scene: Scene): readonly Hit[] => {
  const create = as(node, "CreateStmt");
  const parent = create?.partbound === undefined ? undefined : all(create.inhRelations, "RangeVar")[0];
  if (!create || !parent || isNew(scene, parent)) return [];
  return [hit("create-partition", { name: shown(create.relation), table: shown(parent) })];
};

/** CREATE TRIGGER on a table that others write to. */
export const checkTrigger = (node: Node, scene: Scene): readonly Hit[] => {
  const trigger = as(node, "CreateTrigStmt");
  if (!trigger || isNew(scene, trigger.relation) || isMade(scene, "view", [trigger.relation?.relname ?? ""]))
    return [];
  return [hit("create-trigger", { name: trigger.trigname ?? "", table: shown(trigger.relation) })];
};
