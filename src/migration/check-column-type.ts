import type { ColumnDef, Node, RangeVar } from "libpg-query";
import type { SqlRewrite } from "../model/sql-lint.ts";
import { as, type SqlType, shown, shownType, typeOf } from "./nodes.ts";
import { type Hit, hit } from "./rules.ts";
import { keyOf, type Scene } from "./scene.ts";

/** ALTER COLUMN ... TYPE. Harmless only where a file before says from which type, and values and code both stay right. */
export const checkColumnType = (
  name: string,
  { typeName, raw_default, collClause }: ColumnDef,
  relation: RangeVar | undefined,
  scene: Scene,
): readonly Hit[] => {
  const to = typeOf(typeName);
  const from = scene.tables.get(keyOf(scene, relation))?.columns.get(name) ?? null;
  const rewrite = from === null ? "depends" : raw_default ? true : rewriteOf(from, to, scene.version);
  const sorted = collClause !== undefined;
  if (from !== null && rewrite === false && widens(from, to) && !sorted) return [];
  const cost = sorted && rewrite === false ? SORTED : costOf(rewrite, from);
  const values = { name: `${shown(relation)}.${name}`, type: shownType(to), cost };
  return [
    hit("change-column-type", values, { rewrite, ...(cutsOff(raw_default) ? { class: "R4" as const } : {}) }),
  ];
};

// Where it is written out, a cast to these cuts longer values off; without USING the server refuses them.
const CUTTING: ReadonlySet<string> = new Set(["varchar", "bpchar", "bit", "varbit"]);
const cutsOff = (using: Node | undefined): boolean => {
  const type = typeOf(as(using, "TypeCast")?.typeName);
  return CUTTING.has(type.name) && type.mods.length > 0;
};

const SORTED = "another collation may sort otherwise: its indexes are built again while everybody waits";

const costOf = (rewrite: SqlRewrite, from: SqlType | null): string => {
  if (rewrite === true)
    return `every row is written again from ${from ? shownType(from) : "its type"} while everybody waits`;
  if (rewrite === false) return "no row is written again, but code that reads it meets another type";
  return "unless the old type is binary-compatible, every row is written again while everybody waits";
};

/** Whether the server writes the table again for a change of type without USING. */
export const rewriteOf = (from: SqlType, to: SqlType, version: number): SqlRewrite => {
  if (from.array !== to.array) return true;
  // Of arrays the server relabels none whose elements get another size.
  if (from.array && shownType(from) !== shownType(to)) return true;
  if (from.name === to.name) return !sameOrWider(from, to);
  const pair = `${from.name} ${to.name}`;
  if (to.mods.length === 0 && RELABELLED.has(pair)) return false;
  // Only where the session's time zone is UTC.
  if (version >= 12 && (pair === "timestamp timestamptz" || pair === "timestamptz timestamp"))
    return sameOrWider(from, to) ? "depends" : true;
  return true;
};

const RELABELLED: ReadonlySet<string> = new Set(["varchar text", "text varchar", "cidr inet", "xml text"]);

const WIDENING: ReadonlySet<string> = new Set([
  "varchar",
  "varbit",
  "numeric",
  "timestamp",
  "timestamptz",
  "time",
  "timetz",
  "interval",
]);

// A numeric keeps its scale; every other type grows by its only modifier, or loses it.
const sameOrWider = (from: SqlType, to: SqlType): boolean => {
  const same = from.mods.join() === to.mods.join();
  if (same || !WIDENING.has(from.name)) return same;
  if (to.mods.length === 0) return true;
  if (from.mods.length === 0) return false;
  const [size = 0, scale = 0] = from.mods;
  const [newSize = 0, newScale = 0] = to.mods;
  return newSize >= size && newScale === scale;
};

const widens = (from: SqlType, to: SqlType): boolean =>
  from.name === to.name ? sameOrWider(from, to) : RELABELLED.has(`${from.name} ${to.name}`);
