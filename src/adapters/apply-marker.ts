import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** What lies in a workspace's data folder while its engine applies, and stays where the service dies meanwhile. */
export interface ApplyMarker {
  readonly pid: number;
  /** Folder in which the engine leaves a state that it could not save. */
  readonly cwd: string;
}

const fileOf = (dataDir: string): string => join(dataDir, "apply.json");

export const markApply = (dataDir: string, marker: ApplyMarker): Promise<void> =>
  writeFile(fileOf(dataDir), JSON.stringify(marker), { mode: 0o600 });

export const unmarkApply = (dataDir: string): Promise<void> => rm(fileOf(dataDir), { force: true });

/** Whether an apply goes on here, or left its mark. */
export const isMarked = async (dataDir: string): Promise<boolean> =>
  (await stat(fileOf(dataDir)).catch(() => null)) !== null;

/** What an apply of a dead service left: whether its engine still runs, and the state that it could not save. */
export const leftByApply = async (
  dataDir: string,
): Promise<{ readonly running: boolean; readonly erroredState: string | null }> => {
  const text = await readFile(fileOf(dataDir), "utf8").catch(() => null);
  if (text === null) return { running: false, erroredState: null };
  const { pid, cwd } = JSON.parse(text) as ApplyMarker;
  const errored = join(cwd, "errored.tfstate");
  const there = await stat(errored).catch(() => null);
  return { running: isAlive(pid), erroredState: there ? errored : null };
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (failure) {
    return (failure as NodeJS.ErrnoException).code === "EPERM";
  }
};
