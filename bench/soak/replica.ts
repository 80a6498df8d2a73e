import { openSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type AskedChild, Dead, startChild } from "../../test/child/asked-child.ts";
import { childrenOf } from "./processes.ts";
import type { Ask, Start } from "./service-program.ts";

/** The service's process, which is killed and started again; what it is asked waits for the next one. */
export interface Replica {
  pid(): number;
  /** How often it ended without being killed by the bench. */
  readonly crashes: readonly string[];
  /** Asks the process that lives; asks again where it died over the question. */
  ask(question: Ask): Promise<unknown>;
  /** SIGKILL, and another process once this one is gone. */
  killAndStart(): Promise<void>;
  /** SIGKILL to the embedded database's own process: every connection to it is cut. */
  cutDatabase(): void;
  /** SIGTERM's way out, and another process. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

type Life = AskedChild<Ask, object>;

/** Its log goes to `service.log` in the folder. Fails where it does not come up. */
export const startReplica = async (dir: string, start: Start): Promise<Replica> => {
  const file = join(dir, "start.json");
  await writeFile(file, JSON.stringify(start), { mode: 0o600 });
  const crashes: string[] = [];
  let pid = 0;
  let meant = false;
  let life: Promise<Life>;
  const live = async (): Promise<Life> => {
    const born = await launch(dir, file);
    pid = born.child.pid ?? 0;
    meant = false;
    void born.ended.then(() => {
      if (meant) return;
      crashes.push(`the service ended by itself at ${new Date().toISOString()}; see service.log`);
      life = live();
    });
    return born;
  };
  life = live();
  await life;
  const again = async (): Promise<void> => {
    await (await life).ended;
    life = live();
    await life;
  };
  const ask = async (question: Ask): Promise<unknown> => {
    for (;;) {
      const asked = await life;
      try {
        return await asked.ask(question);
      } catch (failure) {
        if (!(failure instanceof Dead)) throw failure;
        await asked.ended;
        await new Promise((later) => setTimeout(later, 200));
      }
    }
  };
  return {
    pid: () => pid,
    crashes,
    ask,
    killAndStart: async () => {
      const { child } = await life;
      meant = true;
      child.kill("SIGKILL");
      await again();
    },
    cutDatabase: () => {
      for (const { pid: child, command } of childrenOf(pid))
        if (command.includes("database-process-main")) process.kill(child, "SIGKILL");
    },
    restart: async () => {
      await ask({ ask: "stop" });
      const { child } = await life;
      meant = true;
      child.disconnect();
      await again();
    },
    stop: async () => {
      const { child, ended } = await life;
      await ask({ ask: "stop" }).catch(() => undefined);
      meant = true;
      if (child.connected) child.disconnect();
      await ended;
    },
  };
};

const PROGRAM = fileURLToPath(new URL("./service-program.ts", import.meta.url));

const launch = async (dir: string, file: string): Promise<Life> => {
  const log = openSync(join(dir, "service.log"), "a");
  return startChild<Ask, object>(PROGRAM, [file], { stdio: ["ignore", log, log, "ipc"] });
};
