import type { FollowUp, Job, JobKind } from "../model/job.ts";

export interface ClaimedJob {
  readonly id: string;
  readonly job: Job;
  readonly attempt: number;
  /** What came from outside and led to it. */
  readonly request?: string | null;
  /** Aborts when the job is cancelled or its lease is lost. */
  readonly signal: AbortSignal;
}

/** Settles a claimed job: done, or failed with what follows. */
export type JobResult =
  | { readonly done: true }
  | { readonly done: false; readonly retryAt: Date | null; readonly message: string };

/**
 * The durable queue. Jobs of one order key run one at a time and in order of arrival within a priority;
 * `concurrency` bounds the rest. A worker that dies gives its job back after the heartbeat limit.
 */
export interface Jobs {
  enqueue(jobs: readonly FollowUp[]): Promise<void>;
  /** Starts claiming; the returned function stops it: no new jobs, resolves when the running ones have ended. */
  work(options: {
    /** Engines at work at once; jobs that need none have slots of their own. */
    readonly concurrency: number;
    /** How many of them the schedule may have (drift); one always stays free of it where there are several. */
    readonly background?: number;
    readonly handle: (job: ClaimedJob) => Promise<JobResult>;
  }): Promise<() => Promise<void>>;
  /** Waiting and running jobs by kind. */
  depth(): Promise<Readonly<Partial<Record<JobKind, { waiting: number; running: number }>>>>;
  /** Resolves when nothing waits (jobs due later left out) and nothing runs. For drains, demo and tests. */
  idle(): Promise<void>;
  close(): Promise<void>;
}
