import { type ContextEntry, SENSITIVE_DATA, type TableContext } from "../model/resource-context.ts";
import type { SchemaContext, TouchedTable } from "../model/schema-context.ts";

const GIGABYTE = 1024 ** 3;

interface Told {
  /** The newest one applied. */
  readonly version: string | null;
  /** Empty where nothing is pending. */
  readonly touched?: readonly TouchedTable[];
}

/**
 * What the target tells, in the shape in which policies know databases (`input.plumbline.known`): the database with
 * all of its tables, then each migration with those that it touches, and who uses them.
 */
export const contextEntriesOf = (
  context: SchemaContext,
  { version, touched = [] }: Told,
): readonly ContextEntry[] => {
  const scripts = [...new Set(touched.flatMap((table) => table.scripts))];
  const whole = entryOf(context, version);
  return [
    {
      ...whole,
      tables: Object.fromEntries(
        Object.entries(context.tables).map(([name, table]) => [name, tableOf(table)]),
      ),
      sizeGb: Object.values(context.tables).reduce((sum, { bytes }) => sum + bytes, 0) / GIGABYTE,
    },
    ...scripts.map((script) => ({
      ...whole,
      resources: [script],
      tables: Object.fromEntries(
        touched.filter((table) => table.scripts.includes(script)).map((table) => [table.name, liveOf(table)]),
      ),
    })),
  ];
};

const entryOf = ({ place, readAt }: SchemaContext, version: string | null): ContextEntry => ({
  resources: [],
  workspaces: [],
  database: place.slice(Math.max(place.lastIndexOf("/"), place.lastIndexOf(":")) + 1) || null,
  engine: "postgres",
  region: null,
  ...(version === null ? {} : { schemaVersion: version }),
  environment: null,
  serviceOwner: null,
  criticality: null,
  dataClassification: null,
  tables: {},
  bucket: null,
  sizeGb: null,
  restoreTest: { latestSuccess: null, durationMs: null, sizeGb: null },
  observedAt: readAt,
  source: place,
});

const tableOf = ({
  rows,
  bytes,
  classification,
  columns,
}: Pick<TouchedTable, "rows" | "bytes" | "classification" | "columns">): TableContext => ({
  rows,
  sizeGb: bytes / GIGABYTE,
  criticality: null,
  classification: worstOf([classification, ...Object.values(columns)]),
});

const worstOf = (named: readonly (string | null)[]): string | null => {
  const said = named.filter((one) => one !== null);
  return said.find((one) => SENSITIVE_DATA.includes(one)) ?? said[0] ?? null;
};

const liveOf = (table: TouchedTable): TableContext => {
  const { indexes, dependants, reads, writes, lastRead, countedSince, columns } = table;
  return {
    ...tableOf(table),
    live: { indexes, dependants, reads, writes, lastRead, countedSince, columns },
  };
};
