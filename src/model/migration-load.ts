/** A lock that a statement did not get at once, as another session saw it. */
export interface LockWait {
  /** `schema.table`, or what kind of thing was waited for: `virtualxid` is another's transaction. */
  readonly relation: string;
  /** As SQL writes it: `ACCESS EXCLUSIVE`. */
  readonly mode: string;
  readonly milliseconds: number;
  /** Sessions that stood in the way, at most. */
  readonly blockers: number;
}

/** The strongest lock of a table that a migration was seen to hold, and for how long, to about a look. */
export interface HeldLock {
  readonly relation: string;
  readonly mode: string;
  readonly milliseconds: number;
}

/** The server beside a run of migrations. Null where the identity may not see it. */
export interface ServerLoad {
  /** Of the database. */
  readonly bytes: number | null;
  /** Seconds that the replica that is furthest behind has still to replay; 0 without one. */
  readonly lag: number | null;
  readonly replicas: number | null;
  readonly connections: number | null;
  readonly connectionsAllowed: number;
}

/** What a run did to its server, seen by a second session as `read_only`. */
export interface MigrationLoad {
  /** Null where no second session could look. */
  readonly before: ServerLoad | null;
  readonly after: ServerLoad | null;
  /** Written to the log by the whole server meanwhile. */
  readonly walBytes: number | null;
  /** Seconds, at any look. */
  readonly worstLag: number | null;
  /** What could not be seen and why; null where all could. */
  readonly note: string | null;
}
