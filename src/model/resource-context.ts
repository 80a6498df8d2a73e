import type { TouchedTable } from "./schema-context.ts";

/** What is known of resources beside plan and code: how much they hold, how sensitive it is, when a restore last worked. */
export interface ContextEntry {
  /** Addresses that it speaks of, `*` for any characters; empty: tables alone. */
  readonly resources: readonly string[];
  /** Folders or `dir#name` of the workspaces that are meant, `*` for any characters; empty: all. */
  readonly workspaces: readonly string[];
  readonly database: string | null;
  readonly engine: string | null;
  readonly region: string | null;
  /** The newest migration that is applied to the database. */
  readonly schemaVersion?: string;
  readonly environment: string | null;
  readonly serviceOwner: string | null;
  readonly criticality: string | null;
  /** Of the whole resource. */
  readonly dataClassification: string | null;
  readonly tables: Readonly<Record<string, TableContext>>;
  readonly bucket: { readonly objects: number | null; readonly sizeGb: number | null } | null;
  readonly sizeGb: number | null;
  readonly restoreTest: {
    readonly latestSuccess: Date | null;
    readonly durationMs: number | null;
    readonly sizeGb: number | null;
  };
  readonly observedAt: Date | null;
  /** Where it was said: a path, or `command`. */
  readonly source: string;
}

export interface TableContext {
  readonly rows: number | null;
  readonly sizeGb: number | null;
  readonly criticality: string | null;
  readonly classification: string | null;
  /** What the live database tells beside it, of tables that migrations touch. */
  readonly live?: Omit<TouchedTable, "name" | "scripts" | "rows" | "bytes" | "classification">;
}

export interface ResourceContext {
  readonly entries: readonly ContextEntry[];
  /** Classifications of data whose loss is worse than others'. */
  readonly sensitive: readonly string[];
  /** Why it could not be read; then the worse case counts. */
  readonly problem: string | null;
}

export const SENSITIVE_DATA: readonly string[] = [
  "pii",
  "phi",
  "pci",
  "confidential",
  "restricted",
  "regulated",
  "secret",
];

export const NO_CONTEXT: ResourceContext = { entries: [], sensitive: SENSITIVE_DATA, problem: null };

/** Entries that were kept as JSON, with their dates back. */
export const keptContext = (entries: readonly ContextEntry[]): readonly ContextEntry[] =>
  entries.map((entry) => ({
    ...entry,
    restoreTest: { ...entry.restoreTest, latestSuccess: dateBack(entry.restoreTest.latestSuccess) },
    observedAt: dateBack(entry.observedAt),
  }));

const dateBack = (kept: Date | null): Date | null => (kept === null ? null : new Date(kept));

/** The entries that speak of a resource, in the order in which they were given. */
export const contextOf = (context: ResourceContext, address: string): readonly ContextEntry[] =>
  context.entries.filter(({ resources }) => resources.some((pattern) => isCovered(pattern, address)));

/** Whether a pattern covers a whole text; `*` stands for any characters, and nothing else is special. */
export const isCovered = (pattern: string, text: string): boolean => {
  const [first = "", ...rest] = pattern.split("*");
  if (rest.length === 0) return pattern === text;
  const last = rest.pop() ?? "";
  if (!text.startsWith(first) || text.length < first.length + last.length) return false;
  let from = first.length;
  for (const piece of rest) {
    const at = text.indexOf(piece, from);
    if (at === -1) return false;
    from = at + piece.length;
  }
  return text.endsWith(last) && text.length - last.length >= from;
};
