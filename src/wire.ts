import { startMinuteHand } from "./adapters/minute-hand.ts";
import type { ServerConfig } from "./model/config.ts";
import type { Job } from "./model/job.ts";
import type { Clock } from "./ports/clock.ts";
import { asUrgentAs } from "./queue/forge-pace.ts";
import { untilIdle } from "./queue/relay.ts";
import { startWorker } from "./queue/worker.ts";
import { handlersOf } from "./run/handlers.ts";
import { recover } from "./run/recover.ts";
import { startBeating } from "./run/replica-watch.ts";
import type { World } from "./run/world.ts";
import { openParts, type Parts, ROLES, type Role, type ServiceOptions } from "./wire-parts.ts";
import { scheduleOf } from "./wire-schedule.ts";
import { openWeb } from "./wire-web.ts";

export interface Service {
  /** `http://HOST:PORT`, as bound. */
  readonly url: string;
  readonly world: World;
  /** What the minute hand does every minute. Returns how many workspaces were due. */
  tick(): Promise<number>;
  /** Resolves when nothing waits and nothing runs; jobs due later left out. */
  idle(): Promise<void>;
  /** Takes no new work, lets applies finish within the grace time, records, closes. */
  stop(): Promise<void>;
}

/** The one place where every part meets. Starts web, worker and scheduler in this process. */
export const startService = async (server: ServerConfig, options: ServiceOptions): Promise<Service> => {
  const parts = await openParts(server, options);
  try {
    return await startRoles(server, options, parts);
  } catch (thrown) {
    // What refuses to start must not go on working behind its own back.
    await parts.close().catch(() => undefined);
    throw thrown;
  }
};

const startRoles = async (server: ServerConfig, options: ServiceOptions, parts: Parts): Promise<Service> => {
  const { world, relay, jobs } = parts;
  const { log, clock } = world;
  const does = (role: Role): boolean => options.role === undefined || options.role === role;
  if (does("worker")) await recover(world, parts.holder);
  // Before any work: an address that is taken, or open to others, stops the start.
  const web = does("web") ? await openWeb(world) : { url: "", close: async () => {} };
  const worker = does("worker") ? await startWork(parts) : null;
  const { tick, housekeeping } = scheduleOf(world);
  const everyMinute = async (): Promise<number> => {
    await housekeeping();
    return tick();
  };
  const ticks = does("scheduler") && options.minuteHand !== false;
  const stopHand = ticks ? startMinuteHand(everyMinute, log) : async () => {};
  if (does("scheduler")) await housekeeping();
  const living = server.databaseUrl === null ? null : startBeating(world, ROLES.filter(does), parts.keyIds);
  log.info("Plumbline listens", { url: web.url });
  return {
    url: web.url,
    world,
    tick,
    idle: () => untilIdle(relay, jobs),
    stop: async () => {
      log.info("Plumbline stops: no new work, running applies are waited for");
      await stopHand();
      await web.close();
      worker?.interrupt();
      // Until the last apply has ended it says that it lives.
      await drained(worker?.stop() ?? Promise.resolve(), clock, server.shutdownGraceSeconds, parts.applies);
      await living?.stop();
      await parts.close();
    },
  };
};

const startWork = ({ world, jobs, running }: Parts): ReturnType<typeof startWorker> => {
  const { ledger, clock, log, redactor, nudge, server } = world;
  const handle = handlersOf(world);
  return startWorker({
    jobs,
    ledger,
    clock,
    log,
    redactor,
    nudge,
    concurrency: server.concurrency,
    handle: (job, signal) => asUrgentAs(job, () => cancellable(running, job, signal, handle)),
  });
};

/** Waits for what runs; after the grace time applies are asked, once and gracefully, to come to an end. */
const drained = async (
  ended: Promise<void>,
  clock: Clock,
  graceSeconds: number,
  applies: AbortController,
): Promise<void> => {
  const done = new AbortController();
  const grace = clock.wait(graceSeconds * 1000, done.signal).then(() => {
    if (!done.signal.aborted) applies.abort();
  });
  await ended;
  done.abort();
  await grace;
};

/** A plan or a look for drift can be cancelled by the id of its run. */
const cancellable = async <T>(
  running: Map<string, AbortController>,
  job: Job,
  signal: AbortSignal,
  handle: (job: Job, signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  if (job.kind !== "plan") return handle(job, signal);
  const cancel = new AbortController();
  running.set(job.run, cancel);
  try {
    return await handle(job, AbortSignal.any([signal, cancel.signal]));
  } finally {
    running.delete(job.run);
  }
};
