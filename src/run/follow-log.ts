import { isSettled } from "../model/run.ts";
import type { LogPart } from "../model/run-log.ts";
import { readRunLog } from "./read-log.ts";
import type { World } from "./world.ts";

/** How often a log is looked at that another replica writes. */
const LOOK_MS = 100;

/**
 * The log of a run from a byte on, as it grows, until the run has ended or the signal aborts; the last part says the
 * state in which it ended, of a run that ended without a log too. Nothing where there is no such run.
 */
export async function* followLog(
  world: Pick<World, "ledger" | "artifacts" | "redactor" | "clock" | "logWatch">,
  run: string,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<LogPart> {
  for (let at = from; !signal.aborted; ) {
    const grown = world.logWatch?.next(run);
    const part = await readRunLog(world, run, { from: at });
    if (!part) {
      const ended = await world.ledger.runs.get(run);
      if (ended) yield { state: ended.state, from: at, next: at, bytes: at, text: "" };
      return;
    }
    const isLast = isSettled(part.state) && part.next >= part.bytes;
    if (part.text !== "" || isLast) yield part;
    if (isLast) return;
    // A log that is being put away is shorter for a moment.
    at = Math.max(at, part.next);
    if (part.next < part.bytes) continue;
    const look = new AbortController();
    const wait = world.clock.wait(LOOK_MS, AbortSignal.any([look.signal, signal]));
    await Promise.race(grown ? [grown, wait] : [wait]);
    look.abort();
  }
}
