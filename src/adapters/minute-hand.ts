import cron from "node-cron";
import type { Log } from "../ports/log.ts";

/** Calls `tick` at every full minute until stopped. A tick that fails is logged and the next one comes. */
export const startMinuteHand = (tick: () => Promise<unknown>, log: Log): (() => Promise<void>) => {
  const task = cron.schedule(
    "* * * * *",
    async () => {
      try {
        await tick();
      } catch (error) {
        log.error("a tick of the schedule failed", { error });
      }
    },
    { name: "minute-hand", noOverlap: true },
  );
  return async () => {
    await task.destroy();
  };
};
