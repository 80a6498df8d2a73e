import { parentPort, workerData } from "node:worker_threads";
import { seeded } from "../../bench/seeded.ts";
import { TARGETS, type TargetName } from "./targets.ts";

// A thread whose memory is bounded and which can be ended while it hangs. Started by `fuzz.ts`.

export interface WorkerData {
  readonly target: TargetName;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  /** [0]: the input that is being read. */
  readonly progress: SharedArrayBuffer;
}

export interface Told {
  readonly inputs: number;
  readonly slowestMs: number;
  readonly slowest: number;
  readonly heapMegabytes: number;
  readonly faults: readonly { readonly index: number; readonly input: string; readonly why: string }[];
}

const MOST_FAULTS = 20;

const work = async ({ target, seed, from, to, progress }: WorkerData): Promise<Told> => {
  const at = new Int32Array(progress);
  const read = await TARGETS[target].open();
  const faults: Told["faults"][number][] = [];
  let [slowest, slowestMs, heap] = [from, 0, 0];
  for (let index = from; index < to && faults.length < MOST_FAULTS; index += 1) {
    Atomics.store(at, 0, index);
    const started = performance.now();
    // Each input has a chance of its own, so that it can be made again alone.
    const fault = await read(seeded(seed * 1_000_003 + index));
    const ms = performance.now() - started;
    if (fault) faults.push({ index, ...fault });
    if (ms > slowestMs) [slowest, slowestMs] = [index, ms];
    if (index % 1_000 === 0) heap = Math.max(heap, process.memoryUsage().heapUsed);
  }
  heap = Math.max(heap, process.memoryUsage().heapUsed);
  return { inputs: to - from, slowestMs, slowest, heapMegabytes: heap / 1e6, faults };
};

parentPort?.postMessage(await work(workerData as WorkerData));
