import type { Unwritten } from "../model/migration-proposal.ts";

/** In which order statements run. Those of one step run in the order in which they were written. */
export const STEPS = [
  "add enum values",
  "drop what depends",
  "drop foreign keys",
  "drop constraints",
  // After the indexes of its parent: a table that leaves keeps what it had of them.
  "detach",
  "drop views",
  "drop routines",
  "make",
  "attach",
  "constrain",
  "index",
  "watch",
  "describe",
  "remove",
  "remove what was inherited",
  "index concurrently",
  "drop indexes concurrently",
  "validate",
  "attach late",
] as const;
export type Step = (typeof STEPS)[number];

/** A statement of a migration, without its semicolon. */
export interface WrittenStatement {
  readonly address: string;
  readonly step: Step;
  readonly sql: string;
  /** A spelling that may run where it ran before; `sql` where left out. */
  readonly again?: string;
  /** An SQL condition: where it is false, the statement has been done. Null where it does no harm twice. */
  readonly needed?: string | null;
  /** Data that is gone after it: `the column app.orders.note`. */
  readonly destroys?: string;
  /** What a reader must know before it runs. */
  readonly note?: string;
}

export type Piece = WrittenStatement | Unwritten;

export const isUnwritten = (piece: Piece): piece is Unwritten => "why" in piece;
