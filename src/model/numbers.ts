import type { BackfillRunState } from "./backfill-run.ts";
import type { Cause } from "./finding.ts";
import type { MigrationState } from "./migration.ts";
import type { SyncState } from "./reading.ts";
import type { RunKind, RunState } from "./run.ts";

/** How long something took, in seconds: the median and the 95th percentile of so many. */
export interface Took {
  readonly count: number;
  readonly median: number;
  readonly slow: number;
}

/** So many of so many; the share is null where there were none. */
export interface Part {
  readonly of: number;
  readonly are: number;
  readonly share: number | null;
}

export const partOf = (are: number, of: number): Part => ({ of, are, share: of === 0 ? null : are / of });

/**
 * What the ledger says of a span of time. Drift here is what somebody's hand made. Null where nothing was there to
 * measure.
 */
export interface Numbers {
  readonly from: Date;
  readonly to: Date;
  /** The oldest run that is kept; null where there is none. */
  readonly recordedSince: Date | null;
  /** Now, whatever the span. */
  readonly workspaces: Readonly<Record<SyncState, number>>;
  readonly open: readonly { readonly cause: Cause; readonly count: number }[];
  readonly oldestDriftSeconds: number | null;
  readonly queue: readonly { readonly kind: string; readonly waiting: number; readonly running: number }[];
  /** Alert channels that were told something, with how long each has failed; null: it works. */
  readonly channels: readonly { readonly name: string; readonly failingSeconds: number | null }[];
  /** Now. `idleSeconds`: how long the one that waits longest for its next batch has; null where none is under way. */
  readonly backfills: {
    readonly states: readonly { readonly state: BackfillRunState; readonly count: number }[];
    readonly dead: number;
    /** Keys that unfinished ones passed. */
    readonly done: number;
    /** Of the unfinished one of which the largest share of the keys that were passed failed; 0 where none failed. */
    readonly worstShare: number;
    /** Keys that unfinished ones are about, by statistics; those of which nobody knows count none. */
    readonly expected: number;
    /** Of those that run. */
    readonly keysPerSecond: number;
    /** Seconds that the slowest replica was behind at a running one's last look; 0 where none was asked. */
    readonly replicaLag: number;
    readonly idleSeconds: number | null;
  };
  readonly migrations: MigrationNumbers;
  /** Of the drift found within the span, what was formalized or reverted by now. */
  readonly followedThrough: Part;
  /** Found within the span, until a drift pull request held it. */
  readonly toPull: Took | null;
  /** From there to formalized or reverted, of what ended within the span. */
  readonly pullToEnd: Took | null;
  /** From found to formalized or reverted, of what ended within the span. */
  readonly toEnd: Took | null;
  /**
   * Of the drift found within the span in a workspace that was looked at before, what was found before a second look was
   * due. Null where the reader does not know the schedules.
   */
  readonly caughtInCycle: Part | null;
  /** How long after its slot, with the jitter of its workspace, a look began. Null as `caughtInCycle`. */
  readonly lateness: Took | null;
  readonly runs: readonly {
    readonly kind: RunKind;
    readonly state: RunState;
    readonly count: number;
    /** From its beginning to its end, without the time in the queue. */
    readonly took: Took | null;
  }[];
  /** Of the runs that came to an end of their own, those that failed or ended in doubt. */
  readonly failures: readonly ({ readonly kind: RunKind } & Part)[];
  /** Console changes by owner, null for workspaces without one; of several owners each counts. */
  readonly owners: readonly {
    readonly owner: string | null;
    readonly found: number;
    /** Of those, in the whole weeks of the span. */
    readonly whole: number;
    /** In as many weeks before them; null where the span has no whole week, or not all of that time was recorded. */
    readonly before: number | null;
  }[];
  /** Every week that the span touches, oldest first. */
  readonly weeks: readonly Week[];
}

/** Of SQL migrations; null where nothing was there to measure. */
export interface MigrationNumbers {
  /** Where those of the span are by now. */
  readonly states: readonly { readonly state: MigrationState; readonly count: number }[];
  /** Of those of the span that are done. */
  readonly took: Took | null;
  /** The worst time by the time of its rehearsal, of those of the span that took over a second. */
  readonly slower: number | null;
  /** Tries of the span that a lock timeout took back. */
  readonly retries: number;
  /** Seconds that one of the span waited for locks, at most. */
  readonly lockWait: number | null;
  /** Rows that those of the span changed. */
  readonly rows: number;
  /** Seconds that a replica was behind while one ran, at most. */
  readonly lag: number | null;
  /** Now, whatever the span: the longest that runs. */
  readonly runningSeconds: number | null;
  /** Workspaces that wait for a word after one failed half-way, now, and for how long the first. */
  readonly halfWay: number;
  readonly halfWaySeconds: number | null;
  readonly lastDoneSeconds: number | null;
  /** Open findings of these workspaces. */
  readonly schemaDrift: readonly { readonly cause: Cause; readonly count: number }[];
}

export interface Week {
  /** Its Monday in UTC: 2026-01-05. */
  readonly week: string;
  /** All of it lies within the span: it neither goes on nor is cut at its beginning. */
  readonly isWhole: boolean;
  /** Something was recorded before its end. Of other weeks nothing is known, and their zeros say nothing. */
  readonly isRecorded: boolean;
  readonly found: number;
  /** Formalized or reverted in it. */
  readonly ended: number;
  readonly toEndSeconds: number | null;
  readonly byOwner: readonly { readonly owner: string | null; readonly found: number }[];
  readonly plan: WeekOfRuns;
  readonly apply: WeekOfRuns;
}

export interface WeekOfRuns {
  readonly ended: number;
  readonly failed: number;
  /** Median of those that succeeded. */
  readonly seconds: number | null;
}

const WEEK_MS = 7 * 86_400_000;
/** 1970 began on a Thursday. */
const FIRST_MONDAY_MS = 4 * 86_400_000;

/** The beginning of the week that a time is in: its Monday in UTC. */
export const weekBegin = (at: Date): Date =>
  new Date(Math.floor((at.getTime() - FIRST_MONDAY_MS) / WEEK_MS) * WEEK_MS + FIRST_MONDAY_MS);

/** The Mondays of all weeks that a span touches, in UTC. */
export const weeksOf = (from: Date, to: Date): readonly string[] => {
  const weeks: string[] = [];
  for (let at = weekBegin(from).getTime(); at <= to.getTime(); at += WEEK_MS)
    weeks.push(new Date(at).toISOString().slice(0, 10));
  return weeks;
};

/** The part of a span that is whole weeks; empty (`from` is `to`) where there is none. */
export const wholeWeeks = (from: Date, to: Date): { readonly from: Date; readonly to: Date } => {
  const first = weekBegin(new Date(from.getTime() + WEEK_MS - 1));
  const end = weekBegin(to);
  return { from: first, to: first < end ? end : first };
};

/** What a week of `weeksOf` is worth. */
export const spanOfWeek = (
  week: string,
  { from, now }: { readonly from: Date; readonly now: Date },
  recordedSince: Date | null,
): Pick<Week, "isWhole" | "isRecorded"> => {
  const begin = Date.parse(week);
  const end = begin + WEEK_MS;
  return {
    isWhole: begin >= from.getTime() && end <= now.getTime(),
    isRecorded: recordedSince !== null && recordedSince.getTime() < end,
  };
};

/** The beginning of a span of so many whole weeks, and of the one that goes on. */
export const weeksBefore = (now: Date, weeks: number): Date =>
  new Date(weekBegin(now).getTime() - weeks * WEEK_MS);
