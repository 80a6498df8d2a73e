import type { HistoryRow } from "./history.ts";
import { compareVersions } from "./names.ts";
import type { Migration, Resolved } from "./resolve.ts";

/** `1.0` and `01` are `1`. */
export const canonical = (version: string): string => {
  const parts = version.split(".").map((part) => String(BigInt(part || 0)));
  while (parts.length > 1 && parts.at(-1) === "0") parts.pop();
  return parts.join(".");
};

const BASELINES: readonly string[] = ["BASELINE", "SQL_BASELINE"];
// Rows that stand for no file: a schema or a baseline made by Flyway, a migration given up by its repair.
const FILELESS: readonly string[] = ["BASELINE", "SCHEMA", "DELETE"];

export const standsForAFile = ({ type }: HistoryRow): boolean => !FILELESS.includes(type);

/** Canonical version -> its row, failed ones too; what was undone or given up is not applied. */
export const appliedVersions = (history: readonly HistoryRow[]): ReadonlyMap<string, HistoryRow> => {
  const applied = new Map<string, HistoryRow>();
  for (const row of history) {
    if (row.version === null || row.type === "SCHEMA") continue;
    const version = canonical(row.version);
    if (row.type.startsWith("UNDO") || row.type === "DELETE") {
      if (row.success) applied.delete(version);
    } else if (row.type !== "BASELINE" || !applied.has(version)) applied.set(version, row);
  }
  return applied;
};

/** The row that says how a file stands now, failed ones too; null where it never ran, was undone or given up. */
export const rowInForce = (history: readonly HistoryRow[], script: string): HistoryRow | null => {
  const last = history.findLast((row) => row.script === script);
  if (!last || !standsForAFile(last)) return null;
  const inForce = last.version === null || appliedVersions(history).get(canonical(last.version)) === last;
  return inForce ? last : null;
};

/** Description -> its last row, unless that gave it up. */
export const appliedRepeatables = (history: readonly HistoryRow[]): ReadonlyMap<string, HistoryRow> => {
  const last = new Map(
    history.filter(({ version }) => version === null).map((row) => [row.description, row]),
  );
  return new Map([...last].filter(([, row]) => standsForAFile(row)));
};

/** The files that a row of such a type can stand for: a migration of Java's is not the file with its version. */
export const filesFor = ({ type }: HistoryRow, { migrations, baselines }: Resolved): readonly Migration[] => {
  if (type === "SQL") return migrations;
  return type === "SQL_BASELINE" ? baselines : [];
};

/** Where a database's history begins; a B file counts in an empty database only, for every version up to its own. */
export const baselineOf = (
  { baselines }: Resolved,
  history: readonly HistoryRow[],
): { readonly version: string; readonly migration: Migration | null } | null => {
  const recorded = history.filter(({ type, version }) => BASELINES.includes(type) && version !== null).at(-1);
  if (recorded) return { version: recorded.version ?? "0", migration: null };
  const newest = baselines.at(-1);
  const begun = history.some(({ type }) => type !== "SCHEMA");
  return begun || !newest ? null : { version: newest.name.version ?? "0", migration: newest };
};

export const newestOf = (versions: Iterable<string>): string | null =>
  [...versions].toSorted(compareVersions).at(-1) ?? null;
