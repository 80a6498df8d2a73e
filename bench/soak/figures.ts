import { readdir } from "node:fs/promises";
import { slopeOf } from "../memory.ts";
import { handlesOf, memoryOf, type Process, processesAt } from "./processes.ts";
import type { SoakStage } from "./stage.ts";

export interface Leaks {
  readonly processes: readonly string[];
  readonly worktrees: readonly string[];
  /** Open handles of the service's process, in use and with nothing to do, and of a fresh one. */
  readonly handles: { readonly fresh: number; readonly used: number };
}

/** What a quiet service may hold beyond a fresh one: connections that are kept for a while. */
export const HANDLE_SLACK = 20;

/** Looked at from outside while nothing is asked of the service; starts it again for the comparison. */
export const findLeaks = async (stage: SoakStage): Promise<Leaks> => {
  const { replica, dir, worktrees, scratch } = stage;
  const processes = leaked(processesAt(dir), replica.pid());
  const folders = [...(await entries(worktrees)), ...(await entries(scratch))];
  const used = handlesOf(replica.pid());
  await replica.restart();
  await stage.quiet();
  return { processes, worktrees: folders, handles: { fresh: handlesOf(replica.pid()), used } };
};

const leaked = (found: readonly Process[], service: number): readonly string[] =>
  found
    .filter(({ pid, command }) => pid !== service && !command.includes("database-process-main"))
    .map(({ pid, command }) => `process ${pid}: ${command.slice(0, 120)}`);

const entries = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder).catch(() => [])).map((name) => `${folder}/${name}`);

interface Sample {
  readonly pid: number;
  readonly minutes: number;
  readonly megabytes: number;
}

/** Memory of the service over time; each process is a life of its own. */
export const watchMemory = (stage: SoakStage, everyMs: number) => {
  const samples: Sample[] = [];
  const began = Date.now();
  const timer = setInterval(() => {
    const pid = stage.replica.pid();
    const megabytes = memoryOf(pid) / 1e6;
    if (megabytes > 0) samples.push({ pid, minutes: (Date.now() - began) / 60_000, megabytes });
  }, everyMs);
  return {
    stop: (): MemoryFigures => {
      clearInterval(timer);
      return memoryFigures(samples);
    },
  };
};

export interface MemoryFigures {
  /** Megabytes a minute by least squares over the longest life, its first quarter left out; null: too short. */
  readonly slope: number | null;
  /** How long that life was. */
  readonly minutes: number;
  readonly peakMegabytes: number;
}

const memoryFigures = (samples: readonly Sample[]): MemoryFigures => {
  const lives = [...Map.groupBy(samples, ({ pid }) => pid).values()];
  const longest = lives.toSorted((left, right) => right.length - left.length)[0] ?? [];
  const settled = longest.slice(Math.floor(longest.length / 4));
  return {
    slope: settled.length < 10 ? null : slopeOf(settled),
    minutes: (longest.at(-1)?.minutes ?? 0) - (longest[0]?.minutes ?? 0),
    peakMegabytes: Math.max(0, ...samples.map(({ megabytes }) => megabytes)),
  };
};
