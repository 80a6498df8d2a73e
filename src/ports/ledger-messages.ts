import type { FollowUp } from "../model/job.ts";
import type { Json } from "../model/json.ts";

export interface DeliveryRows {
  /** False where the id was seen before. */
  remember(id: string, now: Date): Promise<boolean>;
  forget(before: Date): Promise<number>;
}

export interface OutboxRow {
  readonly id: number;
  readonly followUp: FollowUp;
}

/** Follow-up jobs, stored with what caused them; the relay moves them to the queue after the commit. */
export interface OutboxRows {
  add(followUps: readonly FollowUp[], now: Date): Promise<void>;
  take(limit: number): Promise<readonly OutboxRow[]>;
  done(ids: readonly number[]): Promise<void>;
}

/** Requests that changed something, by their idempotency key: asked again, they are answered and not done again. */
export interface RequestRows {
  /**
   * `new`: this caller does it, and says so by `finish`. `going`: somebody else does, since after `staleBefore`.
   * `other`: the key was used for something else.
   */
  begin(
    key: string,
    fingerprint: string,
    now: Date,
    staleBefore: Date,
  ): Promise<
    | { readonly is: "new" | "going" | "other" }
    | { readonly is: "done"; readonly status: number; readonly answer: Json }
  >;
  finish(key: string, status: number, answer: Json): Promise<void>;
  /** What could not be done may be asked for again. */
  drop(key: string): Promise<void>;
  forget(before: Date): Promise<number>;
}
