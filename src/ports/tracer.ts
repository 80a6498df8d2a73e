import type { SpanKeeper } from "../model/span.ts";

/** Spans of runs, sent to a collector. What the collector does, or that it is not there, holds no work up. */
export interface Tracer extends SpanKeeper {
  /** Sends what is left, within a few seconds. */
  close(): Promise<void>;
}
