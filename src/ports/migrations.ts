import type { Backfill } from "../model/backfill.ts";
import type { DatabaseConfig, DatabaseIdentity, MigrationTool } from "../model/database.ts";
import type {
  MigrationLook,
  MigrationResult,
  MigrationStanding,
  MigrationStep,
  SchemaDrift,
} from "../model/migration.ts";
import type { MigrationProposal, ProposalWish } from "../model/migration-proposal.ts";
import type { Rehearsal } from "../model/rehearsal.ts";
import type { SchemaContext } from "../model/schema-context.ts";

/**
 * What a workspace's replay made, kept beyond this process: the newest one. A hint that may be gone or another one's;
 * asking for it and keeping it never fail.
 */
export interface KeptReplays {
  /** What was kept under the key; null where there is nothing. */
  recall(key: string): Promise<Uint8Array | null>;
  keep(key: string, content: Uint8Array): Promise<void>;
}

/** What every call is about: a checked-out folder and its database. */
export interface MigrationCall {
  /** Its key. */
  readonly workspace: string;
  /** Absolute: the workspace's folder in a checkout. */
  readonly dir: string;
  /** The folder as the repository names it. */
  readonly shown: string;
  readonly database: DatabaseConfig;
  /** Asked when a connection is opened, not before; its secrets are learnt by the redactor. Throws `credentials-failed`. */
  readonly url: (identity: DatabaseIdentity) => Promise<string>;
  /** Aborts what only reads. A run that has begun does not heed it. */
  readonly signal?: AbortSignal;
  /** Each line of progress as it comes, redacted. */
  readonly onLine?: (line: string) => void;
  /** Left out: a replay is forgotten with the process. */
  readonly replays?: KeptReplays;
}

/** Says where a database stands, as `read_only`; changes nothing. */
export interface MigrationPlanner {
  /** Throws `sql-unreadable`, `sql-invalid`, `database-unavailable`. */
  plan(call: MigrationCall): Promise<MigrationStanding>;
}

export interface MigrationOrder {
  /** What was reviewed, in its order; where another run came first, or a file differs: `plan-changed`. */
  readonly expected: readonly { readonly script: string; readonly checksum: string }[];
  /**
   * Awaited at each boundary: before a transaction begins, before each statement outside of one, and once the migration
   * ended. Where it rejects nothing more is sent.
   */
  readonly progress: (step: MigrationStep) => Promise<void>;
  /** Statements of one migration that are done already: it goes on after them, and nothing else is run. */
  readonly resume?: { readonly script: string; readonly done: number };
}

/** Runs what is pending, as `migration`, while nobody else migrates by the same history. */
export interface MigrationRunner {
  /**
   * A migration that fails is a result. Throws before anything was sent: `plan-changed`, `sql-invalid`,
   * `workspace-busy`, `database-unavailable`; and what `progress` throws.
   */
  migrate(call: MigrationCall, order: MigrationOrder): Promise<MigrationResult>;
}

/** Finds out what became of a migration, by history, sessions and catalogue; changes nothing. */
export interface MigrationInspector {
  /** `last` is the last step that was written down. Throws `database-unavailable`. */
  look(call: MigrationCall, last: Omit<MigrationStep, "milliseconds">): Promise<MigrationLook>;
  /**
   * Of a tool that is a program: why an earlier run of it still works on the folder, or at the server; null where it is
   * gone. Asked before the folder is touched. Throws `database-unavailable`.
   */
  working?(call: MigrationCall): Promise<string | null>;
}

/** Ways out of a migration that failed half-way, besides `MigrationOrder.resume`. Each runs as `migration`. */
export interface MigrationRepair {
  /**
   * Somebody put the database right: the failed row goes, the migration is pending again. `checksum` is that of the file
   * as it ran: a row of another one is no obstacle to a repeatable file. Throws `sql-invalid` where it is applied.
   */
  repair(call: MigrationCall, script: string, checksum?: string | null): Promise<void>;
  /**
   * Runs the `SCRIPT.compensate` beside the migration, which takes back what was done, and removes the failed row, in one
   * transaction. Throws `sql-invalid` where there is none, `sql-failed`.
   */
  compensate(call: MigrationCall, script: string, checksum?: string | null): Promise<void>;
}

/** Compares files, history and live schema, as `read_only`; changes nothing. */
export interface SchemaComparison {
  /** Throws `sql-failed` where an applied file cannot be replayed, `database-unavailable`. */
  drift(call: MigrationCall): Promise<SchemaDrift>;
}

/** Runs migrations where nothing is at stake; reads the live schema as `read_only` and changes nothing there. */
export interface MigrationRehearsal {
  /** A migration that fails is part of the answer. Throws `sql-invalid`, `database-unavailable`. */
  rehearse(call: MigrationCall, backfills: readonly Backfill[]): Promise<Rehearsal>;
}

/** Tells what the target holds of what migrations touch, as `read_only`. */
export interface SchemaContextReader {
  /** Throws `database-unavailable`. */
  context(call: MigrationCall): Promise<SchemaContext>;
}

/** Writes the files that put history and live schema at one again, and proves them; changes nothing there. */
export interface SchemaProposer {
  /** Throws `sql-failed` where the folder cannot be replayed or live cannot be copied, `database-unavailable`. */
  propose(call: MigrationCall, wish: ProposalWish): Promise<MigrationProposal>;
  /**
   * The files from the folder's end to the schema that its file `desired` describes; asks no database of the workspace.
   * Throws `sql-unreadable`, `sql-failed` where one of the two cannot be replayed.
   */
  proposeDesired(call: MigrationCall, desired: string, now: Date): Promise<MigrationProposal>;
}

/** What every tool can do here. */
export type MigrationEngine = MigrationPlanner &
  MigrationRunner &
  MigrationInspector &
  MigrationRepair &
  SchemaComparison &
  MigrationRehearsal &
  SchemaContextReader &
  SchemaProposer;

export interface MigrationEngines {
  /** Throws `engine-missing` where this machine lacks the tool. */
  pick(tool: MigrationTool): Promise<MigrationEngine>;
}

/** Where connection URLs are held; the operator's file says which workspace may name which. */
export interface DatabaseUrls {
  /** Throws `credentials-failed` where the workspace may not name it, or nothing is held there. */
  resolve(workspace: string, database: DatabaseConfig, identity: DatabaseIdentity): Promise<string>;
}
