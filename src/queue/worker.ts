import { type Job, type Outcome, orderKeyOf } from "../model/job.ts";
import { along } from "../model/trail.ts";
import type { ClaimedJob, JobResult, Jobs } from "../ports/jobs.ts";
import { afterFailure, type FailureParts } from "./failure.ts";
import { MOST_STARTS } from "./retry.ts";

export interface WorkerParts extends FailureParts {
  readonly jobs: Jobs;
  readonly handle: (job: Job, signal: AbortSignal) => Promise<Outcome>;
  /** Engines at work at once: for pull requests and drift together, and how many of them drift may have. */
  readonly concurrency: { readonly runs: number; readonly drift: number };
}

export interface Worker {
  /** Takes no new job and aborts the signal of every handler; what does not settle by itself comes again later. */
  interrupt(): void;
  /** Takes no new job; resolves when the running ones have ended. */
  stop(): Promise<void>;
}

/** Claim, handle, settle. What follows a job is stored before the job is taken off the queue. */
export const startWorker = async (parts: WorkerParts): Promise<Worker> => {
  const interrupted = new AbortController();
  const stop = await parts.jobs.work({
    concurrency: parts.concurrency.runs,
    background: parts.concurrency.drift,
    handle: (claimed) => {
      const { id: job, request } = claimed;
      return along(parts.log, { job, ...(request ? { request } : {}) }, () =>
        settle(parts, claimed, AbortSignal.any([claimed.signal, interrupted.signal])),
      );
    },
  });
  const interrupt = (): void => {
    void stop();
    interrupted.abort();
  };
  return { interrupt, stop };
};

const settle = async (parts: WorkerParts, claimed: ClaimedJob, signal: AbortSignal): Promise<JobResult> => {
  const { job, attempt } = claimed;
  const began = parts.clock.now().getTime();
  try {
    if (attempt > MOST_STARTS) throw new Error("This job was begun too often without an end.");
    const outcome = await parts.handle(job, signal);
    await parts.ledger.outbox.add(outcome.followUps, parts.clock.now());
    if (outcome.followUps.length > 0) parts.nudge();
    const fields = { kind: job.kind, key: orderKeyOf(job), ms: parts.clock.now().getTime() - began };
    // Polls and sweeps are done by the clock, mostly with nothing to do.
    parts.log[job.kind === "poll" || job.kind === "sweep" ? "debug" : "info"]("a job was done", fields);
    return { done: true };
  } catch (thrown) {
    return afterFailure(parts, claimed, signal, thrown);
  }
};
