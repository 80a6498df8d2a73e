import type { BackfillRunState, BackfillView } from "../model/backfill-run.ts";
import type { ChangeClass } from "../model/change-class.ts";
import type { Cause } from "../model/finding.ts";
import type { Numbers } from "../model/numbers.ts";
import type {
  AuditView,
  EvidenceView,
  FindingView,
  LockView,
  Page,
  QueueView,
  RunDetail,
  RunView,
  SyncState,
  WorkspaceDetail,
  WorkspaceView,
} from "../model/reading.ts";
import type { RunKind, RunState } from "../model/run.ts";

/** Patterns of workspace keys, `*` for anything: what whoever asks may see. */
export interface Scope {
  readonly visible: readonly string[];
}

export interface PageWish extends Scope {
  readonly limit: number;
  /** `next` of the page before; `bad-cursor` where it is none of this list. */
  readonly cursor?: string;
}

export interface WorkspaceWish extends PageWish {
  readonly repo?: string;
  readonly owner?: string;
  readonly sync?: readonly SyncState[];
  /** A part of the key, whatever its case. */
  readonly search?: string;
  readonly locked?: boolean;
  /** Of the newest plan or apply that was judged. */
  readonly classes?: readonly ChangeClass[];
}

export interface RunWish extends PageWish {
  readonly workspace?: string;
  readonly kind?: RunKind;
  readonly states?: readonly RunState[];
  readonly pull?: { readonly repo: string; readonly number: number };
}

export interface FindingWish extends PageWish {
  readonly workspace?: string;
  readonly owner?: string;
  /** `CHANNEL:KEY`: only what this message of an alert channel told of. */
  readonly told?: string;
  readonly causes?: readonly Cause[];
  /** Open ones unless `ended`. */
  readonly state?: "open" | "ended" | "all";
  /** A part of workspace, address or path. */
  readonly search?: string;
}

export interface AuditWish extends PageWish {
  readonly subject?: string;
  readonly actor?: string;
  readonly action?: string;
}

export interface BackfillWish extends Scope {
  readonly workspace?: string;
  /** Those of this run's workspace and pull request. */
  readonly run?: string;
  readonly states?: readonly BackfillRunState[];
}

/** A span of time that ends now. */
export interface NumbersWish extends Scope {
  readonly from: Date;
  readonly now: Date;
}

/**
 * What people look at: questions over the ledger's tables that no pipeline asks. It changes nothing. Lists come in
 * parts and hold only what the asker's patterns of workspaces cover.
 */
export interface ReadModel {
  /** Worst first, then by key; `totals` count all that the filter other than `sync` leaves. */
  workspaces(
    wish: WorkspaceWish,
  ): Promise<Page<WorkspaceView> & { readonly totals: Readonly<Record<SyncState, number>> }>;
  /** `now`: the next look comes after it. */
  workspace(key: string, now: Date): Promise<WorkspaceDetail | null>;
  /** Newest first. */
  runs(wish: RunWish): Promise<Page<RunView>>;
  run(id: string): Promise<RunDetail | null>;
  /** Newest first. */
  findings(wish: FindingWish): Promise<Page<FindingView>>;
  finding(id: number): Promise<FindingView | null>;
  /** By workspace and place in its queue. */
  locks(wish: PageWish): Promise<Page<LockView>>;
  queue(scope: Scope): Promise<QueueView>;
  /** Newest first. Entries about no workspace are for those who may see all. */
  audit(wish: AuditWish): Promise<Page<AuditView>>;
  /** Newest first. */
  evidence(wish: PageWish & { readonly workspace?: string }): Promise<Page<EvidenceView>>;
  /** Unfinished ones first, then the newest; at most 500. */
  backfills(wish: BackfillWish): Promise<readonly BackfillView[]>;
  numbers(wish: NumbersWish): Promise<Numbers>;
}
