import type { Node, RangeVar } from "libpg-query";
import type { SchemaContext } from "../model/schema-context.ts";
import { all, as, runsNow, strings, within } from "./nodes.ts";
import { keyOf, keyOfParts, type Scene } from "./scene.ts";

/** The live tables that a statement changes, locks or takes away; those that other files of the run make are none. */
export const tablesTouched = (node: Node, scene: Scene, context: SchemaContext): readonly string[] => {
  const keys = [
    ...rangesOf(node).map((range) => keyOf(scene, range)),
    ...droppedBy(node, scene).map((key) => ownerOfIndex(key, context) ?? key),
  ];
  return [...new Set(keys)].filter((key) => Object.hasOwn(context.tables, key));
};

const rangesOf = (node: Node): readonly RangeVar[] =>
  [
    ...own(node),
    ...all(as(node, "TruncateStmt")?.relations, "RangeVar"),
    ...all(as(node, "LockStmt")?.relations, "RangeVar"),
    ...all(as(node, "VacuumStmt")?.rels, "VacuumRelation").map(({ relation }) => relation),
    ...(runsNow(node)
      ? [
          ...within(node, "UpdateStmt").map(({ relation }) => relation),
          ...within(node, "DeleteStmt").map(({ relation }) => relation),
          ...within(node, "MergeStmt").map(({ relation }) => relation),
        ]
      : []),
  ].filter((range) => range !== undefined);

const own = (node: Node): readonly (RangeVar | undefined)[] => [
  as(node, "AlterTableStmt")?.relation,
  as(node, "IndexStmt")?.relation,
  as(node, "CreateTrigStmt")?.relation,
  as(node, "RenameStmt")?.relation,
  as(node, "ClusterStmt")?.relation,
  as(node, "ReindexStmt")?.relation,
  as(node, "RefreshMatViewStmt")?.relation,
  as(node, "AlterObjectSchemaStmt")?.relation,
  as(node, "CreatePolicyStmt")?.table,
];

const droppedBy = (node: Node, scene: Scene): readonly string[] => {
  const drop = as(node, "DropStmt");
  const tables = drop?.removeType === "OBJECT_TABLE" || drop?.removeType === "OBJECT_MATVIEW";
  if (!tables && drop?.removeType !== "OBJECT_INDEX") return [];
  return all(drop.objects, "List").map(({ items }) => keyOfParts(scene, strings(items)));
};

const ownerOfIndex = (key: string, { tables }: SchemaContext): string | undefined =>
  Object.entries(tables).find(([, { indexes }]) => indexes.some(({ name }) => name === key))?.[0];
