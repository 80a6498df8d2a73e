import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { PlumblineError } from "../model/errors.ts";
import type { Row, Target } from "./pg-session.ts";
import type { Answer, Wish } from "./pg-target-worker-main.ts";

// Beside us, as it is written or as it was built.
const EXTENSION = import.meta.url.endsWith(".ts") ? "ts" : "js";
const PROGRAM = new URL(`./pg-target-worker-main.${EXTENSION}`, import.meta.url);

export interface WorkerLimits {
  readonly statementMs: number;
  /** Of tables in memory and of the server itself, which takes about 300 MB when it starts. */
  readonly memoryBytes: number;
  /** Whether extensions can be created; they make the start take half as long again. */
  readonly extensions: boolean;
}

export const WORKER_LIMITS: WorkerLimits = {
  statementMs: 120_000,
  memoryBytes: 1024 ** 3,
  extensions: true,
};

/**
 * PGlite in a thread of its own: a statement of a pull request that never ends, or that needs more memory than the
 * machine has, would otherwise stop everything that this process does. One that crosses a limit ends the thread, and
 * with it the database. @throws `database-unavailable`; of statements also `sql-failed`
 */
export const openWorkerTarget = async (
  directory: string,
  { statementMs, memoryBytes, extensions }: WorkerLimits,
): Promise<Target> => {
  const worker = new Worker(PROGRAM, {
    workerData: { directory, memoryBytes, extensions },
    env: {},
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  const ended = new AbortController();
  worker.once("exit", () => ended.abort());
  worker.on("error", () => {}); // Whoever waits for an answer is told by the exit.
  const next = async (): Promise<unknown> => {
    const limit = AbortSignal.timeout(statementMs);
    const memory = watchMemory(worker, memoryBytes);
    try {
      const [answer] = (await once(worker, "message", {
        signal: AbortSignal.any([ended.signal, limit, memory.exceeded]),
      })) as [Answer];
      return valueIn(answer);
    } catch (thrown) {
      if (!limit.aborted && !memory.exceeded.aborted) throw ended.signal.aborted ? gone() : thrown;
      await worker.terminate();
      throw limit.aborted ? tooLong(statementMs) : tooLarge(memoryBytes);
    } finally {
      memory.stop();
    }
  };
  const ask = (wish: Wish): Promise<unknown> => {
    if (ended.signal.aborted) return Promise.reject(gone());
    const answer = next();
    worker.postMessage(wish);
    return answer;
  };
  const about = await next().catch(async (thrown: unknown) => {
    await worker.terminate();
    if (thrown instanceof PlumblineError) throw thrown;
    throw new PlumblineError("database-unavailable", (thrown as Error).message, { cause: thrown });
  });
  return {
    ...(about as Pick<Target, "place" | "version">),
    query: async (text, values = []) => (await ask({ ask: "query", text, values })) as readonly Row[],
    run: async (text) => (await ask({ ask: "run", text })) as number | null,
    copy: async (text, rows) => (await ask({ ask: "copy", text, rows })) as number | null,
    close: async () => {
      if (!ended.signal.aborted) await ask({ ask: "close" }).catch(() => {});
      await worker.terminate();
    },
  };
};

const LOOK_MS = 200;

/**
 * `resourceLimits` of a thread bound JavaScript's heap alone; tables in memory and WebAssembly's pages are outside of
 * it. The thread tells their size even while a statement keeps it busy.
 */
const watchMemory = (worker: Worker, most: number): { readonly exceeded: AbortSignal; stop(): void } => {
  const exceeded = new AbortController();
  const timer = setInterval(() => {
    // Without an answer there is no thread any more, and whoever waits is told so.
    const look = worker.getHeapStatistics().catch(() => null);
    void look.then((told) => {
      if (told !== null && told.external_memory + told.used_heap_size > most) exceeded.abort();
    });
  }, LOOK_MS);
  return { exceeded: exceeded.signal, stop: () => clearInterval(timer) };
};

const valueIn = (answer: Answer): unknown => {
  if (answer.ok) return answer.value;
  throw Object.assign(new Error(answer.message), answer.fields);
};

const tooLong = (statementMs: number): PlumblineError =>
  new PlumblineError(
    "sql-failed",
    `A statement took longer than ${statementMs / 1000} seconds in the database that migrations are tried in.`,
    { hint: "Give a PostgreSQL server to rehearse on (`rehearsal`), or make the statement do less." },
  );

const tooLarge = (memoryBytes: number): PlumblineError =>
  new PlumblineError(
    "sql-failed",
    `A statement needs more than ${Math.round(memoryBytes / 1024 ** 2)} MB in the database that migrations are tried in.`,
    { hint: "Give a PostgreSQL server to rehearse on (`rehearsal`), or make fewer rows." },
  );

const gone = (): PlumblineError =>
  new PlumblineError("database-unavailable", "The embedded database that migrations are tried in has ended.");
