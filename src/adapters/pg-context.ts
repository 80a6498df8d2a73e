import { reachedFrom } from "../migration/reached.ts";
import type { Dependant, LiveIndex, LiveTable, SchemaContext } from "../model/schema-context.ts";
import {
  COLUMN_COMMENTS,
  COUNTED_SINCE,
  DEPENDANTS,
  indexesQuery,
  ROUTINES,
  tablesQuery,
} from "./pg-context-queries.ts";
import type { Row, Target } from "./pg-session.ts";

/** Estimates, sizes, indexes, dependants, uses and classification of every table; reads catalogues only. */
export const readSchemaContext = async (target: Target, now: Date): Promise<SchemaContext> => {
  const tables = await target.query(tablesQuery(target.version));
  const indexes = byName(await target.query(indexesQuery(target.version)), indexOf);
  const dependants = byName(await dependantRows(target, tables), dependantOf);
  const comments = byName(await target.query(COLUMN_COMMENTS), ({ column, comment }) => [
    String(column),
    classificationIn(comment),
  ]);
  const [counted] = await target.query(COUNTED_SINCE);
  const rows = rowsWithPartitions(tables);
  return {
    place: target.place,
    version: target.version,
    readAt: now,
    countedSince: dateOf(counted?.["stats_reset"]),
    tables: Object.fromEntries(
      tables.map((row): [string, LiveTable] => {
        const name = String(row["name"]);
        const { rows: held, bytes } = rows.get(name) ?? { rows: 0, bytes: 0 };
        return [
          name,
          {
            rows: Math.round(held),
            bytes,
            indexes: indexes.get(name) ?? [],
            dependants: dependants.get(name) ?? [],
            reads: Number(row["reads"]),
            writes: Number(row["writes"]),
            lastRead: dateOf(row["last_read"]),
            classification: classificationIn(row["comment"]),
            columns: Object.fromEntries(
              (comments.get(name) ?? []).flatMap(([column, said]) => (said === null ? [] : [[column, said]])),
            ),
            shape: {
              partitioned: row["partitioned"] === true,
              keys: textsOf(row["keys"]),
              followers: textsOf(row["followers"]),
            },
          },
        ];
      }),
    ),
  };
};

const byName = <T>(rows: readonly Row[], read: (row: Row) => T): ReadonlyMap<string, T[]> => {
  const found = new Map<string, T[]>();
  for (const row of rows) {
    const name = String(row["name"]);
    const list = found.get(name);
    if (list) list.push(read(row));
    else found.set(name, [read(row)]);
  }
  return found;
};

const indexOf = ({ index, bytes, valid, unique, scans, last_scan }: Row): LiveIndex => ({
  name: String(index),
  bytes: Number(bytes),
  valid: valid === true,
  unique: unique === true,
  scans: Number(scans),
  lastScan: dateOf(last_scan),
});

const dependantOf = ({ kind, dependant }: Row): Dependant => ({
  kind: String(kind) as Dependant["kind"],
  name: String(dependant),
});

const dependantRows = async (target: Target, tables: readonly Row[]): Promise<readonly Row[]> => {
  const rows: Row[] = [];
  for (const query of DEPENDANTS) rows.push(...(await target.query(query)));
  return [...rows, ...namedInRoutines(tables, await target.query(ROUTINES))];
};

// `orders` in a body may be app.orders or another schema's; both are told, since nobody knows its search path.
const namedInRoutines = (tables: readonly Row[], routines: readonly Row[]): readonly Row[] => {
  const byTable = Map.groupBy(tables, ({ name }) => String(name).slice(String(name).indexOf(".") + 1));
  return routines.flatMap(({ name, body }) =>
    [...new Set(String(body).match(/[\p{L}_][\p{L}\p{N}_$]*/gu) ?? [])].flatMap((word) =>
      (byTable.get(word) ?? []).map((table) => ({
        name: table["name"],
        kind: "function",
        dependant: String(name),
      })),
    ),
  );
};

type Held = Pick<LiveTable, "rows" | "bytes">;

// A partitioned table holds nothing itself; what names a parent reaches the rows of those that inherit from it, too.
const rowsWithPartitions = (tables: readonly Row[]): ReadonlyMap<string, Held> => {
  const held = new Map(
    tables.map(({ name, rows, bytes }): [string, Held] => [
      String(name),
      { rows: Number(rows), bytes: Number(bytes) },
    ]),
  );
  const parents = new Map(tables.map(({ name, parents: above }) => [String(name), textsOf(above)]));
  const own = [...held];
  for (const [name, { rows, bytes }] of own)
    for (const up of reachedFrom(name, (from) => parents.get(from) ?? [])) {
      const sum = held.get(up) ?? { rows: 0, bytes: 0 };
      held.set(up, { rows: sum.rows + rows, bytes: sum.bytes + bytes });
    }
  return held;
};

const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

const classificationIn = (comment: unknown): string | null =>
  /\bclassification\s*[:=]\s*([\w-]+)/i
    .exec(typeof comment === "string" ? comment : "")?.[1]
    ?.toLowerCase() ?? null;

const dateOf = (value: unknown): Date | null => {
  if (value instanceof Date) return value;
  return typeof value === "string" ? new Date(value) : null;
};
