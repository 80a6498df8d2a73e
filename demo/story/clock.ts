import { systemClock } from "../../src/adapters/clock.ts";
import type { Clock } from "../../src/ports/clock.ts";

/** Real time that can be moved on, so that nobody waits half an hour for the next look. */
export interface MovableClock extends Clock {
  /** On to the next full or half hour. */
  toNextHalfHour(): void;
}

const HALF_HOUR = 30 * 60_000;

export const movableClock = (): MovableClock => {
  let ahead = 0;
  const now = (): number => Date.now() + ahead;
  return {
    now: () => new Date(now()),
    wait: systemClock.wait,
    toNextHalfHour: () => {
      ahead += HALF_HOUR - (now() % HALF_HOUR);
    },
  };
};
