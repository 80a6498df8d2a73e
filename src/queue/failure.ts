import { asPlumblineError, type PlumblineError } from "../model/errors.ts";
import { type Job, orderKeyOf } from "../model/job.ts";
import { pullKey } from "../model/pull.ts";
import type { Run } from "../model/run.ts";
import type { Clock } from "../ports/clock.ts";
import type { ClaimedJob, JobResult } from "../ports/jobs.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { Log } from "../ports/log.ts";
import type { Redactor } from "../ports/redactor.ts";
import { nextAttempt } from "./retry.ts";

export interface FailureParts {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Log;
  readonly redactor: Redactor;
  /** Wakes the relay after follow-ups were stored. */
  readonly nudge: () => void;
  /** From 0 to 1, spreads retries. */
  readonly chance?: () => number;
}

/** What becomes of a job that failed: another attempt by the error's own fate, or its end, told and recorded. */
export const afterFailure = async (
  parts: FailureParts,
  claimed: ClaimedJob,
  signal: AbortSignal,
  thrown: unknown,
): Promise<JobResult> => {
  const now = parts.clock.now();
  const error = asPlumblineError(thrown);
  const message = parts.redactor.redact(error.message);
  // The process ends, the job did nothing wrong: whoever is there next takes it.
  if (signal.aborted) return { done: false, retryAt: now, message: "interrupted" };
  const retryAt = nextAttempt(error, claimed.attempt, now, (parts.chance ?? Math.random)());
  const fields = { kind: claimed.job.kind, key: orderKeyOf(claimed.job), attempt: claimed.attempt, error };
  if (retryAt) {
    parts.log.info("a job failed and will be tried again", { ...fields, retryAt });
    return { done: false, retryAt, message };
  }
  const level = error.code === "bug" ? "error" : error.kind.audience === "operator" ? "warn" : "info";
  parts.log[level]("a job failed for good", fields);
  return (await giveUp(parts, claimed, error, message)) ?? { done: false, retryAt: null, message };
};

const DATABASE_PAUSE_MS = 10_000;

/** Null once the end is recorded; else the job comes again, since nobody would ever hear of it. */
const giveUp = async (
  parts: FailureParts,
  { job, attempt }: ClaimedJob,
  error: PlumblineError,
  message: string,
): Promise<JobResult | null> => {
  const at = parts.clock.now();
  try {
    await parts.ledger.transaction(async (ledger) => {
      await failRun(ledger, job, { code: error.code, message, hint: error.hint }, at);
      await ledger.audit.append({
        at,
        actor: "plumbline",
        action: "job-failed",
        subject: orderKeyOf(job),
        details: { kind: job.kind, code: error.code, message, attempts: attempt },
      });
    });
    parts.nudge();
    return null;
  } catch (cause) {
    parts.log.warn("a job's failure could not be recorded", { kind: job.kind, error: cause });
    return { done: false, retryAt: new Date(at.getTime() + DATABASE_PAUSE_MS), message };
  }
};

/** A run that never began would wait for ever, and its pull request with it. */
const failRun = async (
  ledger: Ledger,
  job: Job,
  error: NonNullable<Run["error"]>,
  at: Date,
): Promise<void> => {
  if (job.kind !== "plan" && job.kind !== "apply") return;
  const failed = await ledger.runs.transition(job.run, {
    from: ["queued"],
    to: "failed",
    token: 0,
    at,
    error,
  });
  const pull = failed ? (await ledger.runs.get(job.run))?.pull : null;
  if (!pull) return;
  await ledger.outbox.add([{ job: { kind: "publish", pull }, dedupeKey: `publish:${pullKey(pull)}` }], at);
};
