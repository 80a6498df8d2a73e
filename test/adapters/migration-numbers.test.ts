import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "../../src/adapters/database.ts";
import { createLedger } from "../../src/adapters/ledger.ts";
import { createReadModel } from "../../src/adapters/read-model.ts";
import { HALF_WAY } from "../../src/model/migration.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import type { MigrationStepRow } from "../../src/ports/ledger-migrations.ts";
import { MIGRATION_METRICS } from "../../src/web/metric-migrations.ts";
import { openTestDatabase } from "../contract/test-database.ts";

const at = (minute: number): Date => new Date(Date.UTC(2026, 0, 1, 0, minute));
const KEY = "acme/infra//db#default";

let database: Database;
let ledger: Ledger;
beforeAll(async () => {
  database = await openTestDatabase();
  ledger = createLedger(database);
  for (const [key, kind] of [
    [KEY, "postgres-migrations"],
    ["acme/infra//net#default", "terraform"],
  ] as const)
    await ledger.workspaces.upsert({
      ...{ key, kind, repo: "acme/infra", dir: key, name: "default", project: null, config: null },
      refs: { desired: { branch: "main", dir: "db" }, recorded: null, actual: null } as never,
    });
});
afterAll(() => ledger.close());

const step = (script: string, more: Partial<MigrationStepRow>): MigrationStepRow => ({
  ...{ run: "run_1", workspace: KEY, script, statement: 0, version: "1", checksum: "1", statements: 1 },
  ...{ state: "verified", transactional: true, attempt: 1, backend: null, milliseconds: 2000 },
  ...{ rehearsed: null, message: null, at: at(5) },
  ...more,
});
const numbers = (visible: readonly string[] = ["*"]) =>
  createReadModel(database).numbers({
    visible,
    from: at(0),
    now: at(10),
  });
const told = async () => {
  const now = await numbers();
  return Object.fromEntries(MIGRATION_METRICS.map(({ name, samples }) => [name, samples(now)]));
};

test("where no migration ever ran, nothing is half-way, runs or is late", async () => {
  expect(await told()).toMatchObject({
    ...{ migrations_7d: [], migration_seconds: [], schema_drift_open: [] },
    ...{ migrations_half_way: [{ value: 0 }], migration_half_way_seconds: [{ value: 0 }] },
    ...{ migration_running_seconds: [{ value: 0 }], migration_last_done_seconds: [{ value: null }] },
  });
});

test("states, times, retries, what runs, what stands half-way and schema drift are told without any name", async () => {
  const finding = {
    address: "table app.orders",
    path: "columns.x",
    cause: "unmanaged",
    fingerprint: "f",
    sensitive: false,
  };
  await ledger.migrations.put([
    step("V1__a.sql", { rehearsed: 500, attempt: 3, waited: 1500, rows: 40, lag: 0.5 }),
    step("V2__b.sql", { milliseconds: 4000, rehearsed: 4000, waited: 0, rows: 2, lag: 2.5 }),
    step("V3__c.sql", { state: "running", transactional: false, milliseconds: 1000, at: at(8) }),
    step("V3__c.sql", { state: "running", statement: 1, at: at(8) }),
    step("V0__old.sql", { run: "run_0", state: "failed-partial", at: at(-5) }),
  ]);
  await ledger.workspaces.freeze(KEY, HALF_WAY, at(7), null);
  for (const key of [KEY, "acme/infra//net#default"])
    await ledger.findings.record(key, [finding as never], at(6));
  expect(await told()).toEqual({
    migrations_7d: [
      { labels: { state: "running" }, value: 1 },
      { labels: { state: "verified" }, value: 2 },
    ],
    migration_seconds: [
      { labels: { quantile: "0.5" }, value: 3 },
      { labels: { quantile: "0.95" }, value: expect.closeTo(3.9) },
    ],
    ...{ migration_slower_ratio: [{ value: 4 }], migration_lock_retries_7d: [{ value: 2 }] },
    ...{ migration_lock_wait_seconds: [{ value: 1.5 }], migration_rows_7d: [{ value: 42 }] },
    migration_replication_lag_seconds: [{ value: 2.5 }],
    ...{ migration_running_seconds: [{ value: 121 }], migration_last_done_seconds: [{ value: 300 }] },
    ...{ migrations_half_way: [{ value: 1 }], migration_half_way_seconds: [{ value: 180 }] },
    schema_drift_open: [{ labels: { cause: "unmanaged" }, value: 1 }],
  });
});

test("who may not see a workspace does not count its migrations", async () => {
  expect((await numbers(["acme/other//*"])).migrations).toMatchObject({
    ...{ states: [], took: null, halfWay: 0, schemaDrift: [], lastDoneSeconds: null },
  });
});
