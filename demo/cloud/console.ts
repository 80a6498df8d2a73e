// The person at the console and the auditor, in one: changes entries of an account, reads what reached the cloud.
import { readFileSync } from "node:fs";
import {
  type Account,
  type ConsoleLine,
  changeQuietly,
  type Entry,
  type LogLine,
  logAtConsole,
  readAccount,
  requestLogOf,
} from "./account.ts";

/** One account of the demo cloud, seen from outside the engines. */
export interface Console {
  /** Absolute path, for `DEMOCLOUD_ACCOUNT_FILE`. */
  readonly file: string;
  read(): Account;
  /** Changes the account under the cloud's lock, as an editor of its file would; nothing is logged. */
  edit(change: (account: Account) => void): void;
  /** Merges attributes into an entry, which is made where it is missing. The console's own log says who did it. */
  set(type: string, id: string, attributes: Entry, who?: string): void;
  remove(type: string, id: string, who?: string): void;
  /** Every request of an engine that reached the cloud, oldest first; refused ones have `error`. */
  requests(): readonly LogLine[];
}

/** The file need not exist yet. Reading throws a sentence where it is no account. */
export const openAccount = (file: string, now: () => Date = () => new Date()): Console => {
  const log = (who: string, action: ConsoleLine["action"], type: string, id: string): void =>
    logAtConsole(file, { at: now().toISOString(), who, action, type, id });
  const edit = (change: (account: Account) => void): void => changeQuietly(file, change);
  return {
    file,
    read: () => readAccount(file),
    edit,
    set: (type, id, attributes, who = SOMEBODY) => {
      edit(({ resources }) => {
        resources[type] = { ...resources[type], [id]: { ...resources[type]?.[id], ...attributes } };
      });
      log(who, "change", type, id);
    },
    remove: (type, id, who = SOMEBODY) => {
      edit(({ resources }) => {
        delete resources[type]?.[id];
      });
      log(who, "remove", type, id);
    },
    requests: () => readRequests(requestLogOf(file)),
  };
};

const SOMEBODY = "somebody at the console";

const readRequests = (log: string): readonly LogLine[] => {
  try {
    return readFileSync(log, "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as LogLine);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw cause;
  }
};
