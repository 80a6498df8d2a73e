import { readdirSync, readFileSync, readlinkSync } from "node:fs";

// What the kernel says of processes, outside of what the service says of itself. Linux only.

export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** Every process that names the folder in its command line or works within it, this one left out. */
export const processesAt = (folder: string): readonly Process[] =>
  all().filter(
    ({ pid, command }) => pid !== process.pid && (command.includes(folder) || isWithin(pid, folder)),
  );

export const childrenOf = (pid: number): readonly Process[] => all().filter(({ parent }) => parent === pid);

/** Open files, sockets and pipes; 0 where it is gone. */
export const handlesOf = (pid: number): number => {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
};

/** Resident memory in bytes; 0 where it is gone. */
export const memoryOf = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(text(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;

const all = (): readonly Process[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const status = text(`/proc/${name}/status`);
      const parent = Number(/^PPid:\s+(\d+)/m.exec(status)?.[1] ?? 0);
      const isGone = status === "" || /^State:\s+Z/m.test(status);
      const command = text(`/proc/${name}/cmdline`).replaceAll("\0", " ").trim();
      return isGone ? [] : [{ pid: Number(name), parent, command }];
    });

const isWithin = (pid: number, folder: string): boolean => {
  try {
    return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
  } catch {
    return false;
  }
};

const text = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
};
