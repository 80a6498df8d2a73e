import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { LocalForge } from "../../demo/forge/forge.ts";
import { type AskedChild, Dead, startChild } from "../child/asked-child.ts";
import type { Question, Start } from "./service-program.ts";

const SETTLE_MS = 90_000;

/** One life of the service, as a process of its own. */
export type Replica = Pick<AskedChild<Question, object>, "ask" | "ended"> & {
  end(): Promise<void>;
  /** Dies now, wherever it is. */
  kill(): Promise<void>;
};

const PROGRAM = fileURLToPath(new URL("./service-program.ts", import.meta.url));

export const startReplica = async (dir: string, start: Start): Promise<Replica> => {
  const file = join(dir, "start.json");
  await writeFile(file, JSON.stringify(start), { mode: 0o600 });
  const { child, ended, ask } = await startChild<Question, object>(PROGRAM, [file], {
    stdio: ["ignore", "ignore", process.env["KILL_LOG"] ? "inherit" : "ignore", "ipc"],
  });
  return {
    ask,
    ended,
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
    end: async () => {
      await ask({ ask: "stop" }).catch(() => null);
      if (child.exitCode === null) child.kill("SIGKILL");
      await ended;
    },
  };
};

/** A process that died answers nothing: null. Anything else is a failure of the bench or of the service. */
export const whereDead =
  (replica: Replica) =>
  async (failure: unknown): Promise<null> => {
    if (!(failure instanceof Dead)) throw failure;
    await replica.ended;
    return null;
  };

/** Waits until nothing is on its way any more and it is as it should be. @throws after a minute and a half */
export const settledTo = async (
  forge: LocalForge,
  replica: Replica,
  isThere: () => boolean | Promise<boolean>,
): Promise<void> => {
  for (const until = Date.now() + SETTLE_MS; Date.now() < until; ) {
    await forge.webhooksIdle();
    await replica.ask({ ask: "idle" });
    if (await isThere()) {
      await forge.webhooksIdle();
      await replica.ask({ ask: "idle" });
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`It did not settle within ${SETTLE_MS / 1000} s.`);
};
