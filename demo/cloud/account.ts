// One account of the demo cloud is one JSON file. A person may edit it at any moment, so it is read afresh for
// every call and replaced by rename. Beside it lies the request log, which only grows.
import {
  appendFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { isObj, readJson, writeJson } from "./values.ts";

export type Entry = { [attribute: string]: unknown };
export interface Account {
  account: string;
  region: string;
  /** `aws_db_instance.read` or `*.update` -> what happens to such a call; a text is an error message. */
  faults?: { [call: string]: string | Fault };
  resources: { [type: string]: { [id: string]: Entry } };
}
export interface Fault {
  error?: string;
  /** The call waits this long before it does anything. */
  delayMs?: number;
}

export type CallName = "create" | "read" | "update" | "delete" | "import";

/** One line of `<account file>.log.jsonl`: a request that reached the cloud. */
export interface LogLine {
  readonly at: string;
  readonly call: CallName;
  readonly type: string;
  /** Null for a create that failed before it had an id. */
  readonly id: string | null;
  readonly changed: readonly string[];
  /** Absent where the cloud did what was asked. */
  readonly error?: string;
}

export const requestLogOf = (accountFile: string): string =>
  `${accountFile.replace(/\.json$/, "")}.log.jsonl`;

/** One line of `<account file>.console.jsonl`: what a person did at the console, for whoever asks who it was. */
export interface ConsoleLine {
  readonly at: string;
  readonly who: string;
  readonly action: "change" | "remove";
  readonly type: string;
  readonly id: string;
}

export const consoleLogOf = (accountFile: string): string =>
  `${accountFile.replace(/\.json$/, "")}.console.jsonl`;

export const logAtConsole = (file: string, line: ConsoleLine): void =>
  appendFileSync(consoleLogOf(file), `${JSON.stringify(line)}\n`, { flag: "a" });

/** @throws Error in a sentence, where the file is there and cannot be read as an account. */
export const readAccount = (file: string): Account => {
  if (!existsSync(file)) return { account: "111122223333", region: "us-east-1", resources: {} };
  const account = parse(file);
  if (!isObj(account) || !isObj(account["resources"] ?? {})) {
    throw new Error(`The cloud's file ${file} must hold an object with "resources"`);
  }
  const defaults = { account: "111122223333", region: "us-east-1", resources: {} };
  return { ...defaults, ...account } as Account;
};

const parse = (file: string): unknown => {
  try {
    return readJson(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new Error(`The cloud's file ${file} cannot be read: ${(cause as Error).message}`);
  }
};

/** Appends in one write, so that lines of several processes do not mix. */
export const logRequest = (file: string, line: LogLine): void => {
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(requestLogOf(file), `${JSON.stringify(line)}\n`, { flag: "a" });
};

/**
 * Read, change, write, under a lock file, since another engine may work on the same account. The log line that
 * `change` returns is on disk before the account is, and the account before the caller can acknowledge.
 */
export const changeAccount = <T>(
  file: string,
  change: (account: Account) => { readonly result: T; readonly line: LogLine },
): T =>
  withLock(file, () => {
    const account = readAccount(file);
    const { result, line } = change(account);
    logRequest(file, line);
    if (line.error === undefined) replace(file, account);
    return result;
  });

/** The same for a person at the console, who leaves no line in the request log. */
export const changeQuietly = (file: string, change: (account: Account) => void): void =>
  withLock(file, () => {
    const account = readAccount(file);
    change(account);
    replace(file, account);
  });

const replace = (file: string, account: Account): void => {
  const fresh = `${file}.${process.pid}.tmp`;
  writeFileSync(fresh, `${writeJson(account, 2)}\n`);
  renameSync(fresh, file);
};

const withLock = <T>(file: string, work: () => T): T => {
  mkdirSync(dirname(file), { recursive: true });
  const lock = `${file}.lock`;
  const mine = `${lock}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    for (let tries = 0; !take(mine, lock); tries++) {
      if (tries > 3000) throw new Error(`The cloud's file ${file} is locked by ${lock}`);
      pause(5);
    }
    try {
      return work();
    } finally {
      unlinkSync(lock);
    }
  } finally {
    unlinkSync(mine);
  }
};

// A link is there wholly, with the holder's process id in it, or not at all.
const take = (mine: string, lock: string): boolean => {
  try {
    linkSync(mine, lock);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
    dropIfDead(lock);
    return false;
  }
};

const dropIfDead = (lock: string): void => {
  try {
    const holder = Number(readFileSync(lock, "utf8"));
    if (!isAlive(holder)) unlinkSync(lock);
  } catch {
    // Gone meanwhile: its holder was quicker.
  }
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === "EPERM";
  }
};

const pause = (milliseconds: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
};
