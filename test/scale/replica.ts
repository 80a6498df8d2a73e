import { writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { startChild } from "../child/asked-child.ts";
import type { Question, Start } from "./replica-program.ts";

/** One process of the service, asked over Node's channel. */
export interface Replica {
  readonly url: string;
  readonly pid: number;
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
  const logged: string[] = [];
  const { child, up, ended, ask } = await startChild<Question, { readonly url: string }>(PROGRAM, [file], {
    env,
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    onFork: ({ stderr }) => {
      if (stderr) createInterface({ input: stderr }).on("line", (line) => logged.push(line));
    },
  }).catch(() => {
    throw new Error(`A replica did not start: ${logged.at(-1)}`);
  });
  return {
    url: up.url,
    pid: child.pid ?? 0,
    logged,
    get dead() {
      return child.exitCode !== null || child.signalCode !== null;
    },
    ask: (what) => ask({ ask: what }),
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
    end: async () => {
      await ask({ ask: "stop" }).catch(() => null);
      child.kill("SIGKILL");
      await ended;
    },
  };
};
