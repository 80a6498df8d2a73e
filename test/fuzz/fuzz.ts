import { Worker } from "node:worker_threads";
import type { TargetName } from "./targets.ts";
import type { Told, WorkerData } from "./worker.ts";

export interface FuzzOptions {
  readonly seed: number;
  readonly inputs: number;
  /** The first input's number; inputs are made by seed and number alone. */
  readonly from?: number;
  /** Of the processor, for one input. */
  readonly limitMs: number;
  readonly memoryMegabytes: number;
}

export interface Fuzzed extends Told {
  readonly target: TargetName;
  /** The reader hung at this input, or took more memory than it may; null: neither. */
  readonly stopped: { readonly index: number; readonly why: string } | null;
}

/** Gives a reader so many made inputs, in a thread that is ended where one takes too long or too much. */
export const fuzz = async (target: TargetName, options: FuzzOptions): Promise<Fuzzed> => {
  const { seed, inputs, from = 0, limitMs, memoryMegabytes } = options;
  const progress = new SharedArrayBuffer(4);
  const workerData: WorkerData = { target, seed, from, to: from + inputs, progress };
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    workerData,
    execArgv: ["--disable-warning=ExperimentalWarning"],
    resourceLimits: { maxOldGenerationSizeMb: memoryMegabytes },
  });
  const at = (): number => Atomics.load(new Int32Array(progress), 0);
  const none = { inputs: 0, slowestMs: 0, slowest: 0, heapMegabytes: 0, faults: [] };
  const stopped = (why: string): Fuzzed => ({
    ...none,
    target,
    inputs: at() - from,
    stopped: { index: at(), why },
  });
  const watch = watchFor(at, limitMs);
  try {
    return await Promise.race([
      new Promise<Fuzzed>((done) => {
        worker.once("message", (told: Told) => done({ ...told, target, stopped: null }));
        worker.once("error", (error) => done(stopped(error.message)));
      }),
      watch.hung.then(() => stopped(`took longer than ${limitMs} ms of the processor`)),
    ]);
  } finally {
    watch.stop();
    await worker.terminate();
  }
};

/** A reader that waits instead of computing hangs after so many times the limit. */
const WAITS = 24;

/**
 * Resolves when the same input has been read for longer than the limit; the first one may take as long to load. It counts
 * the processor's time, since a busy machine may let a thread wait for seconds.
 */
const watchFor = (at: () => number, limitMs: number) => {
  const { promise: hung, resolve } = Promise.withResolvers<void>();
  const usedMs = (): number => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
  let [seen, from, since] = [-1, usedMs() + 20_000, Date.now() + 20_000];
  const timer = setInterval(() => {
    if (at() !== seen) [seen, from, since] = [at(), Math.max(from, usedMs()), Math.max(since, Date.now())];
    else if (usedMs() - from > limitMs || Date.now() - since > limitMs * WAITS) resolve();
  }, 100);
  return { hung, stop: () => clearInterval(timer) };
};
