import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { PlumblineError } from "../model/errors.ts";

/**
 * PGlite lets two processes write one directory and lose rows in silence. An exclusive SQLite transaction is a real
 * lock of the operating system: it ends with the process, however that ends, and no stale file is left to judge.
 * Returns what gives the lock back.
 */
export const lockDirectory = (
  directory: string,
  { file, waitMs }: { readonly file: string; readonly waitMs: number } = { file: "database.lock", waitMs: 0 },
): (() => void) => {
  const held = open(directory, file);
  try {
    held.exec(`PRAGMA busy_timeout = ${waitMs}; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE`);
  } catch (cause) {
    held.close();
    throw new PlumblineError("database-locked", `Another process uses ${directory}.`, { cause });
  }
  return () => {
    if (held.isOpen) held.close();
  };
};

const open = (directory: string, file: string): DatabaseSync => {
  try {
    return new DatabaseSync(join(directory, file));
  } catch (cause) {
    throw new PlumblineError("not-writable", `${directory} cannot be written to.`, { cause });
  }
};
