import { writeComment, writeGrants } from "./write-access.ts";
import type { Pair, SequenceFacts } from "./write-facts.ts";
import { sqlName } from "./write-names.ts";
import type { Piece, Step } from "./write-piece.ts";

/** Sequences that stand alone or that a column owns; those of identity columns belong to the column. */
export const writeSequence = (
  { address, name, from, to }: Pair<SequenceFacts>,
  ownerGoes: boolean,
): readonly Piece[] => {
  const sequence = sqlName(name);
  if (to === null)
    // It goes with its column.
    return ownerGoes
      ? []
      : [
          {
            address,
            step: "remove",
            sql: `DROP SEQUENCE ${sequence}`,
            again: `DROP SEQUENCE IF EXISTS ${sequence}`,
            destroys: `the count of sequence ${sequence}`,
          },
        ];
  return [
    ...(from === null
      ? [
          {
            address,
            step: "make",
            sql: `CREATE SEQUENCE ${sequence} ${optionsOf(to)}`,
            again: `CREATE SEQUENCE IF NOT EXISTS ${sequence} ${optionsOf(to)}`,
          } as const,
        ]
      : alterSequence(address, sequence, from, to)),
    ...ownedBy(address, sequence, from, to),
    ...writeComment(address, `SEQUENCE ${sequence}`, from?.comment, to.comment),
    ...writeGrants(address, `SEQUENCE ${sequence}`, from?.grants, to.grants),
  ];
};

const optionsOf = ({ type, start, step, least, largest, cycles, cache }: SequenceFacts): string =>
  `AS ${type} START WITH ${start} INCREMENT BY ${step} MINVALUE ${least} MAXVALUE ${largest} CACHE ${cache} ${cycles ? "CYCLE" : "NO CYCLE"}`;

const alterSequence = (
  address: string,
  sequence: string,
  from: SequenceFacts,
  to: SequenceFacts,
): readonly Piece[] =>
  optionsOf(from) === optionsOf(to)
    ? []
    : [{ address, step: "make", sql: `ALTER SEQUENCE ${sequence} ${optionsOf(to)}` }];

// Given up before the column goes that owned it, and taken on when the new one is there.
const ownedBy = (
  address: string,
  sequence: string,
  from: SequenceFacts | null,
  { owned_by: owner }: SequenceFacts,
): readonly Piece[] => {
  const before = from?.owned_by ?? null;
  if (before === owner) return [];
  const own = (step: Step, by: string): Piece => ({
    address,
    step,
    sql: `ALTER SEQUENCE ${sequence} OWNED BY ${by}`,
  });
  return [
    ...(before === null ? [] : [own("drop what depends", "NONE")]),
    ...(owner === null ? [] : [own("describe", owner)]),
  ];
};
