import { writeColumnGrants, writeComment, writeGrants } from "./write-access.ts";
import type { Pair, RelationFacts } from "./write-facts.ts";
import { writeIndexes } from "./write-index.ts";
import { identifier, literal, sqlName } from "./write-names.ts";
import { writePartComments } from "./write-part-comments.ts";
import type { Piece } from "./write-piece.ts";
import { type Forced, optionText, writeOptions, writeRelationParts } from "./write-relation.ts";

/** Views and materialized views. `again`: it has to be dropped and made anew, where this condition is true. */
export const writeView = (
  pair: Pair<RelationFacts>,
  again: string | null,
  forced: Forced,
): readonly Piece[] => {
  const { address, name, from, to } = pair;
  const view = sqlName(name);
  const stored = name.kind === "materialized view";
  const kind = stored ? "MATERIALIZED VIEW" : "VIEW";
  const drop = { address, sql: `DROP ${kind} ${view}` };
  if (to === null) return [{ ...drop, step: "remove", again: `DROP ${kind} IF EXISTS ${view}` }];
  const made = from === null || again !== null ? null : from;
  const options = to.options?.length ? ` WITH (${to.options.map(optionText).join(", ")})` : "";
  const body = `AS\n${(to.definition ?? "").trimEnd().replace(/;$/, "")}`;
  const create: Piece = stored
    ? {
        address,
        step: "make",
        sql: `CREATE MATERIALIZED VIEW ${view}${options} ${body}`,
        again: `CREATE MATERIALIZED VIEW IF NOT EXISTS ${view}${options} ${body}`,
      }
    : { address, step: "make", sql: `CREATE OR REPLACE VIEW ${view}${options} ${body}` };
  const fresh = { ...pair, from: made };
  return [
    ...(from !== null && again !== null ? [{ ...drop, step: "drop views", needed: again } as const] : []),
    ...(made === null || made.definition !== to.definition ? [create] : []),
    ...(made === null ? [] : writeOptions(address, `${kind} ${view}`, made.options, to.options)),
    ...writeComment(address, `${kind} ${view}`, made?.comment, to.comment),
    ...Object.entries(to.columns ?? {}).flatMap(([column, { comment }]) =>
      writeComment(
        address,
        `COLUMN ${view}.${identifier(column)}`,
        made?.columns?.[column]?.comment,
        comment,
      ),
    ),
    ...writeIndexes(fresh, made === null),
    ...writeRelationParts(fresh, forced),
    ...writeGrants(address, `TABLE ${view}`, made?.grants, to.grants),
    ...writeColumnGrants(address, view, made, to),
    ...writePartComments(fresh, forced),
  ];
};

/** Null where the view may be replaced; else the condition under which it is not yet the wanted one. */
export const mustRemakeView = ({ name, from, to }: Pair<RelationFacts>): string | null => {
  if (from === null || to === null) return null;
  const regclass = `to_regclass(${literal(sqlName(name))})`;
  if (name.kind === "materialized view")
    return from.definition === to.definition
      ? null
      : `pg_get_viewdef(${regclass}) IS DISTINCT FROM ${literal(to.definition ?? "")}`;
  const [before, after] = [columnsOf(from), columnsOf(to)];
  if (before.every((column, index) => column === after[index])) return null;
  return `(SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = ${regclass} AND attnum > 0 AND NOT attisdropped) IS DISTINCT FROM ${literal(after.join(", "))}`;
};

const columnsOf = ({ columns }: RelationFacts): readonly string[] =>
  Object.entries(columns ?? {}).map(([name, { type }]) => `${name} ${type}`);
