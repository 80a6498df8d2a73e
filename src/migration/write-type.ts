import { AT_FIRST, writeComment, writeGrants } from "./write-access.ts";
import { entriesOf, type Pair, sameFacts, type TypeFacts } from "./write-facts.ts";
import { identifier, literal, plain, sqlName } from "./write-names.ts";
import type { Piece } from "./write-piece.ts";

/** Enums, domains, composite and range types. */
export const writeType = (pair: Pair<TypeFacts>): readonly Piece[] => {
  const { address, name, from, to } = pair;
  const type = sqlName(name);
  const kind = (from ?? to)?.base === undefined ? "TYPE" : "DOMAIN";
  if (to === null)
    return [
      { address, step: "remove", sql: `DROP ${kind} ${type}`, again: `DROP ${kind} IF EXISTS ${type}` },
    ];
  return [
    ...(from === null ? makeType(address, type, to) : alterType(address, type, from, to)),
    ...writeComment(address, `${kind} ${type}`, from?.comment, to.comment),
    ...writeGrants(address, `${kind} ${type}`, from === null ? AT_FIRST.type : from.grants, to.grants),
  ];
};

const makeType = (address: string, type: string, to: TypeFacts): readonly Piece[] => {
  const needed = `to_regtype(${literal(type)}) IS NULL`;
  const make = (sql: string): readonly Piece[] => [{ address, step: "make", sql, needed }];
  if (to.values) return make(`CREATE TYPE ${type} AS ENUM (${to.values.map(literal).join(", ")})`);
  if (to.range_of !== undefined) return make(`CREATE TYPE ${type} AS RANGE (SUBTYPE = ${to.range_of})`);
  if (to.base === undefined) return make(`CREATE TYPE ${type} AS (${(to.attributes ?? []).join(", ")})`);
  const checks = Object.entries(to.constraints ?? {});
  const [valid, open] = [
    checks.filter(([, text]) => !text.endsWith(" NOT VALID")),
    checks.filter(([, text]) => text.endsWith(" NOT VALID")),
  ];
  return [
    ...make(
      [
        `CREATE DOMAIN ${type} AS ${to.base}`,
        ...(to.collation === undefined ? [] : [`COLLATE ${to.collation}`]),
        ...(to.default === undefined ? [] : [`DEFAULT ${to.default}`]),
        ...(to.not_null ? ["NOT NULL"] : []),
        ...valid.map(([check, text]) => `CONSTRAINT ${identifier(check)} ${text}`),
      ].join(" "),
    ),
    ...open.map(([check, text]) => addCheck(address, type, check, text)),
  ];
};

const alterType = (address: string, type: string, from: TypeFacts, to: TypeFacts): readonly Piece[] => {
  if (from.values && to.values) return alterEnum(address, type, from.values, to.values);
  if (from.attributes && to.attributes && to.base === undefined && to.values === undefined)
    return alterComposite(address, type, from.attributes, to.attributes);
  const path = (["base", "collation", "range_of", "values", "attributes"] as const).find(
    (each) => !sameFacts(from[each], to[each]),
  );
  if (path !== undefined)
    return [{ address, path, why: "a type that columns use cannot become another one: write it by hand" }];
  return alterDomain(address, type, from, to);
};

// Values may be put in anywhere, but the server knows no way to take one out or to move it.
const alterEnum = (
  address: string,
  type: string,
  from: readonly string[],
  to: readonly string[],
): readonly Piece[] => {
  if (
    !sameFacts(
      to.filter((each) => from.includes(each)),
      from,
    )
  )
    return [
      {
        address,
        path: "values",
        why: "values cannot be taken out of an enum, moved or renamed without knowing what rows hold: write it by hand",
      },
    ];
  return to.flatMap((value, index): readonly Piece[] => {
    if (from.includes(value)) return [];
    const before = to[index - 1];
    const place =
      before === undefined
        ? from[0] === undefined
          ? ""
          : ` BEFORE ${literal(from[0])}`
        : ` AFTER ${literal(before)}`;
    const text = `${literal(value)}${place}`;
    return [
      {
        address,
        step: "add enum values",
        sql: `ALTER TYPE ${type} ADD VALUE ${text}`,
        again: `ALTER TYPE ${type} ADD VALUE IF NOT EXISTS ${text}`,
      },
    ];
  });
};

const alterComposite = (
  address: string,
  type: string,
  from: readonly string[],
  to: readonly string[],
): readonly Piece[] =>
  entriesOf(attributesOf(from), attributesOf(to)).flatMap(([name, before, after]): readonly Piece[] => {
    if (before === after) return [];
    const attribute = identifier(name);
    const there = `FROM pg_attribute WHERE attrelid = to_regclass(${literal(type)}) AND attname = ${literal(name)} AND NOT attisdropped`;
    if (after === undefined)
      return [
        {
          address,
          step: "make",
          sql: `ALTER TYPE ${type} DROP ATTRIBUTE ${attribute}`,
          again: `ALTER TYPE ${type} DROP ATTRIBUTE IF EXISTS ${attribute}`,
        },
      ];
    if (before === undefined)
      return [
        {
          address,
          step: "make",
          sql: `ALTER TYPE ${type} ADD ATTRIBUTE ${attribute} ${after}`,
          needed: `NOT EXISTS (SELECT ${there})`,
        },
      ];
    return [
      {
        address,
        step: "make",
        sql: `ALTER TYPE ${type} ALTER ATTRIBUTE ${attribute} TYPE ${after}`,
        needed: `(SELECT format_type(atttypid, atttypmod) ${there}) IS DISTINCT FROM ${literal(after)}`,
      },
    ];
  });

const attributesOf = (attributes: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    attributes.map((text) => {
      const name = /^("(?:[^"]|"")+"|\S+) /.exec(text)?.[1] ?? text;
      return [plain(name), text.slice(name.length + 1)];
    }),
  );

const alterDomain = (address: string, type: string, from: TypeFacts, to: TypeFacts): readonly Piece[] => {
  const alter = (sql: string): Piece => ({ address, step: "make", sql: `ALTER DOMAIN ${type} ${sql}` });
  return [
    ...entriesOf(from.constraints, to.constraints).flatMap(([check, before, after]): readonly Piece[] => [
      ...(before !== undefined && before !== after && before !== `${after} NOT VALID`
        ? [dropCheck(address, type, check, after)]
        : []),
      ...(after !== undefined && before !== after && before !== `${after} NOT VALID`
        ? [addCheck(address, type, check, `${after.replace(/ NOT VALID$/, "")} NOT VALID`)]
        : []),
      ...(after !== undefined && before !== after && !after.endsWith(" NOT VALID")
        ? [validateCheck(address, type, check)]
        : []),
    ]),
    ...(from.default === to.default
      ? []
      : [alter(to.default === undefined ? "DROP DEFAULT" : `SET DEFAULT ${to.default}`)]),
    ...(from.not_null === to.not_null ? [] : [alter(to.not_null ? "SET NOT NULL" : "DROP NOT NULL")]),
  ];
};

const checkOf = (type: string, check: string): string =>
  `pg_constraint WHERE contypid = to_regtype(${literal(type)}) AND conname = ${literal(check)}`;

const dropCheck = (address: string, type: string, check: string, after: string | undefined): Piece => ({
  address,
  step: "drop constraints",
  sql: `ALTER DOMAIN ${type} DROP CONSTRAINT ${identifier(check)}`,
  needed:
    after === undefined
      ? `EXISTS (SELECT FROM ${checkOf(type, check)})`
      : `(SELECT pg_get_constraintdef(oid) FROM ${checkOf(type, check)}) IS DISTINCT FROM ${literal(after)}`,
});

const addCheck = (address: string, type: string, check: string, text: string): Piece => ({
  address,
  step: "make",
  sql: `ALTER DOMAIN ${type} ADD CONSTRAINT ${identifier(check)} ${text}`,
  needed: `NOT EXISTS (SELECT FROM ${checkOf(type, check)})`,
});

const validateCheck = (address: string, type: string, check: string): Piece => ({
  address,
  step: "validate",
  sql: `ALTER DOMAIN ${type} VALIDATE CONSTRAINT ${identifier(check)}`,
});
