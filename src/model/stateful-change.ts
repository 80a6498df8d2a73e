import type { ChangeClass } from "./change-class.ts";
import type { ConfigProblem } from "./config.ts";

export const PHASES = ["expand", "dual-write", "backfill", "shadow-read", "cutover", "contract"] as const;
export type Phase = (typeof PHASES)[number];

/** What an author says a pull request does to durable state; null where nothing is said. */
export interface StatefulClaim {
  /** Where it was said: `pull request`, or the path of a `migration-metadata.yaml`. */
  readonly sources: readonly string[];
  readonly class: ChangeClass | null;
  /** Of every phase that is named: one pull request should have one. */
  readonly phases: readonly Phase[];
  readonly changeId: string | null;
  readonly durableSystems: readonly string[];
  readonly compatibility: {
    readonly oldReadsNew: boolean | null;
    readonly newReadsOld: boolean | null;
    readonly rollbackSafeUntil: Date | null;
    /** Of a contract: whether the application that runs now survives it. */
    readonly oldAfterContract?: boolean | null;
  };
  /** Left out where nothing is said of a contract. */
  readonly contract?: ContractProof;
  readonly rollbackBoundary: string | null;
  readonly backup: BackupProof;
  /** What is done where the backup is no realistic way back: compensation or roll-forward. */
  readonly recovery: string | null;
  readonly migration: {
    readonly tool: string | null;
    readonly toolVersion: string | null;
    readonly plan: string | null;
    readonly estimatedRuntime: string | null;
    readonly lockRisk: string | null;
    readonly backfillStrategy: string | null;
    /** Database user that it runs as. */
    readonly identity: string | null;
  };
  /** Schema version without which the new application does not work. */
  readonly requiresSchemaVersion: string | null;
  readonly metrics: readonly string[];
  /** Roles that the author asks for beside those that the class requires. */
  readonly approvals: readonly string[];
}

/** That an old shape may go: everybody had time to leave it, and nobody falls back on it. */
export interface ContractProof {
  readonly deprecatedSince: Date | null;
  readonly windowMs: number | null;
  readonly fallback: {
    /** What counts uses of the old shape. */
    readonly metric: string | null;
    readonly zeroSince: Date | null;
    /** Where that can be looked at. */
    readonly evidence: string | null;
  } | null;
}

/** A backup is only proof with a restore that was tried: what, when, how long it takes, who does it. */
export interface BackupProof {
  readonly id: string | null;
  readonly takenAt: Date | null;
  readonly restoreTest: {
    readonly id: string | null;
    readonly at: Date | null;
    readonly passed: boolean | null;
  };
  readonly rto: string | null;
  /** The same as a number, where it reads like `30m`. */
  readonly rtoMs?: number | null;
  readonly rpo: string | null;
  readonly rpoMs?: number | null;
  readonly owner: string | null;
  /** False: a restore would lose later writes or harm others, so that another way back must be named. */
  readonly restoreRealistic: boolean | null;
  readonly decision: string | null;
}

/** All that a pull request says of itself; `problems` of texts that were meant as claims and cannot be read. */
export interface ReadClaims {
  readonly claim: StatefulClaim | null;
  readonly problems: readonly ConfigProblem[];
}

/** One file of a pull request as it was and as it will be; null where it is not there. */
export interface FileChange {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What a changed file does to durable state, told by its content. */
export interface FileFinding {
  readonly path: string;
  /** Resource, statement or key within the file. */
  readonly subject: string;
  readonly rule: string;
  readonly class: ChangeClass;
  readonly message: string;
  readonly wayOut: string;
  readonly line?: number;
  /** Of migrations: whether it makes room for the new shape or takes the old one away. */
  readonly phase?: "expand" | "contract";
}

/** What changed files say of applications and of whoever migrates, beside what they do to data. */
export interface Rollout {
  /** Images that were not there before. */
  readonly images: readonly { readonly path: string; readonly image: string }[];
  /** Paths of migrations that the pull request brings. */
  readonly migrations: readonly string[];
  /** Database users by which files let migrations run. */
  readonly identities: readonly { readonly path: string; readonly user: string }[];
  /** Tables that migrations hold up or rewrite, and of which no size is known. */
  readonly unsized: readonly string[];
}
