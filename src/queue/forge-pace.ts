import { AsyncLocalStorage } from "node:async_hooks";
import { PlumblineError } from "../model/errors.ts";
import { type Job, priorityOf } from "../model/job.ts";
import type { Clock } from "../ports/clock.ts";
import type { Forge } from "../ports/forge.ts";
import type { ForgeBudgetRows } from "../ports/ledger-shared.ts";
import type { Log } from "../ports/log.ts";

export interface PaceParts {
  readonly budget: ForgeBudgetRows;
  readonly clock: Clock;
  readonly log: Log;
  /** Who shares the bucket: the forge's address. */
  readonly key: string;
  /** Points that come back in a minute, and that may be saved up. */
  readonly perMinute: number;
  readonly burst: number;
}

/** How urgent the work at hand is; jobs set it, and what is no job is urgent. */
type Urgency = "people" | "schedule" | "looking";
const current = new AsyncLocalStorage<Urgency>();

/** Whatever the work asks of the forge is asked with the urgency of this job. */
export const asUrgentAs = <T>(job: Job, work: () => Promise<T>): Promise<T> =>
  current.run(urgencyOf(job), work);

const LAST_PRIORITY = 5;

const urgencyOf = (job: Job): Urgency => {
  if (job.kind === "poll" || job.kind === "sweep") return "looking";
  return priorityOf(job) > 2 && priorityOf(job) <= LAST_PRIORITY ? "schedule" : "people";
};

// What GitHub counts: a point for a question, five for whatever writes.
const QUESTION = 1;
const WRITING = 5;
/** Answered from memory, or by another counter. */
const FREE: ReadonlySet<string> = new Set(["kind", "limits", "identity", "compareUrl", "cloneAccess"]);
const QUESTIONS: ReadonlySet<string> = new Set([
  ...["defaultBranch", "pull", "openPulls", "closedPulls", "findPull", "comments", "statuses", "reviews"],
  ...["mergeable", "permission", "teamMember", "lastPusher"],
]);

/**
 * The same forge, asked no faster than all replicas together may: each call takes its points from one bucket in the
 * database first. The schedule leaves a part of the bucket to people, so that drift is last in line.
 */
export const pacedForge = (forge: Forge, parts: PaceParts): Forge =>
  new Proxy(forge, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function" || typeof name === "symbol" || FREE.has(name)) return value;
      const points = QUESTIONS.has(name) ? QUESTION : WRITING;
      return async (...args: readonly unknown[]): Promise<unknown> => {
        await take(parts, points);
        return Reflect.apply(value, target, args);
      };
    },
  });

/** Of the bucket, what only people may have. */
const KEPT_FOR_PEOPLE = 0.5;
// Longer than this nobody holds a worker: the job comes again.
const LONGEST_WAIT_MS = 120_000;

const take = async (parts: PaceParts, points: number): Promise<void> => {
  const { budget, clock, log, key, perMinute, burst } = parts;
  const urgency = current.getStore() ?? "people";
  const keep = urgency === "people" ? 0 : burst * KEPT_FOR_PEOPLE;
  const until = clock.now().getTime() + (urgency === "looking" ? 0 : LONGEST_WAIT_MS);
  for (;;) {
    const now = clock.now();
    const waitMs = await budget.take(key, { points, perMinute, burst, keep }, now);
    if (waitMs === 0) return;
    if (now.getTime() + waitMs > until) {
      log.info("the forge's limit is used up: this comes again later", { urgency, waitMs });
      throw new PlumblineError("forge-rate-limited", "As much was asked of the forge as it allows.", {
        detail: { retryAfterSeconds: Math.ceil(waitMs / 1000) },
      });
    }
    await clock.wait(waitMs);
  }
};
