import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const POLL_MS = 25;
const queues = new Map<string, Promise<unknown>>();

/**
 * Runs `work` while no other call for the same path runs, in this process or another one on this machine. A lock
 * whose holder died is taken over.
 */
export const exclusively = async <T>(path: string, work: () => Promise<T>): Promise<T> => {
  const before = queues.get(path) ?? Promise.resolve();
  const mine = before.then(
    () => withFile(path, work),
    () => withFile(path, work),
  );
  const settled = mine.catch(() => undefined);
  queues.set(path, settled);
  try {
    return await mine;
  } finally {
    if (queues.get(path) === settled) queues.delete(path);
  }
};

// A link is there wholly, with the holder's process id in it, or not at all.
const withFile = async <T>(path: string, work: () => Promise<T>): Promise<T> => {
  await mkdir(dirname(path), { recursive: true });
  const own = `${path}.${process.pid}`;
  await writeFile(own, String(process.pid));
  try {
    while (!(await take(own, path))) await wait(POLL_MS);
  } finally {
    await rm(own, { force: true });
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
};

const take = async (own: string, path: string): Promise<boolean> => {
  try {
    await link(own, path);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
    await dropIfDead(path);
    return false;
  }
};

const dropIfDead = async (path: string): Promise<void> => {
  const text = await readFile(path, "utf8").catch(() => null); // gone meanwhile
  const holder = Number(text);
  if (text !== null && holder !== process.pid && !isAlive(holder)) await rm(path, { force: true });
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === "EPERM";
  }
};
