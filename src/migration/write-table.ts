import { writeColumnGrants, writeComment, writeGrants } from "./write-access.ts";
import { columnText, retypes, writeColumns } from "./write-column.ts";
import { type ConstraintSurroundings, constraintsOfNew, writeConstraints } from "./write-constraint.ts";
import type { Pair, RelationFacts } from "./write-facts.ts";
import { writeIndexes } from "./write-index.ts";
import { identifier, literal, mentionsColumn, sqlName } from "./write-names.ts";
import { writePartComments } from "./write-part-comments.ts";
import type { Piece } from "./write-piece.ts";
import {
  type Forced,
  loosenRelation,
  optionText,
  writeOptions,
  writeRelationParts,
} from "./write-relation.ts";

export interface TableSurroundings extends ConstraintSurroundings {
  readonly version: number;
  /** Names of the parents' columns that are identities: their partitions have them by that. */
  readonly identities: ReadonlySet<string>;
  /** Names of all columns that the parents had. */
  readonly inherited: ReadonlySet<string>;
  /** Parents change in the same go, so that children come to them at the end. */
  readonly lateParents: boolean;
  /** Whether a text mentions something else that goes as well. */
  readonly goes: (definition: string) => boolean;
}

/** Tables, partitions, and foreign tables as far as they are known. */
export const writeTable = (pair: Pair<RelationFacts>, around: TableSurroundings): readonly Piece[] => {
  const { address, name, from, to } = pair;
  const table = sqlName(name);
  const foreign = name.kind === "foreign table";
  if (to === null) return dropTable(pair, foreign, around);
  if (from === null && foreign)
    return [{ address, path: "", why: "its server and options are not known here: write it by hand" }];
  const forced: Forced = (text) =>
    [
      around.forced(text),
      ...retypes(pair).map(({ column, needed }) => (mentionsColumn(text, column) ? needed : null)),
    ].filter((each) => each !== null)[0] ?? null;
  return [
    ...(from === null ? createTable(pair, around) : alterTable({ ...pair, from, to }, around)),
    ...writeParents(pair, around.lateParents),
    ...writeIndexes(pair, from === null),
    ...writeRelationParts(pair, forced),
    ...writeSwitches(address, table, from, to),
    ...writeComment(address, `${foreign ? "FOREIGN " : ""}TABLE ${table}`, from?.comment, to.comment),
    ...writeGrants(address, `TABLE ${table}`, from?.grants, to.grants),
    ...writeColumnGrants(address, table, from, to),
    ...writePartComments(pair, forced, around.lateKey),
  ];
};

const dropTable = (
  pair: Pair<RelationFacts>,
  foreign: boolean,
  { goes }: TableSurroundings,
): readonly Piece[] => {
  const { address, name, from } = pair;
  const table = sqlName(name);
  const kind = foreign ? "FOREIGN TABLE" : "TABLE";
  const loosened = Object.entries(from?.constraints ?? {})
    .filter(([, text]) => text.startsWith("FOREIGN KEY") && goes(text))
    .map(
      ([constraint]): Piece => ({
        address,
        step: "drop foreign keys",
        sql: `ALTER TABLE ${table} DROP CONSTRAINT ${identifier(constraint)}`,
        again: `ALTER TABLE IF EXISTS ${table} DROP CONSTRAINT IF EXISTS ${identifier(constraint)}`,
      }),
    );
  return [
    // Two that hold on to each other could not go one after the other.
    ...loosened,
    ...loosenRelation(pair, goes),
    {
      address,
      step: "remove",
      sql: `DROP ${kind} ${table}`,
      again: `DROP ${kind} IF EXISTS ${table}`,
      ...(foreign ? {} : { destroys: `the table ${table} with its rows` }),
    },
  ];
};

const createTable = (pair: Pair<RelationFacts>, around: TableSurroundings): readonly Piece[] => {
  const { address, name, to } = pair;
  if (to === null) return [];
  const table = sqlName(name);
  const { inline, after } = constraintsOfNew(pair, around.lateKey);
  const columns = Object.entries(to.columns ?? {}).map(([column, facts]) => {
    const { identity, ...others } = facts;
    return columnText(column, identity !== undefined && around.identities.has(column) ? others : facts);
  });
  const lines = [...columns, ...inline].map((line) => `\n  ${line}`).join(",");
  const create = (guard: string) =>
    [
      `CREATE ${to.unlogged ? "UNLOGGED " : ""}TABLE ${guard}${table} (${lines}${lines === "" ? "" : "\n"})`,
      ...(to.partition_by === undefined ? [] : [`PARTITION BY ${to.partition_by}`]),
      ...(to.options?.length ? [`WITH (${to.options.map(optionText).join(", ")})`] : []),
    ].join(" ");
  return [
    { address, step: "make", sql: create(""), again: create("IF NOT EXISTS ") },
    ...Object.entries(to.columns ?? {}).flatMap(([column, { comment }]) =>
      writeComment(address, `COLUMN ${table}.${identifier(column)}`, undefined, comment),
    ),
    ...after,
  ];
};

const alterTable = (
  pair: Pair<RelationFacts> & { readonly from: RelationFacts; readonly to: RelationFacts },
  around: TableSurroundings,
): readonly Piece[] => {
  const { address, name, from, to } = pair;
  const table = sqlName(name);
  return [
    ...(from.partition_by === to.partition_by
      ? []
      : [
          {
            address,
            path: "partition_by",
            why: "a table cannot be given partitions, or others, while it is there: make a new one by hand",
          },
        ]),
    ...writeColumns(pair, {
      version: around.version,
      inherited: around.inherited,
      joins: around.joins,
    }),
    ...writeConstraints(pair, around),
    ...writeOptions(address, `TABLE ${table}`, from.options, to.options),
    ...(from.unlogged === to.unlogged
      ? []
      : [
          {
            address,
            step: "describe",
            sql: `ALTER TABLE ${table} SET ${to.unlogged ? "UNLOGGED" : "LOGGED"}`,
          } as const,
        ]),
  ];
};

/** Partition of, or child of. */
const writeParents = ({ address, name, from, to }: Pair<RelationFacts>, late: boolean): readonly Piece[] => {
  const table = sqlName(name);
  const { parents: before = [], partition_bound: oldBound } = from ?? {};
  const { parents: after = [], partition_bound: bound } = to ?? {};
  const inherits = (parent: string) =>
    `EXISTS (SELECT FROM pg_inherits WHERE inhrelid = to_regclass(${literal(table)}) AND inhparent = to_regclass(${literal(parent)}))`;
  const moved = oldBound !== bound;
  const boundIsOld = `(SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE oid = to_regclass(${literal(table)})) IS DISTINCT FROM ${bound === undefined ? "NULL" : literal(bound)}`;
  return [
    ...before
      .filter((parent) => moved || !after.includes(parent))
      .map(
        (parent): Piece => ({
          address,
          step: "detach",
          sql:
            oldBound === undefined
              ? `ALTER TABLE ${table} NO INHERIT ${parent}`
              : `ALTER TABLE ${parent} DETACH PARTITION ${table}`,
          needed: after.includes(parent) ? `${inherits(parent)} AND ${boundIsOld}` : inherits(parent),
        }),
      ),
    ...after
      .filter((parent) => moved || !before.includes(parent))
      .map(
        (parent): Piece => ({
          address,
          step: late ? "attach late" : "attach",
          sql:
            bound === undefined
              ? `ALTER TABLE ${table} INHERIT ${parent}`
              : `ALTER TABLE ${parent} ATTACH PARTITION ${table} ${bound}`,
          needed: `NOT ${inherits(parent)}`,
        }),
      ),
  ];
};

const IDENTITIES: Readonly<Record<string, string>> = { n: "NOTHING", f: "FULL", d: "DEFAULT" };

const writeSwitches = (
  address: string,
  table: string,
  from: RelationFacts | null,
  to: RelationFacts,
): readonly Piece[] => {
  const alter = (sql: string): Piece => ({ address, step: "describe", sql: `ALTER TABLE ${table} ${sql}` });
  const replica = to.replica_identity ?? "d";
  return [
    ...(Boolean(from?.row_security) === Boolean(to.row_security)
      ? []
      : [alter(`${to.row_security ? "ENABLE" : "DISABLE"} ROW LEVEL SECURITY`)]),
    ...(Boolean(from?.row_security_forced) === Boolean(to.row_security_forced)
      ? []
      : [alter(`${to.row_security_forced ? "" : "NO "}FORCE ROW LEVEL SECURITY`)]),
    ...((from?.replica_identity ?? "d") === replica
      ? []
      : IDENTITIES[replica] === undefined
        ? [
            {
              address,
              path: "replica_identity",
              why: "which index identifies a row is not known here: write it by hand",
            },
          ]
        : [alter(`REPLICA IDENTITY ${IDENTITIES[replica]}`)]),
  ];
};
