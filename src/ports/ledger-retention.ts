import type { RunKind } from "../model/run.ts";

/** What the janitor asks and does. */
export interface RetentionRows {
  /**
   * Of these runs, known or not, those that nothing needs any more: ended before, no part of a workspace that is frozen
   * or has an apply in doubt, of no open pull request and none that holds or awaits a lock, not the newest of their
   * kind, and named by no fact in `meta`.
   */
  unneeded(runs: readonly string[], endedBefore: Date): Promise<readonly string[]>;
  /** The runs no longer name a log. */
  forgetLogs(runs: readonly string[]): Promise<void>;
  /** Parts of the logs of runs that ended before, and of runs that are gone; whoever died left them. */
  forgetLogParts(endedBefore: Date): Promise<void>;
  /** Their plans no longer name plan files. */
  forgetPlans(runs: readonly string[]): Promise<void>;
  /** Removes up to `limit` such runs of these kinds with steps and plans; returns how many. */
  pruneRuns(kinds: readonly RunKind[], endedBefore: Date, limit: number): Promise<number>;
  /**
   * Removes facts of `meta` that speak of what ended before: of pull requests, of commands in them, of alerts whose
   * finding is gone, of workspaces that left the code; and by `now` of logins that are over. What it does not know stays. Returns how many.
   */
  pruneMeta(endedBefore: Date, now: Date): Promise<number>;
  /** Removes findings that ended before; returns how many. */
  pruneFindings(endedBefore: Date): Promise<number>;
}
