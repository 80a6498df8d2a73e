import type { PlannedBackfill } from "./backfill-plan.ts";
import type { ChangeClass } from "./change-class.ts";
import type { MigrationTool } from "./database.ts";
import type { Finding } from "./finding.ts";
import type { JsonObject } from "./json.ts";
import type { HeldLock, LockWait, MigrationLoad } from "./migration-load.ts";
import type { Rehearsal } from "./rehearsal.ts";
import type { DataChange, TouchedTable } from "./schema-context.ts";
import type { SqlFinding, SuppressedSqlFinding } from "./sql-lint.ts";

/** Why applies of a workspace are stopped after a migration that failed half-way. */
export const HALF_WAY = "migration-partial";

/** One migration (of Liquibase: one changeset) that a run would do. */
export interface PendingMigration {
  /** Null for one that runs again whenever it changed. */
  readonly version: string | null;
  readonly description: string;
  /** What the history calls it: the file's path in the folder, or `FILE::ID::AUTHOR`. */
  readonly script: string;
  /** Relative to the folder, with slashes. */
  readonly file: string;
  /** As the tool's history keeps it. */
  readonly checksum: string;
  readonly repeatable: boolean;
  /** What runs, placeholders filled. It may hold secrets: never shown as a whole. */
  readonly sql: string;
  /** Whether one transaction holds all of it; null where the tool does not say. */
  readonly transactional: boolean | null;
}

/** Why a run may not begin. `message` says what is wrong, `fix` what to do. */
export interface StandingProblem {
  readonly problem:
    | "checksum-changed"
    | "description-changed"
    | "missing"
    | "out-of-order"
    | "failed"
    | "same-version"
    | "no-placeholder"
    | "not-empty"
    | "cannot-run"
    | "backfill-unfinished";
  /** The version, or a repeatable's description. */
  readonly migration: string;
  readonly message: string;
  readonly fix: string;
}

/** A server's database, without secrets. */
export interface DatabaseTarget {
  /** `host:5432/name`. */
  readonly place: string;
  /** Major version of the server. */
  readonly version: number;
  /** Whom the session belongs to. */
  readonly user: string;
}

/** One row of the history, whichever tool wrote it. */
export interface AppliedEntry {
  readonly rank: number;
  readonly version: string | null;
  readonly description: string;
  readonly script: string;
  readonly checksum: string | null;
  readonly success: boolean;
  readonly at: Date | null;
  readonly by: string;
  readonly milliseconds: number | null;
}

/** Where a database stands, and what a run would do there. */
export interface MigrationStanding {
  readonly tool: MigrationTool;
  /** Of Flyway or Liquibase; null for ours. */
  readonly toolVersion: string | null;
  readonly target: DatabaseTarget;
  readonly history: {
    /** `schema.table`. */
    readonly table: string;
    readonly exists: boolean;
    /** The newest version applied; null where none is. */
    readonly version: string | null;
    /** By rank. */
    readonly entries: readonly AppliedEntry[];
  };
  /** In the order in which they would run. */
  readonly pending: readonly PendingMigration[];
  readonly problems: readonly StandingProblem[];
  /** Files that no run takes, though their names are nearly those of migrations; left out where there are none. */
  readonly passedOver?: readonly PassedOver[];
}

/** `path` is relative to the folder, `why` a clause. */
export interface PassedOver {
  readonly path: string;
  readonly why: string;
}

/** What people and gates read of a plan of migrations; nothing in it is secret. */
export interface MigrationSummary {
  readonly tool: MigrationTool;
  readonly toolVersion: string | null;
  readonly target: DatabaseTarget;
  /** `schema.table` of the history, and the newest version in it. */
  readonly history: { readonly table: string; readonly version: string | null };
  readonly migrations: readonly JudgedMigration[];
  /** What earlier runs did of the plan that was approved; left out where nothing is gone on with. */
  readonly begun?: readonly BegunMigration[];
  /** Statements that change rows, with how many that may be. */
  readonly changes: readonly DataChange[];
  readonly problems: readonly StandingProblem[];
  readonly passedOver?: readonly PassedOver[];
  /** What the target says of the tables that they touch; left out where it was not asked. */
  readonly tables?: readonly TouchedTable[];
  /** Left out where none was made. */
  readonly rehearsal?: Rehearsal;
  /** What starts once the migrations are verified; left out where nothing does. */
  readonly backfills?: readonly PlannedBackfill[];
}

/** A pending migration with what the analysis says of it. */
export interface JudgedMigration extends Omit<PendingMigration, "sql"> {
  /** Of what runs. */
  readonly sha256: string;
  readonly class: ChangeClass;
  readonly statements: number;
  readonly findings: readonly SqlFinding[];
  readonly suppressed: readonly SuppressedSqlFinding[];
}

/** One that an earlier run of the same approval did. */
export interface BegunMigration extends JudgedMigration {
  /** Which one. */
  readonly run: string;
  /** Of the try that worked. */
  readonly milliseconds: number;
  readonly retries: number;
}

/**
 * Where one migration of a run is. `running` is written down before its statement is sent; `failed-clean` left nothing
 * behind, `failed-partial` did; of `unknown` nobody knows before somebody looked.
 */
export type MigrationState =
  | "planned"
  | "running"
  | "applied"
  | "verifying"
  | "verified"
  | "failed-clean"
  | "failed-partial"
  | "unknown";

/** Told at each boundary of a run. */
export interface MigrationStep {
  readonly script: string;
  readonly version: string | null;
  readonly checksum: string;
  readonly state: Extract<
    MigrationState,
    "running" | "applied" | "failed-clean" | "failed-partial" | "unknown"
  >;
  /** Counts from 1: the one that is sent next, or the last one done; 0 where the tool runs the file as a whole. */
  readonly statement: number;
  readonly statements: number;
  /** Null where the tool does not say. */
  readonly transactional: boolean | null;
  /** 1 for the first try. */
  readonly attempt: number;
  /** Whose session works; null where the tool opens its own. */
  readonly backend: DatabaseBackend | null;
  /** Since the migration began. */
  readonly milliseconds: number;
}

/** A process of the server; its start tells it from a later one with the same number. */
export interface DatabaseBackend {
  readonly pid: number;
  /** As the server writes it. */
  readonly startedAt: string;
}

/** What one statement of a migration did. */
export interface RanStatement {
  /** Counts from 1. */
  readonly line: number;
  readonly milliseconds: number;
  /** Inserted, updated, deleted or copied, as the server counted; null where it changes none. */
  readonly rows: number | null;
  /** Locks that it did not get at once; left out where no second session could look. */
  readonly waits?: readonly LockWait[];
}

export interface MigratedScript {
  readonly script: string;
  readonly version: string | null;
  readonly description: string;
  readonly checksum: string;
  readonly transactional: boolean | null;
  readonly statements: number;
  /** Of the try that worked. */
  readonly milliseconds: number;
  /** Tries that a lock timeout took back before. */
  readonly retries: number;
  /** Left out where the tool does not say. */
  readonly ran?: readonly RanStatement[];
  /** The strongest lock of each table that it was seen to hold; left out where no second session could look. */
  readonly held?: readonly HeldLock[];
}

export interface MigrationFailure {
  readonly script: string;
  readonly version: string | null;
  readonly state: Extract<MigrationState, "failed-clean" | "failed-partial" | "unknown">;
  /** Counts from 1: the one that failed; 0 where the tool does not say. */
  readonly statement: number;
  readonly statements: number;
  /** SQLSTATE; null where none is known. */
  readonly sqlState: string | null;
  readonly message: string;
  readonly hint?: string;
}

/** How a run ended. A failing migration is a result, not an exception. */
export interface MigrationResult {
  readonly from: string | null;
  readonly to: string | null;
  readonly applied: readonly MigratedScript[];
  readonly failure: MigrationFailure | null;
  /** What it did to the server; left out where the tool does not say. */
  readonly load?: MigrationLoad;
  /** The user of the session that worked; left out where the tool does not say. */
  readonly ranBy?: string;
}

/** What history and catalogue say of a migration whose end was not seen, or that failed half-way. */
export interface MigrationLook {
  readonly state: Extract<MigrationState, "applied" | "failed-clean" | "failed-partial" | "unknown">;
  /** Its session still works on it. */
  readonly running: boolean;
  readonly entry: AppliedEntry | null;
  readonly statements: readonly LookedStatement[];
  /** Why it is `unknown`, or how it was told. */
  readonly why: string;
}

export interface LookedStatement {
  /** Counts from 1. */
  readonly statement: number;
  readonly line: number;
  /** Shortened, passwords hidden. */
  readonly text: string;
  /** Null: the catalogue cannot tell. */
  readonly done: boolean | null;
  readonly why: string;
}

/** What a database holds: address (`table app.orders`) -> its facts. */
export type SchemaSnapshot = ReadonlyMap<string, JsonObject>;

/** Three schemas beside each other. */
export interface SchemaStates {
  /** Live. */
  readonly actual: SchemaSnapshot;
  /** What the history says was run, replayed. */
  readonly recorded: SchemaSnapshot;
  /** Every file of the folder, replayed. */
  readonly desired: SchemaSnapshot;
  /** A repeatable was changed since it ran, so that `recorded` does not know what it made. */
  readonly changedRepeatable: boolean;
}

export interface SchemaDrift {
  readonly findings: readonly Finding[];
  readonly states: SchemaStates;
  readonly target: DatabaseTarget;
  /** The newest version applied; null where none is. */
  readonly version: string | null;
  /** What could not be told; null where all could. */
  readonly note: string | null;
}
