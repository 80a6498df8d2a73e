import type { RunState } from "./run.ts";

/** Where to begin: at a byte, or so many bytes before the end, from the next line on. At the beginning where left out. */
export interface LogWish {
  readonly from?: number | undefined;
  readonly tail?: number | undefined;
  /** The part that ends here, from a line on. */
  readonly before?: number | undefined;
  /** No more bytes than these. */
  readonly most?: number | undefined;
}

/** A part of a run's log, redacted. Places count bytes of what is kept; `text` may be redacted further. */
export interface LogPart {
  readonly state: RunState;
  readonly from: number;
  /** Where the next part begins; `bytes` where this is all so far. */
  readonly next: number;
  readonly bytes: number;
  readonly text: string;
}
