/** One process of the service. */
export interface Replica {
  /** Its name in leases. */
  readonly id: string;
  readonly roles: readonly string[];
  readonly version: string;
  readonly startedAt: Date;
  readonly seenAt: Date;
  /** When people were told that it is silent; null where they were not, or it came back. */
  readonly toldAt: Date | null;
  /** Names of its keys, the one that seals first; null where it does not tell, as older versions do not. */
  readonly keyIds: readonly string[] | null;
}

export interface ReplicaRows {
  /** It lives; the first time makes it known. */
  beat(
    replica: Pick<Replica, "id" | "roles" | "version"> & Partial<Pick<Replica, "keyIds">>,
    now: Date,
  ): Promise<void>;
  list(): Promise<readonly Replica[]>;
  /** Remembers that its silence, or with null its return, was told. False where somebody else was first. */
  told(id: string, at: Date | null): Promise<boolean>;
  forget(id: string): Promise<void>;
}

/** A token bucket that all replicas take from. */
export interface ForgeBudgetRows {
  /**
   * Takes points where at least `keep` are left then. Returns 0, or the milliseconds after which it may work; the
   * bucket fills by `perMinute` up to `burst`.
   */
  take(
    key: string,
    wish: {
      readonly points: number;
      readonly perMinute: number;
      readonly burst: number;
      readonly keep: number;
    },
    now: Date,
  ): Promise<number>;
  /** The forge told us to wait: nobody gets anything for so many milliseconds. */
  pause(key: string, ms: number, perMinute: number, now: Date): Promise<void>;
}

/** A commit of a merge queue: pull requests on top of their base, as they would be merged. */
export interface MergeGroup {
  readonly repo: string;
  readonly head: string;
  readonly base: string;
  readonly pulls: readonly number[];
  /** Hash of what was said of it last. */
  readonly said: string | null;
}

export interface MergeGroupRows {
  add(group: Omit<MergeGroup, "said">, now: Date): Promise<void>;
  of(repo: string): Promise<readonly MergeGroup[]>;
  said(repo: string, head: string, said: string): Promise<void>;
  forget(before: Date): Promise<void>;
}
