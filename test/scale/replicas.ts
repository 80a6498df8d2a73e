import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openDatabase } from "../../src/adapters/database.ts";
import { createLedger } from "../../src/adapters/ledger.ts";
import type { ServerConfig } from "../../src/model/config.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import type { Role } from "../../src/wire-parts.ts";
import { CREDENTIALS } from "../contract/s3-server.ts";
import { type Balancer, startBalancer } from "./balancer.ts";
import { type Replica, startReplica } from "./replica.ts";

/** Several processes of the service on one database and one bucket, behind one address. */
export interface Replicas {
  /** Of the balancer before them. */
  readonly url: string;
  readonly balancer: Balancer;
  readonly all: readonly Replica[];
  /** The same ledger, opened by the test. */
  readonly world: { readonly ledger: Ledger };
  /** The schedule of every living replica moves on to the next half hour. */
  toNextHalfHour(): Promise<void>;
  /** Every living replica ticks at once. Returns how many workspaces were due. */
  tick(): Promise<number>;
  idle(): Promise<void>;
  stop(): Promise<void>;
}

export interface ReplicasWish {
  /** Each replica's own files lie below it. */
  readonly dir: string;
  readonly config: ServerConfig;
  readonly mirror: string;
  /** One replica each; null does everything. */
  readonly roles: readonly (Role | null)[];
  /** What they see besides; the environment of this process where left out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export const startReplicas = async ({
  dir,
  config,
  mirror,
  roles,
  env: given = process.env,
}: ReplicasWish): Promise<Replicas> => {
  if (config.databaseUrl === null) throw new Error("Replicas need a database server.");
  const key = randomBytes(32).toString("hex");
  await mkdir(dir, { recursive: true });
  const env = {
    ...given,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
  };
  const all = await Promise.all(
    roles.map((role, index) => {
      const own = { ...config, dataDir: join(dir, `replica-${index}`) };
      return startReplica(join(dir, `start-${index}.json`), { config: own, key, mirror, role }, env);
    }),
  );
  const living = (): readonly Replica[] => all.filter((replica) => !replica.dead);
  const webs = (): readonly string[] =>
    living()
      .map(({ url }) => url)
      .filter((url) => url !== "");
  const balancer = await startBalancer(webs);
  const ledger = createLedger(await openDatabase({ url: config.databaseUrl, dataDir: null }));
  const everyone = (ask: "half-hour" | "tick"): Promise<unknown[]> =>
    Promise.all(living().map((replica) => replica.ask(ask)));
  return {
    url: balancer.url,
    balancer,
    all,
    world: { ledger },
    toNextHalfHour: async () => void (await everyone("half-hour")),
    tick: async () => (await everyone("tick")).reduce<number>((sum, due) => sum + Number(due), 0),
    // What one relay has taken the other does not see: the first is asked again.
    idle: async () => {
      for (const replica of [...living(), ...living().slice(0, 1)]) await replica.ask("idle");
    },
    stop: async () => {
      await Promise.all(living().map((replica) => replica.end()));
      await balancer.close();
      await ledger.close();
    },
  };
};
