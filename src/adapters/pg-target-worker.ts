import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { PlumblineError } from "../model/errors.ts";
import type { Row, Target } from "./pg-session.ts";
import type { Answer, Wish } from "./pg-target-worker-main.ts";

// Beside us, as it is written or as it was built.
const EXTENSION = import.meta.url.endsWith(".ts") ? "ts" : "js";
const PROGRAM = new URL(`./pg-target-worker-main.${EXTENSION}`, import.meta.url);

/**
 * PGlite in a thread of its own: a statement of a pull request that never ends would otherwise stop everything that
 * this process does. One that takes longer than `statementMs` ends the thread, and with it the database.
 * @throws `database-unavailable`
 */
export const openWorkerTarget = async (directory: string, statementMs: number): Promise<Target> => {
  const worker = new Worker(PROGRAM, {
    workerData: { directory },
    env: {},
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  const ended = new AbortController();
  worker.once("exit", () => ended.abort());
  worker.on("error", () => {}); // Whoever waits for an answer is told by the exit.
  const next = async (): Promise<unknown> => {
    const limit = AbortSignal.timeout(statementMs);
    try {
      const [answer] = (await once(worker, "message", {
        signal: AbortSignal.any([ended.signal, limit]),
      })) as [Answer];
      return valueIn(answer);
    } catch (thrown) {
      if (limit.aborted) await worker.terminate();
      throw limit.aborted ? tooLong(statementMs) : ended.signal.aborted ? gone() : thrown;
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

const gone = (): PlumblineError =>
  new PlumblineError("database-unavailable", "The embedded database that migrations are tried in has ended.");
