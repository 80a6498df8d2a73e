import type { BackfillVerification } from "./backfill.ts";
import type { ChangeClass } from "./change-class.ts";
import type { PullRef } from "./pull.ts";

/**
 * Where a backfill of the service is. `waiting`: for its apply, or for its version. `paused` by a person; `stopped` by
 * itself, dead letters among the reasons; only `done` is finished.
 */
export const BACKFILL_STATES = ["waiting", "running", "paused", "stopped", "done", "cancelled"] as const;
export type BackfillRunState = (typeof BACKFILL_STATES)[number];

/** States in which it still has something to do, now or once somebody says so. */
export const UNFINISHED: readonly BackfillRunState[] = ["waiting", "running", "paused", "stopped"];

/** What people may say to one. */
export const BACKFILL_VERBS = ["pause", "resume", "retry", "cancel"] as const;
export type BackfillVerb = (typeof BACKFILL_VERBS)[number];

const CONCERNED: Readonly<Record<BackfillVerb, readonly BackfillRunState[]>> = {
  pause: ["waiting", "running"],
  resume: ["paused", "stopped"],
  retry: ["running", "paused", "stopped"],
  cancel: UNFINISHED,
};

/** Whether the word means something to a backfill where it is now. */
export const concerns = (verb: BackfillVerb, { state, dead }: Pick<BackfillRun, "state" | "dead">): boolean =>
  CONCERNED[verb].includes(state) && (verb !== "retry" || dead > 0);

/** A key that is left out, and why, in words that hold no value of its row. */
export interface LeftOutKey {
  readonly key: string;
  readonly why: string;
  readonly sqlState: string;
  readonly at: Date;
}

/** A backfill that was approved with a pull request, as people see it. */
export interface BackfillRun {
  readonly workspace: string;
  readonly name: string;
  /** The apply that it was approved with. */
  readonly run: string;
  readonly pull: PullRef | null;
  /** `app.customer` */
  readonly table: string;
  readonly class: ChangeClass;
  readonly state: BackfillRunState;
  /** Why it waits, is paused, or stopped; null where there is nothing to say. */
  readonly reason: string | null;
  /** Why no batch is begun for now; null while it works. */
  readonly throttle: string | null;
  /** Seconds that the slowest replica is behind; null where it was not asked. */
  readonly lag: number | null;
  /** Active sessions of others; null where it was not asked. */
  readonly active: number | null;
  /** Keys passed, those that are left out included. */
  readonly done: number;
  readonly changed: number;
  readonly dead: number;
  /** Keys that it is about, by statistics; null where nobody knows. */
  readonly total: number | null;
  /** Keys a second, lately; null before anything was measured. */
  readonly rate: number | null;
  /** At most so many as are kept for people. */
  readonly leftOut: readonly LeftOutKey[];
  /** Whose word lets it work through closed windows, and through freezes that began before it. */
  readonly freezeOverride: { readonly by: string; readonly at: Date } | null;
  /** Null where its file asks for none, or it was not asked yet. */
  readonly verification: BackfillVerification | null;
  readonly requestedBy: string;
  readonly createdAt: Date;
  /** When the last batch was seen to be done. */
  readonly progressedAt: Date | null;
  readonly endedAt: Date | null;
}

/** What people see of it. */
export interface BackfillView extends BackfillRun {
  /** Of its file, as it was approved. */
  readonly checksum: string;
  /** At the rate of lately; null where that cannot be told. */
  readonly secondsLeft: number | null;
}

/** What a count at the end told; null where none was made. */
export const verificationText = ({ verification }: Pick<BackfillRun, "verification">): string | null => {
  if (verification === null) return null;
  const { left } = verification;
  if (left === null) return "what is left could not be counted";
  return left === 0 ? "verified, no row is left" : `${left} rows are left`;
};

/** Seconds until it is done at this rate; null where that cannot be told. */
export const secondsLeft = ({ state, done, total, rate }: BackfillRun): number | null =>
  state !== "running" || total === null || rate === null || rate <= 0
    ? null
    : Math.ceil(Math.max(0, total - done) / rate);

/** From 0 to 1; null where the total is not known. */
export const shareDone = ({
  state,
  done,
  total,
}: Pick<BackfillRun, "state" | "done" | "total">): number | null => {
  if (state === "done") return 1;
  return total === null || total <= 0 ? null : Math.min(1, done / total);
};
