import type { DatabaseBackend, MigrationState } from "../model/migration.ts";

/** Where one migration of a run is, or one of its statements. */
export interface MigrationStepRow {
  readonly run: string;
  readonly workspace: string;
  readonly script: string;
  /** Counts from 1; 0 is the migration as a whole. */
  readonly statement: number;
  readonly version: string | null;
  readonly checksum: string;
  readonly state: MigrationState;
  readonly statements: number;
  readonly transactional: boolean | null;
  readonly attempt: number;
  readonly backend: DatabaseBackend | null;
  /** Since the migration began. */
  readonly milliseconds: number;
  /** What its rehearsal took; null where none was made. */
  readonly rehearsed: number | null;
  readonly message: string | null;
  /** Milliseconds that it waited for locks, rows that it changed, seconds of the replica furthest behind; null or left out: not measured. */
  readonly waited?: number | null;
  readonly rows?: number | null;
  readonly lag?: number | null;
  readonly at: Date;
}

export interface PastMigration {
  readonly workspace: string;
  readonly milliseconds: number;
  readonly at: Date;
}

/** The state machine of SQL migrations: written before a statement is sent, so that a death in between is told apart. */
export interface MigrationRows {
  /** Adds or rewrites them by run, script and statement. */
  put(rows: readonly MigrationStepRow[]): Promise<void>;
  /** Of a run, what changed last at the end. */
  of(run: string): Promise<readonly MigrationStepRow[]>;
  /** Verified runs of this very script, elsewhere or before, newest first. */
  past(script: string, checksum: string, limit: number): Promise<readonly PastMigration[]>;
}
