import type { Node, RangeVar } from "libpg-query";
import { as, strings } from "./nodes.ts";
import { isNew, keyOf, madeKey, type Scene, type TableFacts } from "./scene.ts";

/** Takes in that something gets another name or schema: it is no newer than it was, whatever stood there before. */
export const learnMoved = (scene: Scene, node: Node): void => {
  learnMove(scene, node);
  learnRename(scene, node);
};

const learnMove = (scene: Scene, node: Node): void => {
  const move = as(node, "AlterObjectSchemaStmt");
  if (!move) return;
  const { relation, object, newschema = "" } = move;
  // A schema that holds what is old is not new as a whole.
  if (!(relation && isNew(scene, relation))) scene.made.delete(madeKey(scene, "schema", [newschema]));
  if (relation) moveTable(scene, relation, { ...relation, schemaname: newschema });
  const parts = partsOf(relation, object);
  for (const kind of new Set(Object.values(RENAMED).flat()))
    passOn(scene, kind, parts, [newschema, parts.at(-1) ?? ""]);
};

const partsOf = (relation: RangeVar | undefined, object: Node | undefined): readonly string[] =>
  relation
    ? [relation.schemaname, relation.relname].filter((part) => part !== undefined)
    : strings(as(object, "List")?.items ?? as(object, "ObjectWithArgs")?.objname);

const moveTable = (scene: Scene, from: RangeVar, to: RangeVar): void => {
  const facts = scene.tables.get(keyOf(scene, from));
  scene.tables.delete(keyOf(scene, from));
  const key = keyOf(scene, to);
  if (facts) scene.tables.set(key, facts);
  else scene.tables.delete(key);
};

const learnRename = (scene: Scene, node: Node): void => {
  const rename = as(node, "RenameStmt");
  if (!rename) return;
  const { relation, object, renameType = "", newname = "", subname = "" } = rename;
  const parts = renameType === "OBJECT_SCHEMA" ? [subname] : partsOf(relation, object);
  for (const kind of RENAMED[renameType] ?? []) passOn(scene, kind, parts, [...parts.slice(0, -1), newname]);
  if (!relation) return;
  if (renameType === "OBJECT_TABLE") moveTable(scene, relation, { ...relation, relname: newname });
  const facts = scene.tables.get(keyOf(scene, relation));
  if (renameType === "OBJECT_COLUMN" && facts)
    scene.tables.set(keyOf(scene, relation), withColumn(facts, subname, newname));
};

// ALTER TABLE takes views, sequences and indexes, too.
const RENAMED: Readonly<Record<string, readonly string[]>> = {
  OBJECT_TABLE: ["view", "sequence", "index"],
  OBJECT_VIEW: ["view"],
  OBJECT_MATVIEW: ["view"],
  OBJECT_SEQUENCE: ["sequence"],
  OBJECT_INDEX: ["index"],
  OBJECT_TYPE: ["type"],
  OBJECT_DOMAIN: ["type"],
  OBJECT_FUNCTION: ["function"],
  OBJECT_PROCEDURE: ["function"],
  OBJECT_ROUTINE: ["function"],
  OBJECT_SCHEMA: ["schema"],
};

const passOn = (scene: Scene, kind: string, from: readonly string[], to: readonly string[]): void => {
  const made = scene.made.get(madeKey(scene, kind, from));
  scene.made.delete(madeKey(scene, kind, from));
  if (made === undefined) scene.made.delete(madeKey(scene, kind, to));
  else scene.made.set(madeKey(scene, kind, to), made);
};

const withColumn = (facts: TableFacts, from: string, to: string): TableFacts => {
  const type = facts.columns.get(from);
  if (!type) return facts;
  const columns = new Map(facts.columns).set(to, type);
  columns.delete(from);
  return { ...facts, columns };
};
