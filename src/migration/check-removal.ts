import type { DropStmt, Node } from "libpg-query";
import { all, as, shown, strings } from "./nodes.ts";
import { type Hit, hit, type RuleId } from "./rules.ts";
import { isMade, isNewKey, keyOf, keyOfParts, type Scene } from "./scene.ts";

/** What takes away tables, rows or objects. */
export const checkRemoval = (node: Node, scene: Scene): readonly Hit[] => {
  const drop = as(node, "DropStmt");
  if (drop) return checkDrop(drop, scene);
  const truncate = as(node, "TruncateStmt");
  if (truncate) {
    const tables = all(truncate.relations, "RangeVar").filter(
      (table) => !isNewKey(scene, keyOf(scene, table)),
    );
    const cascade = truncate.behavior === "DROP_CASCADE" && tables.length > 0;
    const name = tables.map(shown).join(", ");
    return tables.length === 0
      ? []
      : [hit("truncate", { name: cascade ? `${name} and every table that refers to it` : name })];
  }
  const owned = all(as(node, "DropOwnedStmt")?.roles, "RoleSpec");
  if (owned.length > 0)
    return [hit("drop-owned", { name: owned.map(({ rolename }) => rolename).join(", ") })];
  const database = as(node, "DropdbStmt")?.dbname;
  if (database) return [hit("drop-database", { name: database })];
  const subscription = as(node, "DropSubscriptionStmt")?.subname;
  return subscription ? [hit("drop-replication", { name: `subscription ${subscription}` })] : [];
};

const checkDrop = (drop: DropStmt, scene: Scene): readonly Hit[] => {
  const dropped = (drop.objects ?? []).map(partsOf).filter((parts) => !goesUnnoticed(drop, parts, scene));
  if (dropped.length === 0) return [];
  const name = dropped.map((parts) => parts.join(".")).join(", ");
  const found = ruleFor(drop, dropped, scene);
  const cascade = drop.behavior === "DROP_CASCADE" ? [hit("drop-cascade", { name })] : [];
  return found === null ? cascade : [hit(found, { name, what: "Drops a policy" }), ...cascade];
};

const partsOf = (object: Node): readonly string[] => {
  const list = as(object, "List");
  if (list) return strings(list.items);
  const type = as(object, "TypeName");
  if (type) return strings(type.names);
  const routine = as(object, "ObjectWithArgs");
  if (routine) return strings(routine.objname);
  const name = as(object, "String")?.sval;
  return name === undefined ? [] : [name];
};

// What the same run made may be taken away again; of a trigger or policy, also with its table.
const goesUnnoticed = (drop: DropStmt, parts: readonly string[], scene: Scene): boolean => {
  const removeType: string = drop.removeType ?? "";
  if (removeType === "OBJECT_TABLE" || removeType === "OBJECT_FOREIGN_TABLE")
    return isNewKey(scene, keyOfParts(scene, parts));
  const kind = MADE_AS[removeType];
  if (kind === "trigger" || kind === "policy")
    return isNewKey(scene, keyOfParts(scene, parts.slice(0, -1))) || isMade(scene, kind, parts.slice(-1));
  return kind !== undefined && isMade(scene, kind, parts);
};

const MADE_AS: Readonly<Record<string, string>> = {
  OBJECT_TYPE: "type",
  OBJECT_DOMAIN: "type",
  OBJECT_VIEW: "view",
  OBJECT_MATVIEW: "view",
  OBJECT_FUNCTION: "function",
  OBJECT_PROCEDURE: "function",
  OBJECT_ROUTINE: "function",
  OBJECT_SEQUENCE: "sequence",
  OBJECT_SCHEMA: "schema",
  OBJECT_INDEX: "index",
  OBJECT_TRIGGER: "trigger",
  OBJECT_RULE: "trigger",
  OBJECT_POLICY: "policy",
};

const ruleFor = (drop: DropStmt, dropped: readonly (readonly string[])[], scene: Scene): RuleId | null => {
  const removeType: string = drop.removeType ?? "";
  if (removeType === "OBJECT_TABLE") {
    const partitions = dropped.every(
      (parts) => scene.tables.get(keyOfParts(scene, parts))?.partition === true,
    );
    return partitions ? "drop-partition" : "drop-table";
  }
  if (removeType === "OBJECT_INDEX") return drop.concurrent === true ? null : "drop-index-not-concurrent";
  return DROP_RULES[removeType] ?? null;
};

const DROP_RULES: Readonly<Record<string, RuleId>> = {
  OBJECT_FOREIGN_TABLE: "drop-view",
  OBJECT_SCHEMA: "drop-schema",
  OBJECT_TYPE: "drop-type",
  OBJECT_DOMAIN: "drop-type",
  OBJECT_VIEW: "drop-view",
  OBJECT_MATVIEW: "drop-view",
  OBJECT_FUNCTION: "drop-function",
  OBJECT_PROCEDURE: "drop-function",
  OBJECT_ROUTINE: "drop-function",
  OBJECT_AGGREGATE: "drop-function",
  OBJECT_OPERATOR: "drop-function",
  OBJECT_CAST: "drop-function",
  OBJECT_SEQUENCE: "drop-sequence",
  OBJECT_TRIGGER: "drop-trigger",
  OBJECT_RULE: "drop-trigger",
  OBJECT_EVENT_TRIGGER: "drop-trigger",
  OBJECT_POLICY: "change-policy",
  OBJECT_EXTENSION: "drop-extension",
  OBJECT_PUBLICATION: "drop-replication",
  OBJECT_FOREIGN_SERVER: "drop-extension",
};
