import type { AcceptedState, EndedFinding, Finding, FindingEnd, OpenFinding } from "../model/finding.ts";
import type { Json } from "../model/json.ts";
import type { PullRef } from "../model/pull.ts";
import type { StateRefs, WorkspaceNames } from "../model/workspace.ts";
import type { ArtifactRef } from "./artifacts.ts";
import type { AlertRows } from "./ledger-alerts.ts";
import type { BackfillRows } from "./ledger-backfills.ts";
import type { LeaseRows, LockRows } from "./ledger-leases.ts";
import type { DeliveryRows, OutboxRows, RequestRows } from "./ledger-messages.ts";
import type { MigrationRows } from "./ledger-migrations.ts";
import type { RetentionRows } from "./ledger-retention.ts";
import type { RunLogRows, RunRows } from "./ledger-runs.ts";
import type { ForgeBudgetRows, MergeGroupRows, ReplicaRows } from "./ledger-shared.ts";

/**
 * Plumbline's memory. Everything in one `transaction` is stored together or not at all; inside it use only the
 * ledger that the callback receives. Times come from the caller's clock.
 */
export interface Ledger {
  transaction<T>(work: (ledger: Ledger) => Promise<T>): Promise<T>;
  readonly workspaces: WorkspaceRows;
  readonly runs: RunRows;
  readonly runLogs: RunLogRows;
  readonly leases: LeaseRows;
  readonly locks: LockRows;
  readonly plans: PlanRows;
  readonly approvals: ApprovalRows;
  readonly findings: FindingRows;
  readonly deliveries: DeliveryRows;
  readonly outbox: OutboxRows;
  readonly audit: AuditRows;
  readonly pulls: PullRows;
  readonly meta: MetaRows;
  readonly replicas: ReplicaRows;
  readonly forgeBudget: ForgeBudgetRows;
  readonly mergeGroups: MergeGroupRows;
  readonly requests: RequestRows;
  readonly retention: RetentionRows;
  readonly alerts: AlertRows;
  readonly migrations: MigrationRows;
  readonly backfills: BackfillRows;
  close(): Promise<void>;
}

export interface WorkspaceRow extends WorkspaceNames {
  readonly refs: StateRefs;
  /** Normalized configuration from the protected branch, as last read. */
  readonly config: Json;
  /** Who owns it, by its configuration or CODEOWNERS; null where that was not read yet (then its configuration says it). */
  readonly owners?: readonly string[] | null;
  /** Null while applies are allowed; else why not, such as `state-unsaved`. */
  readonly frozen: {
    readonly why: string;
    readonly since: Date;
    readonly artifact: ArtifactRef | null;
  } | null;
  /** Left the configuration, or its folder is gone from the protected branch. */
  readonly removedAt: Date | null;
  readonly lastDriftAt: Date | null;
}

export interface WorkspaceRows {
  upsert(row: Omit<WorkspaceRow, "frozen" | "removedAt" | "lastDriftAt">): Promise<void>;
  get(key: string): Promise<WorkspaceRow | null>;
  list(filter?: { readonly repo?: string; readonly removed?: boolean }): Promise<readonly WorkspaceRow[]>;
  own(key: string, owners: readonly string[]): Promise<void>;
  markRemoved(key: string, at: Date): Promise<void>;
  freeze(key: string, why: string, at: Date, artifact: ArtifactRef | null): Promise<void>;
  unfreeze(key: string): Promise<void>;
  driftChecked(key: string, at: Date): Promise<void>;
  accepted(key: string): Promise<AcceptedState | null>;
  accept(state: AcceptedState): Promise<void>;
}

export interface PlanRow {
  readonly run: string;
  readonly workspace: string;
  readonly pull: PullRef | null;
  readonly head: string;
  readonly base: string;
  readonly digest: string;
  /** What went into the digest, keyed hashes by path: lets a mismatch list its paths without holding a value. */
  readonly digestParts: Json;
  /** Redacted summary for the comment and the page. */
  readonly summary: Json;
  readonly planArtifact: ArtifactRef | null;
  readonly jsonArtifact: ArtifactRef | null;
  readonly createdAt: Date;
  readonly discardedAt: Date | null;
}

export interface PlanRows {
  add(plan: Omit<PlanRow, "discardedAt">): Promise<void>;
  ofRun(run: string): Promise<PlanRow | null>;
  /** The newest plan of a workspace for a pull request that was not discarded. */
  current(workspace: string, pull: PullRef): Promise<PlanRow | null>;
  discard(pull: PullRef, at: Date, workspace?: string): Promise<void>;
}

export interface ApprovalRow {
  readonly pull: PullRef;
  /** Null: every workspace of the pull request. */
  readonly workspace: string | null;
  readonly kind: "approve" | "revert-drift" | "policy" | "apply-request" | "override-freeze";
  readonly by: string;
  readonly head: string;
  readonly digest: string | null;
  readonly paths: readonly { readonly address: string; readonly path: string }[];
  readonly at: Date;
  readonly voidedAt: Date | null;
}

export interface ApprovalRows {
  add(approval: Omit<ApprovalRow, "voidedAt">): Promise<void>;
  list(pull: PullRef): Promise<readonly ApprovalRow[]>;
  /** Voids all approvals bound to another head, or to another digest of the workspace. */
  void(
    pull: PullRef,
    keep: { readonly head: string; readonly workspace?: string; readonly digest?: string },
    at: Date,
  ): Promise<void>;
}

export interface FindingRows {
  open(workspace: string): Promise<readonly OpenFinding[]>;
  /** Inserts new ones and touches the known; a finding is one row per life, told apart by fingerprint. Returns those that are new. */
  record(
    workspace: string,
    findings: readonly (Finding & { readonly fingerprint: string })[],
    now: Date,
  ): Promise<readonly OpenFinding[]>;
  end(
    workspace: string,
    fingerprints: readonly string[],
    why: FindingEnd,
    now: Date,
  ): Promise<readonly EndedFinding[]>;
  history(workspace: string, limit: number): Promise<readonly EndedFinding[]>;
  /** A drift pull request holds them from now on; those that one held before keep their time. */
  proposed(workspace: string, fingerprints: readonly string[], at: Date): Promise<void>;
  /** Somebody has it in hand. False where no open finding has this id (of the read model). */
  acknowledge(
    id: number,
    mark: { readonly by: string; readonly at: Date; readonly note: string | null },
  ): Promise<boolean>;
  /** Nobody is told of it again until then. False as above. */
  snooze(
    id: number,
    mark: { readonly by: string; readonly until: Date; readonly reason: string },
  ): Promise<boolean>;
}

export interface AuditEntry {
  readonly sequence: number;
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly details: Json;
  /** SHA-256 over the previous entry's hash and this entry's canonical JSON. */
  readonly hash: string;
}

/** Append-only and hash-chained. */
export interface AuditRows {
  append(entry: {
    readonly at: Date;
    readonly actor: string;
    readonly action: string;
    readonly subject: string;
    readonly details: Json;
  }): Promise<AuditEntry>;
  list(filter: {
    readonly subject?: string;
    readonly limit?: number;
    readonly after?: number;
  }): Promise<readonly AuditEntry[]>;
  /** Null where the chain holds, else the first sequence that doesn't. */
  verify(): Promise<number | null>;
}

/** What Plumbline knows of a pull request between events: comment ids, statuses published, drift pull requests. */
export interface PullRow {
  readonly pull: PullRef;
  readonly head: string;
  readonly state: "open" | "closed" | "merged";
  readonly deployBranch: boolean;
  /** Set on drift pull requests: the workspace that it is for. */
  readonly driftOf: string | null;
  /** Marker -> comment id, so that a sticky comment is found without a search. */
  readonly commentIds: Readonly<Record<string, number>>;
  /** Hash of what was last published (comment and statuses); null when a publish is owed. */
  readonly publishedHash: string | null;
  /** Notes to show on top of the comment: configuration problems, conflicts. */
  readonly notes: readonly string[];
  readonly updatedAt: Date;
}

export interface PullRows {
  get(pull: PullRef): Promise<PullRow | null>;
  put(row: PullRow): Promise<void>;
  list(filter: {
    readonly repo?: string;
    readonly state?: "open" | "closed" | "merged";
    readonly driftOf?: string;
  }): Promise<readonly PullRow[]>;
}

/** Small facts by key: polling cursors, the instance's id. */
export interface MetaRows {
  get(key: string): Promise<Json | undefined>;
  set(key: string, value: Json): Promise<void>;
  /** Only where `from` (undefined: nothing) stands there; else false, and nothing is written. */
  swap(key: string, from: Json | undefined, value: Json): Promise<boolean>;
}
