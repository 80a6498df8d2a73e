import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";

/** What lies in a workspace's data folder while its engine applies, and stays where the service dies meanwhile. */
export interface ApplyMarker {
  /** The plan file, an argument of the engine: a process is told by it, since the system gives a pid out again. */
  readonly plan: string;
  /** Folder in which the engine leaves a state that it could not save. */
  readonly cwd: string;
}

/** What an apply of a dead service left. */
export interface LeftByApply {
  readonly running: boolean;
  readonly erroredState: string | null;
  /** What the engine wrote, unredacted; null where it was never started. */
  readonly output: string | null;
}

/** Where an engine writes while it applies. */
export const spoolOf = (dataDir: string): string => join(dataDir, "apply-output.log");
const fileOf = (dataDir: string): string => join(dataDir, "apply.json");

/** Written before the engine is started: whatever dies in between, the engine is found. */
export const markApply = async (dataDir: string, marker: ApplyMarker): Promise<void> => {
  await rm(spoolOf(dataDir), { force: true });
  await writeFile(fileOf(dataDir), JSON.stringify(marker), { mode: 0o600 });
};

export const unmarkApply = async (dataDir: string): Promise<void> => {
  await rm(spoolOf(dataDir), { force: true });
  await rm(fileOf(dataDir), { force: true });
};

/** Whether an apply goes on here, or left its mark. */
export const isMarked = async (dataDir: string): Promise<boolean> =>
  (await stat(fileOf(dataDir)).catch(() => null)) !== null;

/** Of an apply whose plan lay in a folder that begins with `planPrefix`; an earlier one's traces do not count. */
export const leftByApply = async (dataDir: string, planPrefix: string): Promise<LeftByApply> => {
  const text = await readFile(fileOf(dataDir), "utf8").catch(() => null);
  const marker = text === null ? null : (JSON.parse(text) as ApplyMarker);
  if (!marker?.plan.startsWith(planPrefix)) return { running: false, erroredState: null, output: null };
  const errored = join(marker.cwd, "errored.tfstate");
  // In this order: what an engine writes as it ends is there once it has ended.
  const running = await runsWith(marker.plan);
  const there = await stat(errored).catch(() => null);
  const output = await readFile(spoolOf(dataDir), "utf8").catch(() => null);
  return { running, erroredState: there ? errored : null, output };
};

/** Whether a process of this machine has the text as an argument. */
const runsWith = async (argument: string): Promise<boolean> => {
  const entries = await readdir("/proc").catch(() => null);
  if (entries === null) {
    const { stdout } = await execa("ps", ["-A", "-o", "args="]);
    return stdout.includes(argument);
  }
  const lines = entries
    .filter((entry) => /^\d+$/.test(entry))
    .map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => ""));
  return (await Promise.all(lines)).some((line) => line.split("\0").includes(argument));
};
