import type { RunState } from "./run.ts";

/** Where to begin: at a byte, or so many bytes before the end, from the next line on. At the beginning where left out. */
export interface LogWish {
  readonly from?: number | undefined;
  readonly tail?: number | undefined;
  /** The part that ends here, from a line on. */
  readonly before?: number | undefined;
  /** No more bytes than these. */
  readonly most?: number | undefined;
  readonly withLines?: boolean | undefined;
}

/** A part of a run's log, redacted. Places count bytes of what is kept; `text` may be redacted further. */
export interface LogPart {
  readonly state: RunState;
  readonly from: number;
  /** Where the next part begins; `bytes` where this is all so far. */
  readonly next: number;
  readonly bytes: number;
  readonly text: string;
  /** The byte where each line of `text` begins, if asked for; none where redaction put lines together. */
  readonly lineStarts?: readonly number[];
}

/** A line of a log that holds what was searched for. `line` counts from 1, `at` is the byte where it begins. */
export interface LogHit {
  readonly line: number;
  readonly at: number;
  /** Without colours, and cut where it is long. */
  readonly text: string;
}

/** What a search found; `next` goes on where there may be more, null at the end of what is written so far. */
export interface LogFound {
  readonly state: RunState;
  readonly hits: readonly LogHit[];
  /** Up to this byte. */
  readonly searched: number;
  readonly bytes: number;
  readonly next: string | null;
}
