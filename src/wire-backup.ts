import { readFile } from "node:fs/promises";
import type { SealedStore } from "./adapters/artifacts-sealed.ts";
import { answerBackups } from "./adapters/backup-answer.ts";
import type { Database } from "./adapters/database.ts";
import type { Instance } from "./adapters/instance.ts";
import type { ServerConfig } from "./model/config.ts";
import type { Clock } from "./ports/clock.ts";
import type { Log } from "./ports/log.ts";
import { freezeFile } from "./run/freeze-switch.ts";

/** `plumbline backup create` of a running service; needed only where no other process may open the database. */
export const openBackups = async (
  { dataDir, databaseUrl }: ServerConfig,
  own: {
    readonly database: Database;
    readonly store: SealedStore;
    readonly instance: Instance;
    readonly version: string;
    readonly clock: Clock;
    readonly log: Log;
  },
): Promise<{ close(): Promise<void> }> => {
  if (databaseUrl !== null) return { close: async () => {} };
  const { database, store, instance, version, clock, log } = own;
  const facts = async () => ({
    plumbline: version,
    createdAt: clock.now().toISOString(),
    instance: instance.id,
    freeze: await readFile(freezeFile(dataDir), "utf8").catch(() => null),
    keys: instance.keys,
  });
  return answerBackups({ dataDir, database, store, log, facts });
};
