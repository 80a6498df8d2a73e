import { baseOf, isAssignable, lossOf } from "./type-casts.ts";
import { writeComment } from "./write-access.ts";
import { type ColumnFacts, entriesOf, type Pair, type RelationFacts } from "./write-facts.ts";
import { identifier, literal, mentionsColumn, sqlName } from "./write-names.ts";
import type { Piece, WrittenStatement } from "./write-piece.ts";

/** A column as CREATE TABLE and ADD COLUMN take it. */
export const columnText = (name: string, column: ColumnFacts): string =>
  [
    `${identifier(name)} ${column.type}`,
    ...(column.collation === undefined ? [] : [`COLLATE ${column.collation}`]),
    ...(column.generated === undefined
      ? []
      : [`GENERATED ALWAYS AS (${column.generated}) ${column.virtual ? "VIRTUAL" : "STORED"}`]),
    ...(column.identity === undefined ? [] : [`GENERATED ${column.identity.toUpperCase()} AS IDENTITY`]),
    ...(column.default === undefined ? [] : [`DEFAULT ${column.default}`]),
    ...(column.not_null ? ["NOT NULL"] : []),
  ].join(" ");

export interface ColumnOptions {
  readonly version: number;
  /** Columns of its parents: they go with theirs, unless they were its own before. */
  readonly inherited: ReadonlySet<string>;
  /** The table becomes part of another one: nothing is put off. */
  readonly joins: boolean;
}

/** Columns of a table that is there. */
export const writeColumns = (pair: Pair<RelationFacts>, options: ColumnOptions): readonly Piece[] => {
  const entries = entriesOf(pair.from?.columns, pair.to?.columns);
  // What is computed goes before what it is computed from, and comes after it.
  const sorted = entries.toSorted(([, before, after], [, otherBefore, other]) =>
    after === undefined && other === undefined
      ? Number(otherBefore?.generated !== undefined) - Number(before?.generated !== undefined)
      : Number(after?.generated !== undefined) - Number(other?.generated !== undefined),
  );
  return sorted.flatMap(([name, before, after]): readonly Piece[] => {
    const place = placeOf(pair, name);
    const comment = writeComment(
      pair.address,
      `COLUMN ${place.table}.${place.column}`,
      before?.comment,
      after?.comment,
    );
    if (after === undefined)
      return before === undefined
        ? []
        : [dropColumn(place, before, options.inherited.has(name), retypes(pair).length > 0)];
    if (before === undefined) return [...addColumn(place, after, options.joins), ...comment];
    const computed = retypes(pair).some(({ column }) => column === name) ? computedFrom(pair, name) : null;
    if (computed !== null)
      return [
        {
          address: pair.address,
          path: `columns.${name}.type`,
          why: `${computed} is computed from it: write this change by hand`,
        },
      ];
    return [...alterColumn(place, before, after, options), ...comment];
  });
};

// The server changes no column that another one is computed from.
const computedFrom = ({ from, to }: Pair<RelationFacts>, column: string): string | null =>
  Object.entries(from?.columns ?? {}).find(
    ([name, { generated }]) =>
      generated !== undefined &&
      mentionsColumn(generated, column) &&
      to?.columns?.[name]?.generated !== undefined,
  )?.[0] ?? null;

interface ColumnPlace {
  readonly address: string;
  readonly table: string;
  readonly name: string;
  readonly column: string;
  /** `FROM` where the catalogue has it. */
  readonly there: string;
}

const placeOf = ({ address, name }: Pair<RelationFacts>, column: string): ColumnPlace => ({
  address,
  table: sqlName(name),
  name: column,
  column: identifier(column),
  there: `FROM pg_attribute WHERE attrelid = to_regclass(${literal(sqlName(name))}) AND attname = ${literal(column)} AND NOT attisdropped`,
});

const dropColumn = (
  { address, table, column }: ColumnPlace,
  before: ColumnFacts,
  inherited: boolean,
  early: boolean,
): Piece => {
  const again = `ALTER TABLE ${table} DROP COLUMN IF EXISTS ${column}`;
  return {
    address,
    // A column that it is computed from may change meanwhile.
    step: inherited
      ? "remove what was inherited"
      : early && before.generated !== undefined
        ? "drop constraints"
        : "remove",
    sql: inherited ? again : `ALTER TABLE ${table} DROP COLUMN ${column}`,
    again,
    ...(before.generated === undefined ? { destroys: `the column ${table}.${column} with its values` } : {}),
  };
};

const addColumn = (place: ColumnPlace, column: ColumnFacts, atOnce: boolean): readonly Piece[] => {
  const { address, table, name, there } = place;
  const filled =
    column.default !== undefined || column.generated !== undefined || column.identity !== undefined;
  const { not_null: wanted, ...nullable } = column;
  const text = columnText(name, filled ? column : nullable);
  return [
    {
      address,
      step: "make",
      sql: `ALTER TABLE ${table} ADD COLUMN ${text}`,
      again: `ALTER TABLE ${table} ADD COLUMN ${atOnce ? "" : "IF NOT EXISTS "}${text}`,
      // A partition takes none, even where it is there.
      needed: atOnce ? `NOT EXISTS (SELECT ${there})` : null,
    },
    ...(wanted && !filled
      ? setNotNull(place, atOnce, `Rows that are there need a value in ${name} first.`)
      : []),
  ];
};

const alterColumn = (
  place: ColumnPlace,
  before: ColumnFacts,
  after: ColumnFacts,
  { version, joins }: ColumnOptions,
): readonly Piece[] => {
  const alter = (sql: string, needed: string | null = null): Piece => ({
    address: place.address,
    step: "make",
    sql: `ALTER TABLE ${place.table} ALTER COLUMN ${place.column} ${sql}`,
    needed,
  });
  const retyped = before.type !== after.type || before.collation !== after.collation;
  const converted = baseOf(before.type) !== baseOf(after.type);
  const generated = alterGenerated(place, before, after, version, alter);
  return [
    ...(before.identity !== undefined && after.identity === undefined
      ? [alter("DROP IDENTITY IF EXISTS")]
      : []),
    ...(converted && before.default !== undefined
      ? [alter("DROP DEFAULT", columnTypeIsNot(place, after.type))]
      : []),
    ...(retyped
      ? [
          {
            ...alter(typeText(place, before, after), retypeNeeded(place, before, after)),
            ...destroyedBy(place, before, after),
          },
        ]
      : []),
    ...generated,
    ...alterDefault(before, after, converted, alter),
    ...alterNotNull(place, before, after, joins, alter),
    ...(after.identity === undefined || before.identity === after.identity
      ? []
      : before.identity === undefined
        ? [
            alter(
              `ADD GENERATED ${after.identity.toUpperCase()} AS IDENTITY`,
              `EXISTS (SELECT ${place.there} AND attidentity = '')`,
            ),
          ]
        : [alter(`SET GENERATED ${after.identity.toUpperCase()}`)]),
  ];
};

type Alter = (sql: string, needed?: string | null) => Piece;

const typeText = ({ column }: ColumnPlace, before: ColumnFacts, { type, collation }: ColumnFacts): string =>
  `TYPE ${type}${collation === undefined ? "" : ` COLLATE ${collation}`}${isAssignable(before.type, type) ? "" : ` USING ${column}::${type}`}`;

const destroyedBy = (
  { table, column }: ColumnPlace,
  before: ColumnFacts,
  after: ColumnFacts,
): Pick<WrittenStatement, "destroys"> => {
  const loss = lossOf(before.type, after.type);
  return loss === null ? {} : { destroys: `${loss}, where rows of ${table}.${column} have any` };
};

const columnTypeIsNot = ({ there }: Pick<ColumnPlace, "there">, type: string): string =>
  `(SELECT format_type(atttypid, atttypmod) ${there}) IS DISTINCT FROM ${literal(type)}`;

const retypeNeeded = (place: ColumnPlace, before: ColumnFacts, after: ColumnFacts): string => {
  const type = columnTypeIsNot(place, after.type);
  if (before.collation === after.collation) return type;
  const collation =
    after.collation === undefined
      ? `(SELECT attcollation = (SELECT typcollation FROM pg_type WHERE oid = atttypid) ${place.there}) IS DISTINCT FROM true`
      : `(SELECT attcollation::regcollation::text ${place.there}) IS DISTINCT FROM ${literal(after.collation)}`;
  return `(${type} OR ${collation})`;
};

/** Where a column's type changes: the condition under which it has not changed yet. Null where it stays. */
export const retypes = (
  pair: Pair<RelationFacts>,
): readonly { readonly column: string; readonly needed: string }[] =>
  entriesOf(pair.from?.columns, pair.to?.columns).flatMap(([name, before, after]) =>
    before && after && (before.type !== after.type || before.collation !== after.collation)
      ? [{ column: name, needed: retypeNeeded(placeOf(pair, name), before, after) }]
      : [],
  );

const alterGenerated = (
  { address, name, there }: ColumnPlace,
  before: ColumnFacts,
  after: ColumnFacts,
  version: number,
  alter: Alter,
): readonly Piece[] => {
  if (before.generated === after.generated && before.virtual === after.virtual) return [];
  if (after.generated === undefined && !before.virtual) return [alter("DROP EXPRESSION IF EXISTS")];
  const why = "a column cannot become computed: add a new one and drop the old one by hand";
  if (before.generated === undefined || after.generated === undefined || before.virtual !== after.virtual)
    return [{ address, path: `columns.${name}.generated`, why }];
  if (version < 17)
    return [{ address, path: `columns.${name}.generated`, why: "SET EXPRESSION came with version 17" }];
  const needed = `(SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE (adrelid, adnum) = (SELECT attrelid, attnum ${there})) IS DISTINCT FROM ${literal(after.generated)}`;
  return [alter(`SET EXPRESSION AS (${after.generated})`, needed)];
};

const alterDefault = (
  before: ColumnFacts,
  after: ColumnFacts,
  converted: boolean,
  alter: Alter,
): readonly Piece[] => {
  if (after.default === undefined)
    return before.default === undefined || converted ? [] : [alter("DROP DEFAULT")];
  return before.default === after.default && !converted ? [] : [alter(`SET DEFAULT ${after.default}`)];
};

const alterNotNull = (
  place: ColumnPlace,
  before: ColumnFacts,
  after: ColumnFacts,
  joins: boolean,
  alter: Alter,
): readonly Piece[] => {
  if (Boolean(before.not_null) === Boolean(after.not_null)) return [];
  if (!after.not_null) return [alter("DROP NOT NULL")];
  // An identity column has to be NOT NULL before it is one.
  if (after.identity !== undefined && before.identity === undefined) return [alter("SET NOT NULL")];
  return setNotNull(place, joins, null);
};

// A check that is validated first spares SET NOT NULL the reading of all rows under its lock.
const setNotNull = (
  { address, table, name, column, there }: ColumnPlace,
  atOnce: boolean,
  note: string | null,
): readonly Piece[] => {
  const check = `plumbline_${name.slice(0, 44)}_not_null`;
  const missing = `NOT EXISTS (SELECT ${there} AND attnotnull)`;
  const checked = `EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass(${literal(table)}) AND conname = ${literal(check)})`;
  const alter = (sql: string) => `ALTER TABLE ${table} ${sql}`;
  if (atOnce) return [{ address, step: "make", sql: alter(`ALTER COLUMN ${column} SET NOT NULL`) }];
  return [
    {
      address,
      step: "constrain",
      sql: alter(`ADD CONSTRAINT ${identifier(check)} CHECK (${column} IS NOT NULL) NOT VALID`),
      needed: missing,
      ...(note === null ? {} : { note }),
    },
    {
      address,
      step: "validate",
      sql: alter(`VALIDATE CONSTRAINT ${identifier(check)}`),
      needed: checked,
    },
    { address, step: "validate", sql: alter(`ALTER COLUMN ${column} SET NOT NULL`), needed: missing },
    {
      address,
      step: "validate",
      sql: alter(`DROP CONSTRAINT ${identifier(check)}`),
      again: alter(`DROP CONSTRAINT IF EXISTS ${identifier(check)}`),
    },
  ];
};
