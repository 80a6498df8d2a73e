import type { ParseHcl } from "../hcl/syntax.ts";
import type { SqlParser } from "../migration/script.ts";
import type { Catalogue } from "../model/catalogue.ts";
import type { ServerConfig } from "../model/config.ts";
import type { PolicyFile } from "../model/policy.ts";
import type { FileFinding } from "../model/stateful-change.ts";
import type { ActorLookup } from "../ports/actor-lookup.ts";
import type { Artifacts } from "../ports/artifacts.ts";
import type { Backfills } from "../ports/backfills.ts";
import type { Clock } from "../ports/clock.ts";
import type { ContextSource } from "../ports/context-source.ts";
import type { Credentials } from "../ports/credentials.ts";
import type { Engines } from "../ports/engine.ts";
import type { Forge } from "../ports/forge.ts";
import type { Git } from "../ports/git.ts";
import type { HealthSource } from "../ports/health-source.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { Lease } from "../ports/ledger-leases.ts";
import type { Log } from "../ports/log.ts";
import type { DatabaseUrls, MigrationEngines } from "../ports/migrations.ts";
import type { Notifier } from "../ports/notify.ts";
import type { PolicyEngine } from "../ports/policy.ts";
import type { ReadModel } from "../ports/read-model.ts";
import type { Redactor } from "../ports/redactor.ts";
import type { SecretScanner } from "../ports/secret-scanner.ts";
import type { Tracer } from "../ports/tracer.ts";
import type { CodeAt } from "./code-at.ts";
import type { LogWatch } from "./log-watch.ts";

/** Everything that a pipeline may touch. Made once, in wire-parts.ts. */
export interface World {
  readonly server: ServerConfig;
  readonly ledger: Ledger;
  /** For people: no pipeline asks it. */
  readonly read: ReadModel;
  readonly git: Git;
  readonly forge: Forge;
  readonly engines: Engines;
  /** Whether engines run in a sandbox. */
  readonly confined?: boolean;
  /** What runs are lent over the variables of the server's file; left out where nothing is configured. */
  readonly credentials?: Credentials;
  readonly artifacts: Artifacts;
  readonly notifiers: readonly Notifier[];
  /** Audit logs that are asked who changed something; left out where none is configured. */
  readonly actorLookups?: readonly ActorLookup[];
  readonly clock: Clock;
  readonly log: Log;
  /** Left out where nobody follows logs as they grow. */
  readonly logWatch?: LogWatch;
  /** Left out where no traces are kept. */
  readonly tracer?: Tracer;
  readonly redactor: Redactor;
  readonly catalogue: Catalogue;
  /** The code of a commit, remembered: between a plan and its apply it is asked for often. */
  readonly codeAt: CodeAt;
  /** Asks Rego policies; left out where none are configured. */
  readonly policies?: PolicyWorld;
  /** Judges SQL of a pull request with a parser; by words alone where left out. */
  readonly lintSql?: (sql: string, path: string) => readonly FileFinding[];
  /** The operator's command that says what resources hold; left out where none is configured. */
  readonly contextSource?: ContextSource;
  /** The operator's command that says how applications fare; left out where none is configured. */
  readonly health?: HealthSource;
  /** Runs SQL migrations; left out where the operator's file names no databases. */
  readonly databases?: DatabaseWorld;
  readonly parseHcl: ParseHcl;
  /** Whether an independent parser reads a text of HCL; asked as a veto before an edit is offered. */
  readonly secondOpinion: (text: string) => boolean;
  /** Asked about live values before they are written into code. */
  readonly secretScanner: SecretScanner;
  /** Instance key for digests, fingerprints and markers. */
  readonly key: Uint8Array;
  /** Names this replica in leases, the same after a restart. */
  readonly instance: string;
  readonly newId: (prefix: string) => string;
  readonly files: LocalFiles;
  readonly withLease: WithLease;
  /** Whether nobody prolongs a lease any more whose time is over; it takes as long as a holder's next beat. */
  readonly isSilent: (lease: Lease) => Promise<boolean>;
  readonly version: string;
  /** Interrupts a run of this process that is not an apply; false where it does not run here. */
  readonly cancel: (run: string) => boolean;
  /** Aborts when a stop has waited long enough: running applies are then asked to end, never killed. */
  readonly interruptApplies: AbortSignal;
  /** Wakes the outbox relay after a commit. */
  readonly nudge: () => void;
}

export interface DatabaseWorld {
  readonly engines: MigrationEngines;
  readonly urls: DatabaseUrls;
  readonly parse: SqlParser;
  readonly backfills: Backfills;
}

export interface PolicyWorld {
  readonly engine: PolicyEngine;
  /** Files of a policy folder on this machine. */
  readonly readFolder: (path: string) => Promise<readonly PolicyFile[]>;
}

/** The few files outside of Git that a run touches: plan files, lock files, errored.tfstate. */
export interface LocalFiles {
  /** A private folder (0700) for one run; removed by `dispose`. */
  scratch(run: string): Promise<{ readonly path: string; dispose(): Promise<void> }>;
  read(path: string): Promise<Uint8Array | null>;
  write(path: string, content: Uint8Array): Promise<void>;
  /**
   * What a run's apply in the folder `cwd` left whose end was not seen: whether its engine still runs, the state that it
   * could not save, and what it wrote (unredacted; null where it was never started). Not known where its mark is broken.
   */
  leftByApply(
    workspace: string,
    run: string,
    cwd: string,
  ): Promise<{
    readonly running: boolean;
    readonly erroredState: string | null;
    readonly output: string | null;
    readonly isKnown: boolean;
  }>;
  /** Once an apply's end is stored: until then what it left is kept, whatever dies. */
  forgetApply(workspace: string): Promise<void>;
  /** At start only: removes private folders that a dead process left. */
  clearScratch(): Promise<void>;
  /** Where the engine keeps providers and backend settings of a workspace: stable, outside every checkout. */
  dataDir(workspace: string): Promise<string>;
  /** Removes that folder, unless an apply left its mark in it. */
  forgetEngineData(workspace: string): Promise<void>;
}

/** `account`: the workspace is free, but the account that it lies in is full. */
export type LeaseOutcome<T> = { readonly busy: Lease; readonly account?: string } | { readonly value: T };
export type WithLease = <T>(
  workspace: string,
  run: string,
  work: (lease: Lease, signal: AbortSignal) => Promise<T>,
) => Promise<LeaseOutcome<T>>;
