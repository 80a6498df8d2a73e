import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { PGlite } from "kysely";
import type { ErrorCode } from "../model/error-codes.ts";
import { PlumblineError } from "../model/errors.ts";

interface Wish {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}
export type Question = { readonly id: number } & (
  | ({ readonly ask: "query" } & Wish)
  | { readonly ask: "begin" | "commit" | "rollback" | "close" }
);
interface ToldError {
  readonly message: string;
  readonly fields: object;
}
export type Told =
  | { readonly id: number; readonly result?: unknown; readonly error?: ToldError }
  | { readonly ready: true }
  | { readonly ready: false; readonly code: ErrorCode | null; readonly error: ToldError };

type Ask = { readonly [Q in Question as Q["ask"]]: Omit<Q, "id"> }[Question["ask"]];

/**
 * PGlite in a process of its own. Its memory is half a gigabyte, and a process of that size takes some 35 ms for every
 * other process that it starts, during which it does nothing else; a run starts dozens of gits and engines.
 * A database process that dies is started again by the next question; what was on its way fails with ECONNRESET.
 */
export const openDatabaseProcess = async (directory: string): Promise<PGlite> => {
  let current: Promise<Channel> = startChannel(directory);
  await current;
  let closed = false;
  const channel = async (): Promise<Channel> => {
    if (closed) throw lost();
    const known = await current.catch(() => null);
    if (known?.alive()) return known;
    current = startChannel(directory);
    return current;
  };
  return {
    get closed() {
      return closed;
    },
    ready: true,
    waitReady: Promise.resolve(),
    query: async (sql, parameters = []) => queryOver(await channel(), sql, parameters),
    transaction: async (work) => transactionOver(await channel().catch(() => null), work),
    close: async () => {
      closed = true;
      await (await current).close();
    },
  };
};

const queryOver = async <T>(channel: Channel, sql: string, parameters: readonly unknown[]) =>
  (await channel.ask({ ask: "query", sql, parameters })) as { affectedRows: number; rows: T[]; fields: [] };

// Kysely waits for its work to be called, whatever becomes of it: a transaction that cannot begin fails by its queries.
const transactionOver = async <T>(
  channel: Channel | null,
  work: Parameters<PGlite["transaction"]>[0],
): Promise<T> => {
  const begun = channel ? await channel.ask({ ask: "begin" }).then(() => null, asError) : lost();
  const query = async <R>(sql: string, parameters: readonly unknown[] = []) => {
    if (begun || !channel) throw begun ?? lost();
    return queryOver<R>(channel, sql, parameters);
  };
  try {
    const result = (await work({ query, rollback: async () => {} })) as T;
    if (begun || !channel) throw begun ?? lost();
    await channel.ask({ ask: "commit" });
    return result;
  } catch (thrown) {
    if (!begun) await channel?.ask({ ask: "rollback" }).catch(() => undefined);
    throw thrown;
  }
};

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));

interface Channel {
  alive(): boolean;
  ask(question: Ask): Promise<unknown>;
  close(): Promise<void>;
}

const startChannel = async (directory: string): Promise<Channel> => {
  const child = fork(PROGRAM, [directory], {
    execArgv: ["--disable-warning=ExperimentalWarning"],
    env: {},
    serialization: "advanced",
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const ended = once(child, "exit").catch(() => undefined);
  const [first] = (await Promise.race([once(child, "message"), ended.then(() => [])])) as [Told?];
  if (!first || !("ready" in first) || !first.ready) {
    child.disconnect?.();
    await ended;
    throw notOpened(first);
  }
  return channelTo(child, ended);
};

// Beside us, as it is written or as it was built.
const EXTENSION = import.meta.url.endsWith(".ts") ? "ts" : "js";
const PROGRAM = fileURLToPath(new URL(`./database-process-main.${EXTENSION}`, import.meta.url));

const notOpened = (told: Told | undefined): Error => {
  if (!told || !("code" in told)) return new Error("The embedded database ended before it was open.");
  const { code, error } = told;
  return code
    ? new PlumblineError(code, error.message)
    : Object.assign(new Error(error.message), error.fields);
};

const channelTo = (child: ChildProcess, ended: Promise<unknown>): Channel => {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let last = 0;
  let broken = false;
  // Only a question keeps this process from ending by itself.
  const holdOn = (): void => (waiting.size > 0 ? child.channel?.ref() : child.channel?.unref());
  child.unref();
  holdOn();
  child.on("message", (told: Told) => {
    if (!("id" in told)) return;
    const asked = waiting.get(told.id);
    waiting.delete(told.id);
    holdOn();
    if (told.error) asked?.reject(Object.assign(new Error(told.error.message), told.error.fields));
    else asked?.resolve(told.result);
  });
  void ended.then(() => {
    for (const asked of waiting.values()) asked.reject(lost());
    waiting.clear();
  });
  const ask: Channel["ask"] = (question) => {
    if (!child.connected) return Promise.reject(lost());
    last += 1;
    const asked = Promise.withResolvers<unknown>();
    waiting.set(last, asked);
    holdOn();
    // Where it is gone and nobody has told yet, the pipe is broken. Without a callback that would end this process.
    child.send({ ...question, id: last }, (failure) => {
      if (!failure) return;
      broken = true;
      child.kill("SIGKILL");
      asked.reject(lost());
    });
    return asked.promise;
  };
  return {
    alive: () => child.connected && !broken,
    ask,
    close: async () => {
      if (!child.connected) return;
      await ask({ ask: "close" });
      child.ref();
      child.disconnect();
      await ended;
    },
  };
};

/** A code that `asDatabaseError` knows. */
const lost = (): Error =>
  Object.assign(new Error("The embedded database's process is gone."), { code: "ECONNRESET" });
