import type { Clock } from "../ports/clock.ts";
import type { Jobs } from "../ports/jobs.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { Log } from "../ports/log.ts";

export interface Relay {
  /** Something was committed to the outbox: look now. */
  nudge(): void;
  /** Moves all that is in the outbox. Returns how many rows this relay has moved since it started, by whatever call. */
  drain(): Promise<number>;
  stop(): Promise<void>;
}

export interface RelayParts {
  readonly ledger: Ledger;
  readonly jobs: Jobs;
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds between looks without a nudge: for what another process or a crash left in the outbox. */
  readonly pollMs?: number;
}

const BATCH = 100;

/**
 * Moves follow-ups from the outbox to the queue, in order. A crash between storing and deleting moves a row twice:
 * jobs come at least once.
 */
export const startRelay = (parts: RelayParts): Relay => {
  const stopping = new AbortController();
  let sleep = new AbortController();
  let last: Promise<number> = Promise.resolve(0);
  let total = 0;
  const moveNext = async (): Promise<number> => {
    const moved = await moveBatch(parts);
    total += moved;
    return moved;
  };
  const move = (): Promise<number> => {
    last = last.then(moveNext, moveNext);
    return last;
  };
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      sleep = new AbortController();
      const wake = AbortSignal.any([sleep.signal, stopping.signal]);
      const moved = await move().catch((error: unknown) => {
        parts.log.warn("the outbox could not be moved", { error });
        return 0;
      });
      if (moved === 0) await parts.clock.wait(parts.pollMs ?? 1000, wake);
    }
  };
  const running = run();
  return {
    nudge: () => sleep.abort(),
    drain: async () => {
      while ((await move()) > 0);
      return total;
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
};

/** Resolves when the outbox is empty, nothing waits and nothing runs; what is due later is left out. */
export const untilIdle = async (relay: Relay, jobs: Jobs): Promise<void> => {
  for (;;) {
    const before = await relay.drain();
    await jobs.idle();
    if ((await relay.drain()) === before) return;
  }
};

const moveBatch = async ({ ledger, jobs }: RelayParts): Promise<number> => {
  const rows = await ledger.outbox.take(BATCH);
  if (rows.length === 0) return 0;
  await jobs.enqueue(rows.map(({ followUp }) => followUp));
  await ledger.outbox.done(rows.map(({ id }) => id));
  return rows.length;
};
