import type { Job } from "../model/job.ts";

/** What a job occupies: nothing to speak of, an engine for somebody who waits, or an engine for the schedule. */
export type Slot = "quick" | "run" | "background";
export const SLOTS: readonly Slot[] = ["quick", "run", "background"];

export const slotOf = (job: Job): Slot => {
  switch (job.kind) {
    case "plan":
    case "apply":
    case "state":
    case "reconcile":
      return "run";
    case "drift":
    case "drift-pull":
    case "backfill":
      return "background";
    default:
      return "quick";
  }
};

// Events, comments and publishing take moments; they never wait until a long run has ended.
const QUICK = 4;

/**
 * Which slots are free. `concurrency` bounds the engines at work; the schedule gets at most `background` of them and
 * never the last one, so that a pull request does not wait behind a night of drift checks. With a concurrency of one
 * there is no slot to spare: the schedule may have it while nobody else asks.
 */
export const freeSlots = (
  running: { readonly [slot in Slot]: number },
  limits: { readonly concurrency: number; readonly background: number },
): readonly Slot[] => {
  const engines = running.run + running.background;
  const spare = Math.max(1, Math.min(limits.background, limits.concurrency - 1));
  return SLOTS.filter((slot) => {
    if (slot === "quick") return running.quick < QUICK;
    if (engines >= limits.concurrency) return false;
    return slot === "run" || running.background < spare;
  });
};
