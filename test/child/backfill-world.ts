import { createHash } from "node:crypto";
import { systemClock } from "../../src/adapters/clock.ts";
import { type Database, openDatabase } from "../../src/adapters/database.ts";
import { createLedger } from "../../src/adapters/ledger.ts";
import { loadSqlParser } from "../../src/adapters/libpg.ts";
import { pgBackfills } from "../../src/adapters/pg-backfills.ts";
import { createRedactor } from "../../src/adapters/redactor.ts";
import type { Backfills } from "../../src/ports/backfills.ts";
import { createWithLease } from "../../src/queue/lease.ts";
import type { World } from "../../src/run/world.ts";
import { quiet } from "../contract/jobs.ts";

export const BACKFILL_KEY = "acme/shop//db#default";
export const BACKFILL_NAME = "score";
const FILE = `table: public.customer
key: id
batch: 100
statement: UPDATE customer SET n = n + 1, score = word::int WHERE id BETWEEN $1 AND $2
throttle: {rest: 0ms}
lock_timeout: 1min
`;

/** As much of a service as its backfills need, over databases that outlive the process. */
export const openBackfillWorld = async (urls: { readonly ledger: string; readonly target: string }) => {
  const database = await openDatabase({ url: urls.ledger, dataDir: null });
  return backfillWorld(database, { target: urls.target, backfills: pgBackfills(await loadSqlParser()) });
};

/** The same over any ledger, with any runner. */
export const backfillWorld = async (
  database: Database,
  {
    target,
    backfills,
    more = "",
  }: { readonly target: string; readonly backfills: Backfills; readonly more?: string },
) => {
  const file = `${FILE}${more}`;
  const ledger = createLedger(database);
  const parse = await loadSqlParser();
  const parts = { ledger, clock: systemClock, log: quiet };
  const world = {
    ...parts,
    ...{
      instance: "replica",
      redactor: createRedactor(),
      nudge: () => {},
      catalogue: { types: [], rules: [] },
    },
    server: { dataDir: "/nowhere", databaseUrl: null, triggerWords: ["plumbline"] },
    git: {
      resolve: async () => "c1",
      readFile: async (_repo: string, _commit: string, path: string) =>
        path === `db/${BACKFILL_NAME}.backfill.yaml` ? new TextEncoder().encode(file) : null,
      readFiles: async () => new Map(),
      listFiles: async () => [],
    },
    files: { read: async () => null, clearScratch: async () => {} },
    withLease: createWithLease({ ...parts, holder: "replica" }),
    databases: {
      engines: {},
      parse,
      backfills,
      urls: { resolve: async () => target },
    },
  } as unknown as World;
  return {
    world,
    database,
    row: () => ledger.backfills.get(BACKFILL_KEY, BACKFILL_NAME),
    close: () => ledger.close(),
    /** What a verified apply leaves behind. */
    approve: async (verified = true) => {
      const at = new Date();
      const pull = { repo: "acme/shop", number: 1 };
      await ledger.workspaces.upsert({
        ...{ key: BACKFILL_KEY, repo: "acme/shop", dir: "db", name: "default", project: null },
        kind: "postgres-migrations",
        refs: { desired: { branch: "main" } } as never,
        config: {},
      });
      const database = { tool: "builtin", url: {}, schemas: [], historyTable: null };
      await ledger.runs.create({
        ...{ id: "run_1", workspace: BACKFILL_KEY, kind: "apply", pull, head: "c1", base: "c1" },
        ...{ trigger: "merge", requestedBy: "dana", createdAt: at },
        input: JSON.parse(
          JSON.stringify({
            config: { kind: "postgres-migrations", dir: "db", database, drift: { ignore: [] } },
          }),
        ),
      });
      const lease = await ledger.leases.acquire(BACKFILL_KEY, "run_1", "replica", at, 30_000);
      if (!("token" in lease)) throw new Error("nobody else holds it");
      const { token } = lease;
      await ledger.runs.transition("run_1", { from: ["queued"], to: "running", token, at });
      const result = { ...((await ledger.runs.get("run_1"))?.result as object), verified };
      await ledger.runs.transition("run_1", { from: ["running"], to: "succeeded", token, at, result });
      await ledger.leases.release(lease);
      await ledger.backfills.approve({
        ...{ workspace: BACKFILL_KEY, name: BACKFILL_NAME, run: "run_1", pull, commit: "c1" },
        path: `db/${BACKFILL_NAME}.backfill.yaml`,
        checksum: createHash("sha256").update(file).digest("hex"),
        ...{ table: "public.customer", class: "R2", state: "waiting", wish: null, token: 0, reason: null },
        ...{ throttle: null, lag: null, active: null, done: 0, changed: 0, dead: 0, total: null, rate: null },
        ...{
          leftOut: [],
          freezeOverride: null,
          verification: null,
          requestedBy: "dana",
          createdAt: at,
          updatedAt: at,
          progressedAt: null,
          endedAt: null,
        },
      });
    },
  };
};
