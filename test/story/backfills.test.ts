import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Target } from "../../src/adapters/pg-session.ts";
import { openTarget } from "../../src/adapters/pg-target.ts";
import { databaseRulesOf } from "../../src/config/database-schema.ts";
import { backfillJob } from "../../src/run/backfill-job.ts";
import { recover } from "../../src/run/recover.ts";
import { BACKFILL_KEY, BACKFILL_NAME, openBackfillWorld } from "../child/backfill-world.ts";
import { binaries, startServer } from "../contract/databases.ts";
import { openSmallStage, type SmallStage, type TestRepo } from "./small-stage.ts";

const found = binaries();
const KEYS = 300;

/** Rows whose `n` counts how often each was changed; the word of one of them is no number. */
const fill = (target: Target) =>
  target.run(
    `insert into customer select i, case i when 250 then 'none' else i::text end from generate_series(1, ${KEYS}) i`,
  );
const TABLE =
  "create table customer (id bigint primary key, word text, n int not null default 0, score int);\n";
const times = (target: Target) =>
  target.query("select n, count(*)::int as rows from customer group by n order by n");

describe.skipIf(found === null)("backfills under the loop", { timeout: 240_000 }, () => {
  let server: Awaited<ReturnType<typeof startServer>>;
  let stage: SmallStage;
  let repo: TestRepo;
  const urlOf = (name: string) => server.url.replace(/\/postgres$/, `/${name}`);
  const at = async <Result>(name: string, work: (target: Target) => Promise<Result>): Promise<Result> => {
    const target = await openTarget(urlOf(name));
    try {
      return await work(target);
    } finally {
      await target.close();
    }
  };
  beforeAll(async () => {
    server = await startServer(found ?? "");
    for (const name of ["shop", "killed", "ledger"])
      await at("postgres", (target) => target.run(`create database ${name}`));
    const held = { env: ["SHOP"] };
    stage = await openSmallStage(
      (config) => ({
        ...config,
        databases: databaseRulesOf([{ workspaces: ["acme/*"], read_only: held, migration: held }]),
      }),
      { env: { ...process.env, SHOP: urlOf("shop") } },
    );
    repo = await stage.repo("shop", {
      "plumbline.yaml":
        "version: 1\nworkspaces:\n  - dir: db\n    kind: postgres-migrations\n    database: {url: {read_only: {env: SHOP}, migration: {env: SHOP}}}\n",
      "db/V1__customer.sql": TABLE,
    });
  }, 120_000);
  afterAll(async () => {
    await stage?.close();
    await server?.stop();
  });

  const ledger = () => stage.service().world.ledger;
  const row = () => ledger().backfills.get(repo.key("db"), "score");
  const actions = async () =>
    (await ledger().audit.list({ subject: repo.key("db") }))
      .map(({ action }) => action)
      .filter((one) => one.startsWith("backfill"));

  test("one is planned with its pull request, held by a comment at the border of a batch, and keeps contracts away until it is done", async () => {
    const first = await repo.propose({ "db/V2__note.sql": "alter table customer add column note text;\n" });
    await repo.merge(first);
    await at("shop", fill);
    const number = await repo.propose({
      "db/score.backfill.yaml":
        "after: '2'\ntable: customer\nkey: id\nbatch: 100\nstatement: UPDATE customer SET n = n + 1, score = word::int WHERE id BETWEEN $1 AND $2\nthrottle: {replication_lag: 10s, active_sessions: 40, rest: 0ms}\nlock_timeout: 1min\n",
    });
    const told = repo.saying(number, "1 backfill to start");
    expect(told).toContain("| `score` | R2 | `public.customer` | `id` | 100 |");
    expect(told).toContain("UPDATE customer SET n = n + 1");
    expect(told).toContain("Rehearsed:");
    // A row of the second batch is somebody else's for now.
    const other = await openTarget(urlOf("shop"));
    await other.run("begin; select * from customer where id = 150 for update");
    await stage.forge.as("dana").merge(repo.ref(number), "merge");
    await expect.poll(async () => (await row())?.done).toBe(100);
    const comment = (body: string, who: string) =>
      stage.forge.as(who as "dana").comment(repo.ref(number), body);
    await comment("plumbline backfill pause", "rita");
    await comment("plumbline backfill pause score", "dana");
    await expect.poll(async () => (await row())?.state).toBe("paused");
    await other.run("rollback");
    await other.close();
    await stage.settled();
    expect(await row()).toMatchObject({ state: "paused", reason: "paused by dana", done: 200 });
    expect(await at("shop", times)).toEqual([
      { n: 0, rows: 100 },
      { n: 1, rows: 200 },
    ]);
    expect(await actions()).toEqual(["backfill-approved", "backfill-paused"]);
    expect(repo.said(number).join("\n")).toContain("may not command Plumbline");
    const contract = await repo.propose({
      "db/V3__contract.sql":
        '-- plumbline:ignore drop-column reason="nobody reads it" owner="shop"\nalter table customer drop column word;\n',
    });
    expect(repo.said(contract).join("\n")).toContain(
      "while the backfill score of public.customer is not finished",
    );
    await repo.comment(number, "plumbline backfill resume");
    expect(await row()).toMatchObject({
      state: "stopped",
      done: 300,
      dead: 1,
      leftOut: [{ key: "250", sqlState: "22P02" }],
    });
    expect(repo.saying(number, "1 of 1 backfills not done")).toContain(
      "- `250`: a text cannot be read as its type (22P02)",
    );
    await at("shop", (target) => target.run("update customer set word = '250' where id = 250"));
    await repo.comment(number, "plumbline backfill retry score");
    expect(await row()).toMatchObject({ state: "done", dead: 0, leftOut: [] });
    expect(await at("shop", times)).toEqual([{ n: 1, rows: 300 }]);
    expect(repo.saying(number, "Backfills done")).toContain("100 %");
    await repo.comment(number, "plumbline backfill status");
    expect(repo.saying(number, "**done**")).toContain("300 of about 300 keys");
    await repo.comment(contract, "plumbline plan");
    expect(repo.said(contract).join("\n")).not.toContain("is not finished");
  });

  test("a SIGKILL in the middle of a batch costs that batch: the next process goes on at the checkpoint, no row twice", async () => {
    await at("killed", async (target) => {
      await target.run(TABLE);
      await fill(target);
      await target.run("update customer set word = '250' where id = 250");
    });
    const urls = { ledger: urlOf("ledger"), target: urlOf("killed") };
    const world = await openBackfillWorld(urls);
    try {
      await world.approve();
      const other = await openTarget(urls.target);
      await other.run("begin; select * from customer where id = 150 for update");
      const child = spawn(
        process.execPath,
        ["--disable-warning=ExperimentalWarning", "test/child/backfill-program.ts"],
        {
          env: { ...process.env, LEDGER: urls.ledger, TARGET: urls.target },
          stdio: "inherit",
        },
      );
      await expect.poll(async () => (await world.row())?.done).toBe(100);
      child.kill("SIGKILL");
      await once(child, "exit");
      await other.run("rollback");
      await other.close();
      await expect
        .poll(() =>
          at("killed", (target) => target.query("select 1 from pg_locks where locktype = 'advisory'")),
        )
        .toEqual([]);
      expect(await at("killed", times)).toEqual([
        { n: 0, rows: 200 },
        { n: 1, rows: 100 },
      ]);
      await recover(world.world, world.world.instance);
      const after = await backfillJob(world.world)(
        { workspace: BACKFILL_KEY, name: BACKFILL_NAME },
        AbortSignal.any([]),
      );
      expect(after.followUps.map(({ job }) => job.kind)).toEqual(["publish"]);
      expect(await world.row()).toMatchObject({ state: "done", done: 300, changed: 300, dead: 0 });
      expect(await at("killed", times)).toEqual([{ n: 1, rows: 300 }]);
    } finally {
      await world.close();
    }
  });
});
