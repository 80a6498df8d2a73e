import { EventEmitter } from "node:events";
import type { Person, Repo, RequestEntry } from "./state.ts";
import { openSwitches, type Switches, type TakeFault } from "./switches.ts";
import { openWebhooks, type Webhooks } from "./webhooks.ts";

/** The forge's heart: what it remembers, its clock and numbers, and who wants to know of changes. */
export interface Hub {
  /** `http://127.0.0.1:PORT`, set once it listens. */
  origin: string;
  /** Where the bare repositories are: `OWNER/NAME.git`. */
  readonly folder: string;
  /** By login in lower case. */
  readonly people: Map<string, Person>;
  /** By full name in lower case. */
  readonly repos: Map<string, Repo>;
  /** Logins in lower case by `org/team` in lower case. */
  readonly teams: Map<string, ReadonlySet<string>>;
  readonly apps: App[];
  readonly webhooks: Webhooks;
  readonly switches: Switches & { readonly take: TakeFault };
  readonly requests: RequestEntry[];
  now(): Date;
  nextId(): number;
  /** Wakes everybody in `waitFor`. */
  changed(): void;
  readonly changes: EventEmitter<{ changed: [] }>;
  /** One at a time per repository: pushes and merges compare what was with what is. */
  exclusive<T>(repo: Repo, work: () => Promise<T>): Promise<T>;
}

/** A GitHub app, installed once on everything. */
export interface App {
  readonly id: number;
  readonly slug: string;
  readonly publicKey: string;
  readonly installationId: number;
  readonly bot: Person;
}

export const openHub = (folder: string, now: () => Date): Hub => {
  const changes = new EventEmitter<{ changed: [] }>().setMaxListeners(0);
  const queues = new Map<number, Promise<unknown>>();
  let lastId = 1000;
  const changed = () => void changes.emit("changed");
  const nextId = () => {
    lastId += 1;
    return lastId;
  };
  const switches = openSwitches();
  return {
    origin: "",
    folder,
    people: new Map(),
    repos: new Map(),
    teams: new Map(),
    apps: [],
    switches,
    webhooks: openWebhooks({ nextId, now, changed, switches }),
    requests: [],
    now,
    nextId,
    changed,
    changes,
    exclusive(repo, work) {
      const turn = (queues.get(repo.id) ?? Promise.resolve()).then(work, work);
      queues.set(
        repo.id,
        turn.catch(() => {}),
      );
      return turn;
    },
  };
};

/** Resolves with what `look` finds, now or after a later change; rejects after `timeoutMs` and says what was awaited. */
export const waitFor = <T>(
  hub: Hub,
  what: string,
  look: () => T | null | undefined | false,
  timeoutMs: number,
): Promise<T> =>
  new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      hub.changes.off("changed", check);
    };
    const check = () => {
      try {
        const found = look();
        if (found === null || found === undefined || found === false) return;
        end();
        resolve(found);
      } catch (thrown) {
        end();
        reject(thrown as Error);
      }
    };
    const timer = setTimeout(() => {
      end();
      reject(new Error(`Waited ${timeoutMs} ms in vain for ${what}.`));
    }, timeoutMs);
    hub.changes.on("changed", check);
    check();
  });
