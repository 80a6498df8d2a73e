import { entriesOf, type Pair, type RelationFacts } from "./write-facts.ts";
import { identifier, literal, sqlName } from "./write-names.ts";
import type { Piece } from "./write-piece.ts";

/** Indexes that no constraint made. `fresh`: the relation is made by the same change, so that nobody waits for it. */
export const writeIndexes = (pair: Pair<RelationFacts>, fresh: boolean): readonly Piece[] => {
  const { address, name, from, to } = pair;
  // A partitioned table knows no CONCURRENTLY.
  const atOnce = fresh || to?.partition_by !== undefined;
  return entriesOf(fresh ? undefined : from?.indexes, to?.indexes).flatMap(
    ([index, before, after]): readonly Piece[] => {
      const place: IndexPlace = { address, index, qualified: sqlName({ ...name, name: index }) };
      if (after === undefined) return [dropIndex(place, index, atOnce)];
      if (!after.valid && before?.valid !== false)
        return [
          {
            address,
            path: `indexes.${index}`,
            why: "an invalid index is what a failed CREATE INDEX CONCURRENTLY leaves: drop it or REINDEX it by hand",
          },
        ];
      if (before === undefined) return [createIndex(place, after.definition, atOnce)];
      if (before.definition === after.definition && before.valid === after.valid) return [];
      return replaceIndex(place, after.definition, before.definition === after.definition, atOnce);
    },
  );
};

interface IndexPlace {
  readonly address: string;
  readonly index: string;
  readonly qualified: string;
}

const HEAD = /^CREATE (UNIQUE )?INDEX ("(?:[^"]|"")+"|\S+) ON (ONLY )?/;

const createIndex = ({ address, index }: IndexPlace, definition: string, atOnce: boolean): Piece => {
  const head = HEAD.exec(definition);
  const create = (how: string) =>
    `CREATE ${head?.[1] ?? ""}INDEX ${how}${identifier(index)} ON ${definition.replace(HEAD, "")}`;
  const way = atOnce ? "" : "CONCURRENTLY ";
  return {
    address,
    step: atOnce ? "index" : "index concurrently",
    sql: create(way),
    again: create(`${way}IF NOT EXISTS `),
  };
};

// It may have gone with its column.
const dropIndex = (place: IndexPlace, index: string, atOnce: boolean): Piece => {
  const name = place.qualified.slice(0, -identifier(place.index).length) + identifier(index);
  return {
    address: place.address,
    step: atOnce ? "drop constraints" : "drop indexes concurrently",
    sql: `DROP INDEX ${atOnce ? "" : "CONCURRENTLY "}IF EXISTS ${name}`,
  };
};

// The old one serves until the new one is there.
const replaceIndex = (
  place: IndexPlace,
  definition: string,
  onlyInvalid: boolean,
  atOnce: boolean,
): readonly Piece[] => {
  const regclass = `to_regclass(${literal(place.qualified)})`;
  const needed = onlyInvalid
    ? `EXISTS (SELECT FROM pg_index WHERE indexrelid = ${regclass} AND NOT indisvalid)`
    : `pg_get_indexdef(${regclass}) IS DISTINCT FROM ${literal(definition)}`;
  if (atOnce)
    return [{ ...dropIndex(place, place.index, true), needed }, createIndex(place, definition, true)];
  const aside = `${place.index.slice(0, 54)}_replaced`;
  return [
    {
      address: place.address,
      step: "describe",
      sql: `ALTER INDEX IF EXISTS ${place.qualified} RENAME TO ${identifier(aside)}`,
      needed,
    },
    createIndex(place, definition, false),
    dropIndex(place, aside, false),
  ];
};
