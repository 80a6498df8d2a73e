import { entriesOf, type Pair, type RelationFacts } from "./write-facts.ts";
import { identifier, literal, sqlName } from "./write-names.ts";
import type { Piece } from "./write-piece.ts";
import type { Forced } from "./write-relation.ts";

export interface ConstraintSurroundings {
  readonly forced: Forced;
  /** Whether a foreign key refers to a table whose key is only made at the end. */
  readonly lateKey: (definition: string) => boolean;
  /** The table becomes part of another one: everything is checked at once, before that. */
  readonly joins: boolean;
  /** It was part of another one: what it had of that goes once it is free. */
  readonly leaves: boolean;
}

const OPEN = " NOT VALID";

/** Constraints of a table that is there. New ones are checked in a second transaction, keys built beforehand. */
export const writeConstraints = (
  pair: Pair<RelationFacts>,
  { forced, lateKey, joins, leaves }: ConstraintSurroundings,
): readonly Piece[] => {
  const place = { ...placeOf(pair), leaves };
  return entriesOf(pair.from?.constraints, pair.to?.constraints).flatMap(
    ([name, before, after]): readonly Piece[] => {
      if (after === undefined) return before === undefined ? [] : [dropConstraint(place, name, before, null)];
      const forcing = before === undefined ? null : forced(before);
      if (before === after && forcing === null) return [];
      if (before === `${after}${OPEN}` && forcing === null) return [validate(place, name)];
      const changed = `(SELECT pg_get_constraintdef(oid) FROM ${constraintAt(place, name)}) IS DISTINCT FROM ${literal(after)}`;
      return [
        ...(before === undefined ? [] : [dropConstraint(place, name, before, forcing ?? changed)]),
        ...addConstraint(place, name, after, { late: lateKey(after), atOnce: joins }),
      ];
    },
  );
};

interface ConstraintPlace {
  readonly address: string;
  readonly table: string;
  readonly partitioned: boolean;
  readonly leaves?: boolean;
}

const placeOf = ({ address, name, to }: Pair<RelationFacts>): ConstraintPlace => ({
  address,
  table: sqlName(name),
  partitioned: to?.partition_by !== undefined,
});

const constraintAt = ({ table }: ConstraintPlace, name: string): string =>
  `pg_constraint WHERE conrelid = to_regclass(${literal(table)}) AND conname = ${literal(name)}`;

const isForeignKey = (definition: string): boolean => definition.startsWith("FOREIGN KEY");

const dropConstraint = (
  { address, table, leaves }: ConstraintPlace,
  name: string,
  definition: string,
  needed: string | null,
): Piece => ({
  address,
  step: leaves ? "make" : isForeignKey(definition) ? "drop foreign keys" : "drop constraints",
  sql: `ALTER TABLE ${table} DROP CONSTRAINT ${leaves ? "IF EXISTS " : ""}${identifier(name)}`,
  again: `ALTER TABLE IF EXISTS ${table} DROP CONSTRAINT IF EXISTS ${identifier(name)}`,
  needed,
});

const validate = ({ address, table }: ConstraintPlace, name: string): Piece => ({
  address,
  step: "validate",
  sql: `ALTER TABLE ${table} VALIDATE CONSTRAINT ${identifier(name)}`,
});

/** Adds one to a table with rows in it. */
const addConstraint = (
  place: ConstraintPlace,
  name: string,
  definition: string,
  { late, atOnce }: { readonly late: boolean; readonly atOnce: boolean },
): readonly Piece[] => {
  const add = (text: string): Piece => ({
    address: place.address,
    step: late ? "validate" : "constrain",
    sql: `ALTER TABLE ${place.table} ADD CONSTRAINT ${identifier(name)} ${text}`,
    needed: `NOT EXISTS (SELECT FROM ${constraintAt(place, name)})`,
  });
  if (atOnce) return [add(definition)];
  const key = place.partitioned ? null : keyOf(definition);
  if (key) return addKey(place, name, key);
  const checked = /^(CHECK|FOREIGN KEY) /.test(definition) && !/ NOT (VALID|ENFORCED)$/.test(definition);
  if (!checked || late || (isForeignKey(definition) && place.partitioned)) return [add(definition)];
  return [add(`${definition}${OPEN}`), validate(place, name)];
};

interface Key {
  readonly kind: string;
  readonly columns: string;
  readonly deferrable: string;
}

const COLUMNS = String.raw`\((?:"(?:[^"]|"")*"|[^")])*\)`;
const KEY = new RegExp(
  `^(UNIQUE|PRIMARY KEY)( NULLS NOT DISTINCT)? (${COLUMNS})( INCLUDE ${COLUMNS})?( DEFERRABLE.*)?$`,
);

const keyOf = (definition: string): Key | null => {
  const [, kind, nulls = "", columns, included = "", deferrable = ""] = KEY.exec(definition) ?? [];
  if (kind === undefined || columns === undefined || columns.includes(" WITHOUT OVERLAPS")) return null;
  return { kind, columns: `${columns}${included}${nulls}`, deferrable };
};

/** Whether a new constraint of a table that is there becomes a key only at the end. */
export const isLateKey = (definition: string): boolean => keyOf(definition) !== null;

const addKey = (place: ConstraintPlace, name: string, key: Key): readonly Piece[] => {
  const { address, table } = place;
  const own = identifier(name);
  const create = (guard: string) =>
    `CREATE UNIQUE INDEX CONCURRENTLY ${guard}${own} ON ${table} ${key.columns}`;
  return [
    { address, step: "index concurrently", sql: create(""), again: create("IF NOT EXISTS ") },
    {
      address,
      step: "validate",
      sql: `ALTER TABLE ${table} ADD CONSTRAINT ${own} ${key.kind} USING INDEX ${own}${key.deferrable}`,
      needed: `NOT EXISTS (SELECT FROM ${constraintAt(place, name)})`,
    },
  ];
};

/** Constraints of a new table: those that its CREATE TABLE holds, and those that are added when all tables are there. */
export const constraintsOfNew = (
  pair: Pair<RelationFacts>,
  lateKey: ConstraintSurroundings["lateKey"],
): { readonly inline: readonly string[]; readonly after: readonly Piece[] } => {
  const place = placeOf(pair);
  const all = Object.entries(pair.to?.constraints ?? {});
  const isInline = (text: string) => !isForeignKey(text) && !text.endsWith(OPEN);
  return {
    inline: all
      .filter(([, text]) => isInline(text))
      .map(([name, text]) => `CONSTRAINT ${identifier(name)} ${text}`),
    after: all
      .filter(([, text]) => !isInline(text))
      .map(([name, text]) => ({
        address: place.address,
        step: lateKey(text) ? "validate" : "constrain",
        sql: `ALTER TABLE ${place.table} ADD CONSTRAINT ${identifier(name)} ${text}`,
        needed: `NOT EXISTS (SELECT FROM ${constraintAt(place, name)})`,
      })),
  };
};
