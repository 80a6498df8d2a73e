import type { Cause } from "./finding.ts";
import type { SyncState } from "./reading.ts";
import type { RunKind, RunState } from "./run.ts";

/** What the ledger says of a span of time that ends now. Times are in seconds; null where nothing was there to measure. */
export interface Numbers {
  readonly workspaces: Readonly<Record<SyncState, number>>;
  readonly open: readonly { readonly cause: Cause; readonly count: number }[];
  readonly oldestDriftSeconds: number | null;
  /** Drift made by hand that was found within the span, and how much of it was formalized or reverted by now. */
  readonly found: number;
  readonly followedThrough: number;
  /** Median from found to formalized or reverted, of what ended within the span. */
  readonly toEndSeconds: number | null;
  /** Median of how long after its slot a look began. */
  readonly latenessSeconds: number | null;
  readonly runs: readonly {
    readonly kind: RunKind;
    readonly state: RunState;
    readonly count: number;
    readonly medianSeconds: number | null;
    readonly slowSeconds: number | null;
  }[];
  readonly queue: readonly { readonly kind: string; readonly waiting: number; readonly running: number }[];
}
