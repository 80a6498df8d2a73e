import type { HistoryRow } from "../migration/history.ts";
import { type MigrationFile, type Resolved, resolveMigrations } from "../migration/resolve.ts";
import { type Standing, standingOf } from "../migration/standing.ts";
import { readMigrationFiles } from "./flyway-files.ts";
import { builtInPlaceholders, type HistoryPlace, isSchemaEmpty, readHistory } from "./flyway-history.ts";
import type { Target } from "./pg-session.ts";

/** Which folder, and how its history is kept. */
export interface FolderAsk {
  /** Absolute. */
  readonly dir: string;
  /** As people name it. */
  readonly shown: string;
  /** Null: the first schema of the search path. */
  readonly schema: string | null;
  /** Null: Flyway's name. */
  readonly table: string | null;
  readonly placeholders: Readonly<Record<string, string>>;
  readonly outOfOrder: boolean;
  /** For a database with something in it and no history; null: that is a problem. */
  readonly baselineVersion: string | null;
}

/** A folder of migrations beside the history of its database. */
export interface MigrationFolder {
  readonly place: HistoryPlace;
  readonly files: readonly MigrationFile[];
  readonly resolved: Resolved;
  /** Null where there is no history table yet. */
  readonly history: readonly HistoryRow[] | null;
  readonly standing: Standing;
  /** The version that a baseline is to be written for first; null where none is. */
  readonly baseline: string | null;
}

/** Reads folder and history; changes nothing. @throws `sql-unreadable` */
export const readFolder = async (target: Target, ask: FolderAsk): Promise<MigrationFolder> => {
  const files = await readMigrationFiles(ask.dir, ask.shown);
  const place = await placeOf(target, ask);
  const resolved = resolveMigrations(files, await builtInPlaceholders(target, place, ask.placeholders));
  const history = await readHistory(target, place);
  const empty = history === null && (await isSchemaEmpty(target, place.schema));
  const baseline = history === null && !empty ? ask.baselineVersion : null;
  const standing = standingOf(resolved, history ?? baselineRows(baseline), ask);
  const strange = history === null && !empty && baseline === null;
  return {
    place,
    files,
    resolved,
    history,
    standing: strange ? withoutHistory(standing, place) : standing,
    baseline,
  };
};

const placeOf = async (target: Target, { schema, table }: FolderAsk): Promise<HistoryPlace> => {
  const [row] = await target.query("select coalesce(current_schema(), 'public') as name");
  return { schema: schema ?? String(row?.["name"] ?? "public"), table: table ?? "flyway_schema_history" };
};

/** The row that stands for everything up to a version. */
export const baselineRows = (version: string | null): readonly HistoryRow[] =>
  version === null
    ? []
    : [
        {
          rank: 1,
          version,
          description: "<< Flyway Baseline >>",
          type: "BASELINE",
          script: "<< Flyway Baseline >>",
          checksum: null,
          success: true,
          installedBy: "",
          installedOn: null,
          milliseconds: 0,
        },
      ];

const withoutHistory = (standing: Standing, { schema, table }: HistoryPlace): Standing => ({
  ...standing,
  problems: [
    ...standing.problems,
    {
      problem: "not-empty",
      migration: "",
      message: `Schema ${schema} holds something, but no ${table} says how it came to be.`,
      fix: "Say up to which version it is there already: --baseline-version VERSION, or baseline_version.",
    },
  ],
});
