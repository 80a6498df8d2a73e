import type { DeleteStmt, InsertStmt, MergeStmt, Node, UpdateStmt } from "libpg-query";
import type { DataChange } from "../model/schema-context.ts";
import { isOneRow } from "./check-data.ts";
import { all, as, runsNow, within } from "./nodes.ts";
import { reachedFrom } from "./reached.ts";
import { isNew, keyOf, type Scene } from "./scene.ts";
import type { Statement } from "./script.ts";

type Counted = Pick<DataChange, "table" | "counted" | "rows">;

/** What a statement does to rows that are there, each with how many they may be at most. */
export const dataChanges = (
  node: Node,
  { place, copyData }: Pick<Statement, "place" | "copyData">,
  scene: Scene,
  file: string,
): readonly DataChange[] => {
  if (!runsNow(node)) return [];
  const copied = copyData === null ? undefined : as(node, "CopyStmt")?.relation;
  const rows = (copyData ?? "").split("\n").filter(Boolean).length;
  const counted = [
    ...within(node, "UpdateStmt").flatMap((update) => updated(update, scene)),
    ...within(node, "DeleteStmt").flatMap((remove) => removed(remove, scene)),
    ...within(node, "MergeStmt").flatMap((merge) => merged(merge, scene)),
    ...within(node, "InsertStmt").flatMap((insert) => inserted(insert, scene)),
    ...(copied ? [{ table: keyOf(scene, copied), counted: null, rows }] : []),
  ];
  return counted.map((each) => ({ file, line: place.line, ...each }));
};

const ONE = { counted: null, rows: 1 };

const counting = (counted: string, { live }: Scene): Pick<Counted, "counted" | "rows"> => ({
  counted,
  rows: live?.[counted]?.rows ?? null,
});

const updated = (update: UpdateStmt, scene: Scene): readonly Counted[] => {
  if (isNew(scene, update.relation)) return [];
  const table = keyOf(scene, update.relation);
  return [{ table, ...(isOneRow(update, scene) ? ONE : counting(table, scene)) }];
};

const removed = (remove: DeleteStmt, scene: Scene): readonly Counted[] => {
  if (isNew(scene, remove.relation)) return [];
  const table = keyOf(scene, remove.relation);
  const own = { table, ...(isOneRow(remove, scene) ? ONE : counting(table, scene)) };
  return [own, ...following(table, scene)];
};

// ON DELETE CASCADE and SET NULL reach rows of other tables, and from there of others again.
const following = (table: string, scene: Scene): readonly Counted[] =>
  reachedFrom(table, (from) => scene.live?.[from]?.shape.followers ?? []).map((follower) => ({
    table: follower,
    ...counting(follower, scene),
  }));

const merged = (merge: MergeStmt, scene: Scene): readonly Counted[] => {
  if (isNew(scene, merge.relation)) return [];
  const table = keyOf(scene, merge.relation);
  const does = all(merge.mergeWhenClauses, "MergeWhenClause").map(({ commandType }) => commandType);
  const added = does.includes("CMD_INSERT") ? sourcesOf(merge.sourceRelation, merge.withClause, scene) : [];
  return [
    { table, ...counting(table, scene) },
    ...(does.includes("CMD_DELETE") ? following(table, scene) : []),
    ...added.map((source) => ({ table, ...counting(source, scene) })),
  ];
};

const inserted = ({ relation, selectStmt, withClause }: InsertStmt, scene: Scene): readonly Counted[] =>
  sourcesOf([selectStmt, withClause], withClause, scene).map((source) => ({
    table: keyOf(scene, relation),
    ...counting(source, scene),
  }));

// A table that the same run makes holds what the run puts there, and the rehearsal counts that.
const sourcesOf = (read: unknown, named: unknown, scene: Scene): readonly string[] => {
  const names = new Set(within(named, "CommonTableExpr").map(({ ctename }) => ctename));
  return within(read, "RangeVar")
    .filter((range) => !isNew(scene, range) && !names.has(range.relname))
    .map((range) => keyOf(scene, range));
};
