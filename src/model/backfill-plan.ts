import type { Backfill } from "./backfill.ts";
import type { ChangeClass } from "./change-class.ts";

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
  readonly deadLetters: number;
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
  /** In the server's words; null where it went well. */
  readonly failure: string | null;
}
