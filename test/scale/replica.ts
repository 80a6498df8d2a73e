import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Answer, Question, Start } from "./replica-program.ts";

/** One process of the service, asked over Node's channel. */
export interface Replica {
  readonly url: string;
  readonly logged: readonly string[];
  readonly dead: boolean;
  ask(what: Question["ask"]): Promise<unknown>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  end(): Promise<void>;
}

const PROGRAM = fileURLToPath(new URL("./replica-program.ts", import.meta.url));

/** Throws what it said last where it does not come up. `file` is where its start is written. */
export const startReplica = async (file: string, start: Start, env: NodeJS.ProcessEnv): Promise<Replica> => {
  await writeFile(file, JSON.stringify(start), { mode: 0o600 });
  const child = fork(PROGRAM, [file], {
    env,
    execArgv: ["--disable-warning=ExperimentalWarning"],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  const logged: string[] = [];
  if (child.stderr) createInterface({ input: child.stderr }).on("line", (line) => logged.push(line));
  const ended = once(child, "exit").catch(() => undefined);
  const [first] = (await Promise.race([once(child, "message"), ended.then(() => [])])) as [Answer?];
  if (first === undefined || !("url" in first)) throw new Error(`A replica did not start: ${logged.at(-1)}`);
  const ask = asking(child, ended);
  return {
    url: first.url,
    logged,
    get dead() {
      return child.exitCode !== null || child.signalCode !== null;
    },
    ask,
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
    end: async () => {
      await ask("stop").catch(() => null);
      child.kill("SIGKILL");
      await ended;
    },
  };
};

const asking = (child: ChildProcess, ended: Promise<unknown>): Replica["ask"] => {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let last = 0;
  child.on("message", (told: Answer) => {
    if (!("id" in told)) return;
    const asked = waiting.get(told.id);
    waiting.delete(told.id);
    if (told.error === null) asked?.resolve(told.result);
    else asked?.reject(new Error(told.error));
  });
  void ended.then(() => {
    for (const asked of waiting.values()) asked.reject(new Error("The replica is dead."));
  });
  return (ask) => {
    if (!child.connected) return Promise.reject(new Error("The replica is dead."));
    last += 1;
    const asked = Promise.withResolvers<unknown>();
    waiting.set(last, asked);
    child.send({ ask, id: last } satisfies Question);
    return asked.promise;
  };
};
