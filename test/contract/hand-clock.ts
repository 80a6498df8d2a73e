import type { Clock } from "../../src/ports/clock.ts";

/** A clock that stands still until it is turned. */
export interface HandClock extends Clock {
  /** Moves time on and ends the waits that are due by then. */
  turn(ms: number): void;
  /** How many wait right now. */
  waiting(): number;
}

export const createHandClock = (start = new Date(Date.UTC(2026, 0, 1))): HandClock => {
  let now = start.getTime();
  const sleepers = new Set<{ readonly until: number; readonly end: () => void }>();
  return {
    now: () => new Date(now),
    wait: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const sleeper = {
          until: now + ms,
          end: () => {
            sleepers.delete(sleeper);
            signal?.removeEventListener("abort", sleeper.end);
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", sleeper.end, { once: true });
      }),
    turn: (ms) => {
      now += ms;
      for (const sleeper of [...sleepers]) if (sleeper.until <= now) sleeper.end();
    },
    waiting: () => sleepers.size,
  };
};
