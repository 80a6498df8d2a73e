import type { RehearsedBackfill } from "./backfill-plan.ts";
import type { SqlLock } from "./sql-lint.ts";

/** What migrations did on a database that nobody uses. */
export interface Rehearsal {
  readonly server: { readonly place: string; readonly version: number };
  /** Null: on a copy of the schema alone, without rows. Else the rows that the copy held, estimated, by table. */
  readonly copy: { readonly rows: Readonly<Record<string, number>> } | null;
  /** What is pending, from the schema that the target has now. */
  readonly current: RehearsalRun;
  /** Every migration, from a database that holds nothing. */
  readonly empty: RehearsalRun;
  /** What the pending ones change, as a reviewer reads it. */
  readonly diff: readonly SchemaDifference[];
  /** What a second run would do; null where the first one failed. */
  readonly again: RehearsalAgain | null;
  /** Whether what takes a pending migration back does so; left out where none has such a file. */
  readonly compensations?: readonly RehearsedCompensation[];
  /** One batch of each backfill that would start, after the pending ones; left out where there is none. */
  readonly backfills?: readonly RehearsedBackfill[];
  /** Pending ones of which something was not rehearsed as a run will do it; left out where there is none. */
  readonly gaps?: readonly RehearsalGap[];
  /** What could not be told, and why. */
  readonly notes: readonly string[];
  readonly milliseconds: number;
}

/** Something that a tool does without saying as SQL what. */
export interface RehearsalGap {
  readonly script: string;
  /** One sentence that follows the script's name. */
  readonly why: string;
  /** What it does is in no statement, so that nobody can count the rows that it changes. */
  readonly unseen: boolean;
}

export interface RehearsalRun {
  readonly migrations: readonly RehearsedMigration[];
  readonly failure: RehearsalFailure | null;
}

export interface RehearsedMigration {
  readonly script: string;
  /** Null for a repeatable. */
  readonly version: string | null;
  /** Of Liquibase: text. */
  readonly checksum: number | string;
  readonly transactional: boolean;
  readonly milliseconds: number;
  readonly statements: readonly RehearsedStatement[];
}

export interface RehearsedStatement {
  /** Both count from 1, the column in characters. */
  readonly line: number;
  readonly column: number;
  /** As it is written, passwords hidden. */
  readonly statement: string;
  readonly milliseconds: number;
  /** Rows inserted, updated and deleted, by triggers too; `null` where it ran outside a transaction. */
  readonly rows: number | null;
  /** Locks that it took anew on what was there before, the strongest of each; `null` outside a transaction. */
  readonly locks: readonly RehearsedLock[] | null;
  /** Tables and indexes whose rows were written anew. */
  readonly rewrites: readonly string[];
}

export interface RehearsedLock {
  readonly relation: string;
  readonly mode: SqlLock;
  /** From the statement's begin to the transaction's end. */
  readonly milliseconds: number;
}

/** Where a migration stopped, in the server's words. */
export interface RehearsalFailure {
  readonly script: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** SQLSTATE; null where the connection was lost. */
  readonly state: string | null;
}

export interface RehearsalAgain {
  /** Scripts that would run once more; empty where nothing is left to do. */
  readonly pending: readonly string[];
  /** What the second run changed; empty where it changed nothing. */
  readonly changes: readonly SchemaDifference[];
  readonly failure: RehearsalFailure | null;
}

/** What takes a migration back, tried from each state in which it may stop. */
export interface RehearsedCompensation {
  /** Its own file. */
  readonly script: string;
  /** `partly`: it runs, and the schema is not as it was; `no`: it fails. */
  readonly goesBack: "yes" | "partly" | "no";
  /** From how many states. */
  readonly tried: number;
  /** Behind how many statements of the migration it failed, or left most; null where it went back, or cannot run at all. */
  readonly after: number | null;
  readonly failure: RehearsalFailure | null;
  /** What is not as it was before the migration. */
  readonly left: readonly SchemaDifference[];
}

/** One fact of a schema that differs before and after: `table app.orders`, `columns.note.type`. */
export interface SchemaDifference {
  readonly address: string;
  readonly path: string;
  readonly what: "added" | "removed" | "changed";
  /** One line for people: `column note text`, `column total: integer -> bigint`. */
  readonly text: string;
}
