import type { Actor, Severity } from "./alert.ts";
import type { BackfillView } from "./backfill-run.ts";
import type { Finding, FindingEnd } from "./finding.ts";
import type { Json } from "./json.ts";
import type { PullRef } from "./pull.ts";
import type { Run, RunError, RunKind, RunState, RunStep } from "./run.ts";
import type { WorkspaceNames } from "./workspace.ts";

/** A part of a longer list; `next` leads to the part after it, null at the end. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** Worst first: how a workspace stands to what Git says. `doubt`: frozen, or nobody knows yet what an apply did. */
export const SYNC_STATES = ["doubt", "failed", "drifted", "unapplied", "unknown", "synced"] as const;
export type SyncState = (typeof SYNC_STATES)[number];

/** One line of the overview. */
export interface WorkspaceView extends WorkspaceNames {
  readonly owners: readonly string[];
  readonly sync: SyncState;
  /** Open findings that somebody's hand made; `since`: when the oldest of them was found. */
  readonly drift: { readonly open: number; readonly since: Date | null };
  /** Open findings of any other cause: code that is merged and not applied, inputs that moved. */
  readonly pending: number;
  readonly lock: { readonly pull: PullRef; readonly since: Date; readonly waiting: number } | null;
  /** Of the newest plan or apply that was judged. */
  readonly class: string | null;
  readonly lastRun: {
    readonly id: string;
    readonly kind: RunKind;
    readonly state: RunState;
    readonly createdAt: Date;
    readonly endedAt: Date | null;
  } | null;
  readonly frozen: { readonly why: string; readonly since: Date } | null;
  readonly lastLook: Date | null;
  /** Backfills that are not done; cancelled ones are none. */
  readonly unfinishedBackfills: number;
  /** The open drift pull request. */
  readonly driftPull: PullRef | null;
}

export interface WorkspaceDetail extends WorkspaceView {
  /** As on the protected branch when it was last read, every default filled in. */
  readonly config: Json;
  readonly branch: string;
  /** When it is looked at. */
  readonly schedule: LookSchedule;
  /** What was last accepted as right; null where nothing was applied or found clean yet. */
  readonly accepted: { readonly commit: string; readonly at: Date; readonly serial: number | null } | null;
  readonly findings: readonly FindingView[];
  readonly runs: readonly RunView[];
  readonly queue: readonly LockView[];
  readonly backfills: readonly BackfillView[];
}

/** `text`: cron or an interval, `off`, or null where nobody knows. `own`: it stands in the repository. */
export interface LookSchedule {
  readonly text: string | null;
  readonly own: boolean;
  readonly next: Date | null;
}

/** A run without its input and result, which may be long. */
export type RunView = Omit<Run, "result" | "logArtifact" | "token" | "error"> & {
  readonly error: RunError | null;
  readonly class: string | null;
  readonly hasLog: boolean;
};

export interface RunDetail extends RunView {
  readonly steps: readonly Omit<RunStep, "run">[];
  readonly plan: {
    readonly digest: string;
    readonly summary: Json;
    readonly discardedAt: Date | null;
  } | null;
  /** Kind-specific, redacted. */
  readonly result: Json;
  /** Those of its workspace and pull request. */
  readonly backfills: readonly BackfillView[];
}

export interface FindingView extends Finding {
  /** Names one life of a finding: it may end and open again under another one. */
  readonly id: number;
  readonly workspace: string;
  readonly owners: readonly string[];
  readonly openedAt: Date;
  readonly lastSeenAt: Date;
  readonly endedAt: Date | null;
  readonly why: FindingEnd | null;
  readonly acked: { readonly by: string; readonly at: Date; readonly note: string | null } | null;
  /** Null too once it is over. */
  readonly snoozed: { readonly by: string; readonly until: Date; readonly reason: string } | null;
  readonly driftPull: PullRef | null;
  /** Of its alert; null where it has none. */
  readonly severity: Severity | null;
  /** Who made it, as far as an audit log tells. */
  readonly who: Actor | null;
}

export interface LockView {
  readonly workspace: string;
  readonly pull: PullRef;
  readonly by: string;
  readonly since: Date;
  /** 0 holds it, 1 is next. */
  readonly position: number;
}

/** Work that waits or is being done, by kind. */
export interface QueueView {
  readonly jobs: readonly {
    readonly kind: string;
    readonly waiting: number;
    readonly running: number;
    /** Since when the first of the waiting could have begun. */
    readonly oldest: Date | null;
  }[];
  readonly runs: readonly RunView[];
}

export interface AuditView {
  readonly sequence: number;
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly details: Json;
}

/** One apply of which a bundle of evidence is kept. */
export interface EvidenceView {
  readonly sequence: number;
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  readonly workspace: string;
  readonly run: string;
  readonly commit: string | null;
  readonly digest: string | null;
  readonly verified: boolean | null;
  readonly sha256: string;
}
