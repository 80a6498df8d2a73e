import type { AcceptedState, EndedFinding, Finding, FindingEnd, OpenFinding } from "../model/finding.ts";
import type { FollowUp } from "../model/job.ts";
import type { Json } from "../model/json.ts";
import type { PullRef } from "../model/pull.ts";
import type { Run, RunKind, RunState, RunStep } from "../model/run.ts";
import type { StateRefs, WorkspaceNames } from "../model/workspace.ts";
import type { ArtifactRef } from "./artifacts.ts";
import type { AlertRows } from "./ledger-alerts.ts";
import type { MigrationRows } from "./ledger-migrations.ts";
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
  close(): Promise<void>;
}

export interface WorkspaceRow extends WorkspaceNames {
  readonly refs: StateRefs;
  /** Normalized configuration from the protected branch, as last read. */
  readonly config: Json;
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
  markRemoved(key: string, at: Date): Promise<void>;
  freeze(key: string, why: string, at: Date, artifact: ArtifactRef | null): Promise<void>;
  unfreeze(key: string): Promise<void>;
  driftChecked(key: string, at: Date): Promise<void>;
  accepted(key: string): Promise<AcceptedState | null>;
  accept(state: AcceptedState): Promise<void>;
}

export interface NewRun {
  readonly id: string;
  readonly workspace: string;
  readonly kind: RunKind;
  readonly pull: PullRef | null;
  readonly head: string | null;
  readonly base: string | null;
  readonly trigger: string;
  readonly requestedBy: string;
  /** Kind-specific input (flags, destroy, dependsOn), kept in `result` until the run settles. */
  readonly input?: Json;
  readonly createdAt: Date;
}

export interface RunRows {
  create(run: NewRun): Promise<void>;
  get(id: string): Promise<Run | null>;
  list(filter: {
    readonly workspace?: string;
    readonly pull?: PullRef;
    readonly states?: readonly RunState[];
    readonly kind?: RunKind;
    readonly head?: string;
    readonly limit?: number;
  }): Promise<readonly Run[]>;
  /**
   * Compare-and-set: changes the state only from one of `from` and only under the same token (`queued` has token 0
   * and takes the given one). From `running` into `apply-started`, `succeeded` or `failed` only while that token's lease
   * holds the workspace. Returns false where the row is elsewhere by now, or the lease; nothing changes then.
   */
  transition(
    id: string,
    change: {
      readonly from: readonly RunState[];
      readonly to: RunState;
      readonly token: number;
      readonly at: Date;
      readonly commit?: string;
      readonly error?: Run["error"];
      readonly result?: Json;
      readonly logArtifact?: string;
    },
  ): Promise<boolean>;
  /** Queued and running plans of the pull request for other heads become `superseded`; returns their ids. */
  supersede(pull: PullRef, keepHead: string, at: Date): Promise<readonly string[]>;
  step(step: RunStep): Promise<void>;
  steps(run: string): Promise<readonly RunStep[]>;
}

/** The log of a run that goes on, in parts of whole lines. What is written here is redacted already. */
export interface RunLogRows {
  append(run: string, text: string): Promise<void>;
  /** Bytes of UTF-8 written so far. */
  size(run: string): Promise<number>;
  /** Parts that end behind this byte, in order, at most so many. `start` and `bytes` count UTF-8. */
  read(
    run: string,
    from: number,
    limit: number,
  ): Promise<readonly { readonly start: number; readonly bytes: number; readonly text: string }[]>;
  forget(run: string): Promise<void>;
}

export interface Lease {
  readonly workspace: string;
  readonly run: string;
  readonly holder: string;
  /** Grows by one with every lease ever given for the workspace. */
  readonly token: number;
  readonly expiresAt: Date;
}

/** Why a lease is not given: the run that holds the workspace, or one of those that fill the named account. */
export interface Held {
  readonly heldBy: Lease;
  readonly account?: string;
}

/** A cloud account in which only so many runs may work at once, counted over all replicas by their living leases. */
export interface LeaseRoom {
  readonly account: string;
  covers(workspace: string): boolean;
  /** Null: as many as there are. Applies are counted apart from everything else. */
  most(applies: boolean): number | null;
}

/** One run per workspace, over all replicas. The lease of a run in `apply-started`, `verifying` or `unknown` never expires by time. */
export interface LeaseRows {
  acquire(
    workspace: string,
    run: string,
    holder: string,
    now: Date,
    ttlMs: number,
    rooms?: readonly LeaseRoom[],
  ): Promise<Lease | Held>;
  /** False: the lease is lost, stop (unless applying). */
  heartbeat(lease: Lease, now: Date, ttlMs: number): Promise<boolean>;
  release(lease: Lease): Promise<void>;
  get(workspace: string): Promise<Lease | null>;
  /** The same lease under another holder's name: of a replica that is dead for good. Nothing where it is lost. */
  handOver(lease: Pick<Lease, "workspace" | "token">, holder: string): Promise<void>;
  /** Leases of a holder that is known to be dead (this host, earlier process). */
  heldBy(holder: string): Promise<readonly Lease[]>;
}

export interface PullLock {
  readonly workspace: string;
  readonly pull: PullRef;
  readonly by: string;
  readonly since: Date;
  /** 0 holds it, 1 is next. */
  readonly position: number;
}

/** Pull request locks, first come first served; a waiter is promoted when the holder lets go. */
export interface LockRows {
  request(
    workspace: string,
    pull: PullRef,
    by: string,
    now: Date,
  ): Promise<{ readonly lock: PullLock; readonly holder: PullLock }>;
  /** Gives up the lock or the place in the queue; returns who holds the lock because of it, null for nobody. */
  release(workspace: string, pull: PullRef): Promise<PullLock | null>;
  releaseAll(
    pull: PullRef,
  ): Promise<readonly { readonly workspace: string; readonly next: PullLock | null }[]>;
  of(workspace: string): Promise<readonly PullLock[]>;
  heldBy(pull: PullRef): Promise<readonly PullLock[]>;
  list(): Promise<readonly PullLock[]>;
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

export interface DeliveryRows {
  /** False where the id was seen before. */
  remember(id: string, now: Date): Promise<boolean>;
  forget(before: Date): Promise<number>;
}

export interface OutboxRow {
  readonly id: number;
  readonly followUp: FollowUp;
}

/** Follow-up jobs, stored with what caused them; the relay moves them to the queue after the commit. */
export interface OutboxRows {
  add(followUps: readonly FollowUp[], now: Date): Promise<void>;
  take(limit: number): Promise<readonly OutboxRow[]>;
  done(ids: readonly number[]): Promise<void>;
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

/** Requests that changed something, by their idempotency key: asked again, they are answered and not done again. */
export interface RequestRows {
  /**
   * `new`: this caller does it, and says so by `finish`. `going`: somebody else does, since after `staleBefore`.
   * `other`: the key was used for something else.
   */
  begin(
    key: string,
    fingerprint: string,
    now: Date,
    staleBefore: Date,
  ): Promise<
    | { readonly is: "new" | "going" | "other" }
    | { readonly is: "done"; readonly status: number; readonly answer: Json }
  >;
  finish(key: string, status: number, answer: Json): Promise<void>;
  /** What could not be done may be asked for again. */
  drop(key: string): Promise<void>;
  forget(before: Date): Promise<number>;
}

/** Small facts by key: polling cursors, the instance's id. */
export interface MetaRows {
  get(key: string): Promise<Json | undefined>;
  set(key: string, value: Json): Promise<void>;
  /** Only where `from` (undefined: nothing) stands there; else false, and nothing is written. */
  swap(key: string, from: Json | undefined, value: Json): Promise<boolean>;
}

/** What the janitor asks and does. */
export interface RetentionRows {
  /**
   * Of these runs, known or not, those that nothing needs any more: ended before, no part of a workspace that is frozen
   * or has an apply in doubt, of no open pull request and none that holds or awaits a lock, not the newest of their
   * kind, and named by no fact in `meta`.
   */
  unneeded(runs: readonly string[], endedBefore: Date): Promise<readonly string[]>;
  /** The runs no longer name a log. */
  forgetLogs(runs: readonly string[]): Promise<void>;
  /** Parts of the logs of runs that ended before, and of runs that are gone; whoever died left them. */
  forgetLogParts(endedBefore: Date): Promise<void>;
  /** Their plans no longer name plan files. */
  forgetPlans(runs: readonly string[]): Promise<void>;
  /** Removes up to `limit` such runs of these kinds with steps and plans; returns how many. */
  pruneRuns(kinds: readonly RunKind[], endedBefore: Date, limit: number): Promise<number>;
  /**
   * Removes facts of `meta` that speak of what ended before: of pull requests, of commands in them, of alerts whose
   * finding is gone, of workspaces that left the code; and by `now` of logins that are over. What it does not know stays. Returns how many.
   */
  pruneMeta(endedBefore: Date, now: Date): Promise<number>;
  /** Removes findings that ended before; returns how many. */
  pruneFindings(endedBefore: Date): Promise<number>;
}
