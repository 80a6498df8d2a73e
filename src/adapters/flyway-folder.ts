import type { HistoryRow } from "../migration/history.ts";
import type { IgnorePattern } from "../migration/ignore.ts";
import { type MigrationFile, type Resolved, resolveMigrations } from "../migration/resolve.ts";
import { type Standing, standingOf } from "../migration/standing.ts";
import { linkedProblem } from "../migration/standing-problems.ts";
import type { PassedOver, StandingProblem } from "../model/migration.ts";
import { readMigrationFolder } from "./flyway-files.ts";
import { areSchemasEmpty, builtInPlaceholders, type HistoryPlace, readHistory } from "./flyway-history.ts";
import type { Target } from "./pg-session.ts";

/** Which folder, and how its history is kept. */
export interface FolderAsk {
  /** Absolute. */
  readonly dir: string;
  /** As people name it. */
  readonly shown: string;
  /** Other folders whose files belong to the same history. */
  readonly more?: readonly { readonly dir: string; readonly shown: string }[];
  /** How the files are encoded; UTF-8 where left out. */
  readonly encoding?: string;
  /** Made where they are not there, the first one holds the history; empty: the first schema of the search path. */
  readonly schemas: readonly string[];
  /** Null: Flyway's name. */
  readonly table: string | null;
  readonly placeholders: Readonly<Record<string, string>>;
  readonly outOfOrder: boolean;
  /** Flyway's `ignoreMigrationPatterns`; its default where left out. */
  readonly ignore?: readonly IgnorePattern[];
  /** For a database with something in it and no history; null: that is a problem. */
  readonly baselineVersion: string | null;
}

/** A folder of migrations beside the history of its database. */
export interface MigrationFolder {
  readonly place: HistoryPlace;
  /** That of the history first. */
  readonly schemas: readonly string[];
  readonly files: readonly MigrationFile[];
  /** Named nearly like migrations; no run takes them. */
  readonly strays: readonly PassedOver[];
  readonly resolved: Resolved;
  /** Null where there is no history table yet. */
  readonly history: readonly HistoryRow[] | null;
  readonly standing: Standing;
  /** The version that a baseline is to be written for first; null where none is. */
  readonly baseline: string | null;
}

/** Reads folder and history; changes nothing. @throws `sql-unreadable` */
export const readFolder = async (target: Target, ask: FolderAsk): Promise<MigrationFolder> => {
  const folders = [{ dir: ask.dir, shown: ask.shown }, ...(ask.more ?? [])];
  const read = await Promise.all(
    folders.map(({ dir, shown }) => readMigrationFolder(dir, shown, ask.encoding)),
  );
  const files = read.flatMap((folder) => folder.files);
  const place = await placeOf(target, ask);
  const resolved = resolveMigrations(files, await builtInPlaceholders(target, place, ask.placeholders));
  const history = await readHistory(target, place);
  const schemas = ask.schemas.length > 0 ? ask.schemas : [place.schema];
  const empty = history === null && (await areSchemasEmpty(target, schemas));
  const baseline = history === null && !empty ? ask.baselineVersion : null;
  const standing = standingOf(resolved, history ?? baselineRows(baseline), ask);
  const strange = history === null && !empty && baseline === null;
  return {
    place,
    schemas,
    files,
    resolved,
    history,
    strays: read.flatMap(({ strays }) => strays),
    standing: withProblems(standing, [
      ...(strange ? [withoutHistory(place)] : []),
      ...read.flatMap(({ links }) => links).map(linkedProblem),
    ]),
    baseline,
  };
};

/** Where the history is, or would be. */
export const placeOf = async (
  target: Target,
  { schemas: [schema], table }: Pick<FolderAsk, "schemas" | "table">,
): Promise<HistoryPlace> => {
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

const withProblems = (standing: Standing, more: readonly StandingProblem[]): Standing =>
  more.length === 0 ? standing : { ...standing, problems: [...standing.problems, ...more] };

const withoutHistory = ({ schema, table }: HistoryPlace): StandingProblem => ({
  problem: "not-empty",
  migration: "",
  message: `Schema ${schema} holds something, but no ${table} says how it came to be.`,
  fix: "Say up to which version it is there already: --baseline-version VERSION, or baseline_version.",
});
