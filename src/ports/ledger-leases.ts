import type { PullRef } from "../model/pull.ts";

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
