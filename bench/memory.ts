import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

export interface MemoryAt {
  readonly minutes: number;
  /** What is still in use after garbage was collected. */
  readonly live: number;
  /** What the process has of the machine. */
  readonly resident: number;
}

export interface MemoryFigures {
  /** All in MiB. */
  readonly before: number;
  readonly most: number;
  readonly after: number;
  readonly live: { readonly before: number; readonly most: number; readonly after: number };
  /** MiB a minute by least squares over what is in use, the first quarter of the time left out; null: too short. */
  readonly slope: number | null;
}

const MIB = 1024 * 1024;

/** Of this process, until it is stopped. The collection costs a tenth of a second each time. */
export const watchMemory = (everyMs: number) => {
  const collect = collector();
  const began = performance.now();
  const samples: MemoryAt[] = [];
  const look = (): void => {
    collect();
    const { heapUsed, external, rss } = process.memoryUsage();
    const minutes = (performance.now() - began) / 60_000;
    samples.push({ minutes, live: (heapUsed + external) / MIB, resident: rss / MIB });
  };
  look();
  const timer = setInterval(look, everyMs);
  return {
    stop: (): MemoryFigures => {
      clearInterval(timer);
      look();
      return figuresOf(samples);
    },
  };
};

const collector = (): (() => void) => {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
};

const LEAST = 8;

const figuresOf = (samples: readonly MemoryAt[]): MemoryFigures => {
  const spread = (of: (sample: MemoryAt) => number) => {
    const values = samples.map((sample) => Math.round(of(sample)));
    return { before: values[0] ?? 0, most: Math.max(...values), after: values.at(-1) ?? 0 };
  };
  const settled = samples.slice(Math.floor(samples.length / 4));
  const points = settled.map(({ minutes, live }) => ({ minutes, megabytes: live }));
  return {
    ...spread(({ resident }) => resident),
    live: spread(({ live }) => live),
    slope: points.length < LEAST ? null : slopeOf(points),
  };
};

/** Growth a minute, by least squares. */
export const slopeOf = (
  samples: readonly { readonly minutes: number; readonly megabytes: number }[],
): number => {
  const mean = (of: (sample: (typeof samples)[number]) => number): number =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [x, y] = [mean(({ minutes }) => minutes), mean(({ megabytes }) => megabytes)];
  const above = mean(({ minutes, megabytes }) => (minutes - x) * (megabytes - y));
  return above / mean(({ minutes }) => (minutes - x) ** 2);
};
