/** What the work at hand belongs to. Whatever is logged, stored as a job or begun as a run while it goes on says so. */
export interface Trail {
  /** What came from outside: a webhook's delivery (`github:ID`), or a request to the API (`req_...`). */
  readonly request?: string;
  readonly job?: string;
  readonly run?: string;
  /** Of the trace that holds the run, where traces are kept. */
  readonly trace?: string;
}

/** Who keeps the trail; who does not lets the work be done without one. */
export interface TrailKeeper {
  along?<T>(more: Trail, work: () => T): T;
}

/** Does the work as a part of what is at hand and of this. */
export const along = <T>(keeper: TrailKeeper, more: Trail, work: () => T): T =>
  keeper.along ? keeper.along(more, work) : work();
