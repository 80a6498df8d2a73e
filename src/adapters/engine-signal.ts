import { readFileSync } from "node:fs";
import type { constants } from "node:os";

type Signal = keyof typeof constants.signals;

/** Signals a process; negative: its group. One that has ended is none. */
export const send = (pid: number | undefined, signal: Signal): void => {
  if (!pid) return;
  try {
    process.kill(pid, signal);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ESRCH") throw cause;
  }
};

/** Whether a process is there; negative: one of its group. */
export const isThere = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/**
 * Signals the engine. Where bubblewrap was started instead, the engine is its only child: bubblewrap itself would die of
 * an interrupt and take the engine with it, or leave it alone and unheard.
 */
export const sendToEngine = (pid: number | undefined, signal: Signal, behindBwrap: boolean): void => {
  send(pid && behindBwrap ? childOf(pid) : pid, signal);
};

/** The first child of a process; undefined where there is none (yet). */
export const childOf = (pid: number): number | undefined => {
  try {
    const [first] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
    return Number(first) || undefined;
  } catch {
    return undefined;
  }
};
