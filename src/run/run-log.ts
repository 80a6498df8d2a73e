import { storeLog } from "./log-objects.ts";
import { patiently } from "./patiently.ts";
import type { World } from "./world.ts";

/** The text of one run as people read it: every line passes the redactor on its way in. */
export interface RunLog {
  line(text: string): void;
  /** Keeps it for good under `KEY.txt`, or in several objects below `KEY/`; returns what the run names it by. */
  save(key: string): Promise<string>;
}

/** Beyond this the rest is left out: a provider that logs without end must not fill the database. */
const LIMIT = 64 * 1024 * 1024;
/** Lines that wait for a database which is away. */
const WAITING_LIMIT = 8 * 1024 * 1024;
const PART = 256 * 1024;
// The first line is written at once; what comes meanwhile goes along with the next part.
const PACE_MS = 100;
const AWAY_MS = 1_000;

/** While the run goes on its log lies in the ledger in parts, so that everybody can follow it from any replica. */
export const openRunLog = (world: World, run: string): RunLog => {
  const log = writer(world, run);
  let pump: Promise<void> | null = null;
  const hurry = new AbortController();
  const start = (): void => {
    if (hurry.signal.aborted) return;
    pump ??= pumping(world, log, hurry.signal).finally(() => {
      pump = null;
      if (log.isWaiting()) start();
    });
  };
  return {
    line: (text) => {
      log.add(text);
      start();
    },
    save: async (key) => {
      hurry.abort();
      await pump;
      log.close();
      const patient = patiently(world);
      while (await log.flush(patient));
      return storeLog(patient, run, key);
    },
  };
};

/** Lines that were not written yet, and how much there was in all. */
const writer = (world: World, run: string) => {
  const waiting: string[] = [];
  let size = 0;
  let held = 0;
  let dropped = 0;
  const take = (): string => {
    let text = "";
    while (waiting.length > 0 && text.length < PART) text += `${waiting.shift()}\n`;
    return text;
  };
  return {
    add: (raw: string): void => {
      const safe = world.redactor.redact(raw).replaceAll("\0", "\uFFFD");
      if (size + safe.length > LIMIT || held + safe.length > WAITING_LIMIT) {
        dropped += 1;
        return;
      }
      size += safe.length + 1;
      held += safe.length + 1;
      waiting.push(safe);
    },
    isWaiting: (): boolean => waiting.length > 0,
    isBehind: (): boolean => held > PART,
    close: (): void => {
      if (dropped > 0) waiting.push(`(${dropped} more lines left out)`);
    },
    /** Writes one part; false where there was nothing to write. What could not be written waits on. */
    flush: async ({ ledger, redactor }: Pick<World, "ledger" | "redactor">): Promise<boolean> => {
      const raw = take();
      if (raw === "") return false;
      try {
        // Once more: a secret of it may have been learned since.
        await ledger.runLogs.append(run, redactor.redact(raw));
      } catch (thrown) {
        waiting.unshift(raw.replace(/\n$/, ""));
        throw thrown;
      }
      held -= raw.length;
      world.logWatch?.grown(run);
      return true;
    },
  };
};

const pumping = async (world: World, log: ReturnType<typeof writer>, hurry: AbortSignal): Promise<void> => {
  for (;;) {
    try {
      if (!(await log.flush(world))) return;
      if (!log.isBehind()) await world.clock.wait(PACE_MS, hurry);
    } catch (error) {
      if (hurry.aborted) return;
      world.log.debug("a part of a run's log could not be written yet", { error });
      await world.clock.wait(AWAY_MS, hurry);
    }
    if (hurry.aborted) return;
  }
};
