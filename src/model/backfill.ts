/** A long change of data, done in batches beside the migrations: `NAME.backfill.yaml` in their folder. */
export interface Backfill {
  readonly name: string;
  /** It runs once this version is applied; null: at any time. */
  readonly after: string | null;
  /** Plain names. */
  readonly schema: string;
  readonly table: string;
  /** One NOT NULL column that leads an index; no more rows than a batch has may share one value of it. */
  readonly key: string;
  /** Keys per batch. */
  readonly batch: number;
  /** One UPDATE, INSERT or DELETE for the keys from `$1` to `$2`, both included. */
  readonly statement: string;
  /** The workspace's schema, in which names without one are looked for first. */
  readonly home: string;
  readonly throttle: BackfillThrottle;
  /** It pauses in these: UTC. */
  readonly pauseBetween: readonly DayWindow[];
  /** Under the service it works outside of the apply windows of its class too. */
  readonly outsideWindows: boolean;
  /** As PostgreSQL writes times. */
  readonly lockTimeout: string;
  readonly statementTimeout: string;
  /** It stops where more keys than this have failed. */
  readonly deadLetters: number;
  readonly errorBudget: {
    /** From 0 to 1: it stops where more of the keys that were passed have failed. */
    readonly share: number;
    /** It stops at so many failures with nothing done between them, passing ones included. */
    readonly inARow: number;
  };
  /** Once all keys are passed; null: not asked. */
  readonly verify: BackfillVerify | null;
  /** Of the file: a backfill that has begun is not changed under way. */
  readonly checksum: string;
}

export interface BackfillVerify {
  /** `SELECT count(...)` of rows that are not as they should be. */
  readonly query: string;
  /** As PostgreSQL writes times. */
  readonly timeout: string;
}

/** What the count of rows that are left told. */
export interface BackfillVerification {
  /** Null where they could not be counted. */
  readonly left: number | null;
  /** Why they could not be counted, in words that hold no value of a row. */
  readonly problem: string | null;
  readonly at: Date;
}

export interface BackfillThrottle {
  /** Seconds that a replica may be behind; null: not asked. */
  readonly replicationLag: number | null;
  /** Sessions of others that may be active; null: not asked. */
  readonly activeSessions: number | null;
  /** Milliseconds between two batches. */
  readonly rest: number;
}

/** Minutes of the day; from after to goes over midnight. */
export interface DayWindow {
  readonly from: number;
  readonly to: number;
}

/**
 * `waiting`: its version is not applied. `paused` by a person; `stopped` by itself: its error budget is spent, a failure
 * that no row is to blame for, or rows that are left at its end.
 */
export type BackfillState = "new" | "waiting" | "running" | "paused" | "stopped" | "done";

/** How far it is, as its table in the target says. */
export interface BackfillProgress {
  readonly name: string;
  /** Of the file that it began with; null before it began. */
  readonly checksum: string | null;
  readonly state: BackfillState;
  /** Why it is paused or stopped; null where nobody said. */
  readonly reason: string | null;
  /** The last key that is done, as text; null before the first batch. */
  readonly lastKey: string | null;
  /** Keys passed, failed ones included. */
  readonly done: number;
  /** Rows that the statement changed. */
  readonly changed: number;
  readonly dead: number;
  /** Of the last time that all keys were passed; null before that, or where its file asks for none. */
  readonly verification: BackfillVerification | null;
  /** Rows of the table by its statistics, when it began; null where unknown. */
  readonly estimate: number | null;
  /** Keys per second since this process began; null where it does not work. */
  readonly rate: number | null;
  readonly startedAt: Date | null;
  readonly updatedAt: Date | null;
}

/** Why no batch is begun for now. */
export interface BackfillWait {
  readonly kind: "window" | "lag" | "load" | "frozen" | "away";
  readonly text: string;
  /** Milliseconds until it is looked at again. */
  readonly wait: number;
}

/** What was measured between two batches; null where it was not asked. */
export interface BackfillLoad {
  /** Seconds that the slowest replica is behind. */
  readonly lag: number | null;
  /** Active sessions of others. */
  readonly active: number | null;
}

export interface DeadLetter {
  readonly key: string;
  readonly message: string;
  readonly sqlState: string;
  readonly at: Date;
}
