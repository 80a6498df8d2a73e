import type { Backfill, BackfillProgress } from "./backfill.ts";
import type { ChangeClass } from "./change-class.ts";

/** A file of a folder, and how it stands to its database. */
export interface DeclaredBackfill {
  readonly backfill: Backfill;
  /** Relative to the folder. */
  readonly file: string;
  readonly progress: BackfillProgress;
  /** Why it could not run on the schema that is live; null where it could. */
  readonly trouble: string | null;
  /** Of its table, estimated; null where there is no such table. */
  readonly rows: number | null;
}

/** A backfill that a plan would start, with what reviewers and gates read of it; nothing in it is secret. */
export interface PlannedBackfill {
  readonly name: string;
  /** Relative to the folder. */
  readonly file: string;
  readonly checksum: string;
  /** `app.customer` */
  readonly table: string;
  readonly key: string;
  readonly after: string | null;
  readonly batch: number;
  /** Passwords hidden. */
  readonly statement: string;
  readonly throttle: Backfill["throttle"];
  readonly pauseBetween: Backfill["pauseBetween"];
  readonly outsideWindows: boolean;
  readonly deadLetters: number;
  readonly errorBudget: Backfill["errorBudget"];
  /** Query that counts what is left at its end; null where none is asked. Passwords hidden. */
  readonly verify: string | null;
  readonly class: ChangeClass;
  /** Of the table by its statistics; null where nothing tells. */
  readonly rows: number | null;
  /** Null where the rows are not known. */
  readonly batches: number | null;
}

/** What one batch did on a database that nobody uses. */
export interface RehearsedBackfill {
  readonly name: string;
  /** Of the batch; 0 where the rehearsal holds no rows, and the statement ran for none. */
  readonly keys: number;
  readonly changed: number;
  readonly milliseconds: number;
  /** Why keys of the batch would be left out, without their values; null where none would. */
  readonly leftOut: string | null;
  /** What stops it, in the server's words; null where nothing does. */
  readonly failure: string | null;
}
