import type { ContextEntry } from "../model/resource-context.ts";
import type { SchemaContext } from "../model/schema-context.ts";

const GIGABYTE = 1024 ** 3;

/** What the target tells, in the shape in which policies know databases: `input.plumbline.known`. */
export const contextEntryOf = (
  { place, tables, readAt }: SchemaContext,
  { version }: { readonly version: string | null },
): ContextEntry => ({
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
  tables: Object.fromEntries(
    Object.entries(tables).map(([name, { rows, bytes, classification, columns }]) => [
      name,
      {
        rows,
        sizeGb: bytes / GIGABYTE,
        criticality: null,
        classification: classification ?? Object.values(columns)[0] ?? null,
      },
    ]),
  ),
  bucket: null,
  sizeGb: Object.values(tables).reduce((sum, { bytes }) => sum + bytes, 0) / GIGABYTE,
  restoreTest: { latestSuccess: null, durationMs: null, sizeGb: null },
  observedAt: readAt,
  source: place,
});
