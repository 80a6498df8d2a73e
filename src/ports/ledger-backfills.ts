import type { BackfillRun, BackfillRunState } from "../model/backfill-run.ts";

/** A backfill as the ledger keeps it. Its statement stands in Git: at this commit, under this checksum. */
export interface BackfillRow extends BackfillRun {
  readonly commit: string;
  /** From the root of the repository. */
  readonly path: string;
  readonly checksum: string;
  /** What a person asked for and was not done yet: go on in spite of what stopped it, or try left-out keys again. */
  readonly wish: "resume" | "retry" | null;
  /** Fencing token of the lease under which it works. */
  readonly token: number;
  readonly updatedAt: Date;
}

export interface BackfillChange {
  /** Changes nothing in another state. */
  readonly from: readonly BackfillRunState[];
  /** Changes nothing where another lease was given since. */
  readonly token?: number;
  readonly set: Partial<Omit<BackfillRow, "workspace" | "name">>;
}

export interface BackfillRows {
  get(workspace: string, name: string): Promise<BackfillRow | null>;
  /** By workspace and time. */
  list(filter: {
    readonly workspace?: string;
    readonly pull?: { readonly repo: string; readonly number: number };
    readonly states?: readonly BackfillRunState[];
  }): Promise<readonly BackfillRow[]>;
  /** Adds it, or writes it anew where it still waits, was cancelled or is done. False where another one is under way. */
  approve(row: BackfillRow): Promise<boolean>;
  /** Compare-and-set; false where it is elsewhere by now. */
  change(workspace: string, name: string, change: BackfillChange): Promise<boolean>;
}
