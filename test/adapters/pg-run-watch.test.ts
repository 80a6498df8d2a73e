import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { builtinMigrations } from "../../src/adapters/builtin-migrations.ts";
import { loadSqlParser } from "../../src/adapters/libpg.ts";
import type { Target } from "../../src/adapters/pg-session.ts";
import { openTarget } from "../../src/adapters/pg-target.ts";
import { flywayChecksum } from "../../src/migration/checksum.ts";
import type { DatabaseConfig } from "../../src/model/database.ts";
import type { MigrationResult } from "../../src/model/migration.ts";
import { binaries, startServer } from "../contract/databases.ts";

const NOTE = "select 1;\nalter table orders add column note text;\n";
const MORE = "select 2;\n";
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "plumbline-run-watch-"));
  await writeFile(join(dir, "V1__note.sql"), NOTE);
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const CONFIG = {
  ...{ tool: "builtin", url: {}, schemas: [], historyTable: null, placeholders: {}, outOfOrder: false },
  ...{ baselineVersion: "0", changelog: null, lockTimeout: "0", statementTimeout: "0" },
} as unknown as DatabaseConfig;

interface Migrated {
  readonly result: MigrationResult;
  readonly lines: readonly string[];
}

/** Runs the folder where `orders` is there already; the URL of whoever looks may be another one. */
const migrate = async (
  url: string,
  reading = url,
  [script, text] = ["V1__note.sql", NOTE],
): Promise<Migrated> => {
  const lines: string[] = [];
  const result = await builtinMigrations(await loadSqlParser()).migrate(
    {
      ...{ workspace: "w", dir, shown: "db", database: CONFIG, onLine: (line) => void lines.push(line) },
      url: async (identity) => (identity === "read_only" ? reading : url),
    },
    { expected: [{ script, checksum: String(flywayChecksum(text)) }], progress: async () => {} },
  );
  return { result, lines };
};

/** Resolves once somebody has looked at a statement that waits. */
const seenWaiting = async (admin: Target): Promise<void> => {
  for (;;) {
    const [row] = await admin.query(
      `select count(*)::int as looks from pg_stat_activity
        where state = 'idle' and query like '%pg_blocking_pids(l.pid)%'
          and query_start > (select max(waitstart) from pg_locks where not granted)`,
    );
    if (Number(row?.["looks"]) > 0) return;
    await setTimeout(20);
  }
};

const bin = binaries();

test.skipIf(bin === null)(
  "a statement that waits for a lock is told with table, mode, time and blockers, and the server before and after",
  async () => {
    const server = await startServer(bin ?? "");
    const admin = await openTarget(server.url);
    await admin.run("create table orders (id bigint)");
    await admin.run("begin");
    await admin.run("lock table orders in share mode");
    const looker = await openTarget(server.url);
    const running = migrate(server.url);
    await seenWaiting(looker);
    await admin.run("commit");
    const { result, lines } = await running;
    await looker.run("create database other");
    await writeFile(join(dir, "V2__more.sql"), MORE);
    const elsewhere = server.url.replace(/\/postgres$/, "/other");
    const other = await migrate(server.url, elsewhere, ["V2__more.sql", MORE]);
    await rm(join(dir, "V2__more.sql"));
    await looker.close();
    await admin.close();
    await server.stop();
    expect(result.failure).toBeNull();
    const [script] = result.applied;
    expect(script?.ran?.map(({ waits }) => waits)).toEqual([
      [],
      [
        {
          ...{ relation: "public.orders", mode: "ACCESS EXCLUSIVE", blockers: 1 },
          milliseconds: expect.any(Number),
        },
      ],
    ]);
    expect(lines.join("\n")).toMatch(
      /V1__note\.sql line 2 waited \d+ ms for ACCESS EXCLUSIVE on public\.orders, behind one session/,
    );
    expect(result.load).toMatchObject({
      before: { lag: 0, replicas: 0, bytes: expect.any(Number), connections: expect.any(Number) },
      after: { lag: 0 },
      walBytes: expect.any(Number),
      worstLag: 0,
      note: null,
    });
    expect(lines.join("\n")).toMatch(/before: database \d+\.\d MB; no replica; \d+ of \d+ connections/);
    expect(other.result).toMatchObject({
      failure: null,
      load: { before: null, note: expect.stringContaining("another server or database") },
    });
  },
  60_000,
);

test("a database of one session is migrated all the same, and what nobody could see is said", async () => {
  const target = await openTarget(`pglite:${join(dir, "db")}`);
  await target.run("create table orders (id bigint)");
  await target.close();
  const { result, lines } = await migrate(`pglite:${join(dir, "db")}`);
  expect(result.failure).toBeNull();
  expect(result.applied[0]?.ran?.map(({ waits }) => waits)).toEqual([undefined, undefined]);
  expect(result.load).toMatchObject({ before: null, note: expect.stringContaining("one session alone") });
  expect(lines.join("\n")).toContain("were not measured: this database has one session alone.");
});
