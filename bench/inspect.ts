import { execFile } from "node:child_process";
import { closeSync, openSync, statSync, writeSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { bigPlan } from "./inspect-plan.ts";
import type { BenchOptions } from "./overhead.ts";
import { median } from "./overhead-table.ts";

/** One reading in a process of its own. */
interface Reading {
  readonly ms: number;
  /** Of the whole process, and how much of it came with the reading. */
  readonly peakMb: number;
  readonly ownMb: number;
  readonly changes: number;
}

interface Figures {
  readonly megabytes: number;
  readonly parse: Reading;
  readonly inspect: Reading;
  /** Medians of the rounds' ratios, `inspect` to `parse`. */
  readonly timeRatio: number;
  readonly memoryRatio: number;
  readonly large: Reading & { readonly megabytes: number };
}

const [RESOURCES, MANY] = [10_000, 100_000];
const AIM = { time: 1.5, memory: 3 } as const;

/** `inspect` beside `JSON.parse` of the same file, in turns; and a plan that is too long to be one string. */
export const inspectBench = async ({ repetitions, progress }: BenchOptions) => {
  const dir = await mkdtemp(join(tmpdir(), "plumbline-bench-"));
  try {
    const file = join(dir, "plan.json");
    write(file, RESOURCES);
    const rounds: { readonly parse: Reading; readonly inspect: Reading }[] = [];
    for (let round = 0; round <= repetitions; round += 1) {
      const pair = { parse: await read("parse", file), inspect: await read("inspect", file) };
      progress(
        `${round === 0 ? "warm-up" : `round ${round}`}: JSON.parse ${told(pair.parse)}; inspect ${told(pair.inspect)}`,
      );
      if (round > 0) rounds.push(pair);
    }
    const megabytes = statSync(file).size / 1e6;
    write(file, MANY);
    const large = { megabytes: statSync(file).size / 1e6, ...(await read("inspect", file)) };
    const figures: Figures = {
      megabytes,
      parse: middle(rounds.map(({ parse }) => parse)),
      inspect: middle(rounds.map(({ inspect }) => inspect)),
      timeRatio: median(rounds.map(({ parse, inspect }) => inspect.ms / parse.ms)),
      memoryRatio: median(rounds.map(({ parse, inspect }) => inspect.ownMb / parse.ownMb)),
      large,
    };
    return { figures, text: tableOf(figures) };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
};

const write = (file: string, resources: number): void => {
  const descriptor = openSync(file, "w");
  let waiting: string[] = [];
  for (const text of bigPlan(resources)) {
    waiting.push(text);
    if (waiting.length < 1000) continue;
    writeSync(descriptor, waiting.join(""));
    waiting = [];
  }
  writeSync(descriptor, waiting.join(""));
  closeSync(descriptor);
};

const ONE = fileURLToPath(new URL("./inspect-one.ts", import.meta.url));

const read = async (how: "parse" | "inspect", file: string): Promise<Reading> => {
  const { stdout } = await promisify(execFile)(process.execPath, [ONE, how, file]);
  return JSON.parse(stdout) as Reading;
};

const middle = (readings: readonly Reading[]): Reading => ({
  ms: median(readings.map(({ ms }) => ms)),
  peakMb: median(readings.map(({ peakMb }) => peakMb)),
  ownMb: median(readings.map(({ ownMb }) => ownMb)),
  changes: readings[0]?.changes ?? 0,
});

const told = ({ ms, peakMb, ownMb }: Reading): string =>
  `${ms.toFixed(0)} ms, ${ownMb.toFixed(0)} MB (${peakMb.toFixed(0)} MB the process)`;

const reached = (is: number, aim: number): string =>
  `${is.toFixed(2)} × (aim: at most ${aim}; reached: ${is <= aim ? "yes" : "no"})`;

const tableOf = ({ megabytes, parse, inspect, timeRatio, memoryRatio, large }: Figures): string =>
  [
    `JSON.parse  ${told(parse)} for ${parse.changes} resources, ${megabytes.toFixed(0)} MB`,
    `inspect     ${told(inspect)} for the same`,
    `time        ${reached(timeRatio, AIM.time)}`,
    `memory      ${reached(memoryRatio, AIM.memory)}`,
    `inspect     ${told(large)} for ${large.changes} resources, ${large.megabytes.toFixed(0)} MB, which no string can hold`,
    "",
  ].join("\n");
