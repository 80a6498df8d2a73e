import { writeComment, writeGrants } from "./write-access.ts";
import type { Grants, Pair } from "./write-facts.ts";
import { identifier } from "./write-names.ts";
import type { Piece } from "./write-piece.ts";

interface SchemaFacts {
  readonly comment: string | null;
  readonly grants?: Grants;
}

export const writeSchema = ({ address, name, from, to }: Pair<SchemaFacts>): readonly Piece[] => {
  const schema = identifier(name.name);
  if (to === null)
    return [
      { address, step: "remove", sql: `DROP SCHEMA ${schema}`, again: `DROP SCHEMA IF EXISTS ${schema}` },
    ];
  return [
    ...(from === null
      ? [
          {
            address,
            step: "make",
            sql: `CREATE SCHEMA ${schema}`,
            again: `CREATE SCHEMA IF NOT EXISTS ${schema}`,
          } as const,
        ]
      : []),
    ...writeComment(address, `SCHEMA ${schema}`, from?.comment, to.comment),
    ...writeGrants(address, `SCHEMA ${schema}`, from?.grants, to.grants),
  ];
};

export const writeExtension = ({
  address,
  name,
  from,
  to,
}: Pair<{ readonly schema: string }>): readonly Piece[] => {
  const extension = identifier(name.name);
  if (to === null)
    return [
      {
        address,
        step: "remove",
        sql: `DROP EXTENSION ${extension}`,
        again: `DROP EXTENSION IF EXISTS ${extension}`,
      },
    ];
  const schema = identifier(to.schema);
  if (from === null)
    return [
      {
        address,
        step: "make",
        sql: `CREATE EXTENSION ${extension} SCHEMA ${schema}`,
        again: `CREATE EXTENSION IF NOT EXISTS ${extension} SCHEMA ${schema}`,
      },
    ];
  return from.schema === to.schema
    ? []
    : [{ address, step: "make", sql: `ALTER EXTENSION ${extension} SET SCHEMA ${schema}` }];
};
