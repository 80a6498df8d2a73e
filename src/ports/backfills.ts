import type { Backfill, BackfillLoad, BackfillProgress, BackfillWait } from "../model/backfill.ts";
import type { DeclaredBackfill } from "../model/backfill-plan.ts";
import type { LeftOutKey } from "../model/backfill-run.ts";
import type { Clock } from "./clock.ts";
import type { MigrationCall } from "./migrations.ts";

/** What is needed without a checkout. */
export type BackfillCall = Pick<MigrationCall, "workspace" | "database" | "url">;

export interface BackfillOrder {
  readonly clock: Clock;
  /** Lets one go on that was paused or stopped; or also tries once more what was left out. */
  readonly wish: "resume" | "retry" | null;
  /** Awaited after each batch, with what was measured before it; false: no further one is begun. */
  readonly border: (progress: BackfillProgress, load: BackfillLoad) => Promise<boolean>;
  readonly stop: AbortSignal;
}

/** How far a call came. */
export interface BackfillEnd {
  readonly progress: BackfillProgress;
  /** Why no batch may begin for now; null where that was not the reason for its end. */
  readonly wait: BackfillWait | null;
  readonly load: BackfillLoad;
  /** Keys that were left out are still to be tried again. */
  readonly retries: boolean;
  /** The first hundred. */
  readonly leftOut: readonly LeftOutKey[];
}

/** Long changes of data in batches, whichever tool runs the migrations. */
export interface Backfills {
  /** As `read_only`. Throws `sql-invalid`, `database-unavailable`. */
  declared(call: MigrationCall): Promise<readonly DeclaredBackfill[]>;
  /** Whether the version that it comes after is applied. As `read_only`. Throws `database-unavailable`. */
  isReady(call: BackfillCall, backfill: Pick<Backfill, "after">): Promise<boolean>;
  /**
   * Works as `migration`, looks at load and replicas as `read_only`. Never waits for these: it ends and says why.
   * Throws `sql-invalid`, `sql-failed`, `workspace-busy`, `database-unavailable`.
   */
  run(call: BackfillCall, backfill: Backfill, order: BackfillOrder): Promise<BackfillEnd>;
  /** Keeps it from going on from a terminal too. Nothing where it has not begun or is over. */
  hold(call: BackfillCall, backfill: Pick<Backfill, "name">, why: string): Promise<void>;
}
