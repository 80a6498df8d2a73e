import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../src/adapters/clock.ts";
import { loadSqlParser } from "../../src/adapters/libpg.ts";
import { runBackfill } from "../../src/adapters/pg-backfill.ts";
import { retryDeadLetters } from "../../src/adapters/pg-backfill-retry.ts";
import {
  pauseBackfill,
  readDeadLetters,
  readProgress,
  resumeBackfill,
} from "../../src/adapters/pg-backfill-state.ts";
import { throttleOf } from "../../src/adapters/pg-backfill-throttle.ts";
import { pgBackfills } from "../../src/adapters/pg-backfills.ts";
import type { Row, Target } from "../../src/adapters/pg-session.ts";
import { takeSnapshot } from "../../src/adapters/pg-snapshot.ts";
import { openTarget } from "../../src/adapters/pg-target.ts";
import { leftOutKey } from "../../src/migration/left-out.ts";
import type { Backfill, BackfillProgress, BackfillWait } from "../../src/model/backfill.ts";
import type { BackfillCall } from "../../src/ports/backfills.ts";
import { embedded, server } from "../contract/databases.ts";
import { createHandClock } from "../contract/hand-clock.ts";
import { SAMPLE } from "./backfill-sample.ts";

describe.each([embedded, server])("backfills on $name", (home) => {
  if (home.missing !== null) return test.skip(home.missing);
  let target: Target;
  let url: string;
  let stopHome: () => Promise<void>;
  beforeAll(async () => {
    const started = await home.start();
    ({ stop: stopHome, url } = started);
    await started.clear();
    target = await openTarget(url || "pglite:");
  });
  afterAll(async () => {
    await target.close();
    await stopHome();
  });
  beforeEach(async () => {
    await target.run("drop schema public cascade; create schema public; set search_path = public");
    await target.run("create table t (id bigint primary key, n int not null default 0, word text)");
    await target.run("insert into t select i, 0, i::text from generate_series(-50, 1000) i");
  });

  const PLACE = { schema: "public", table: "flyway_schema_history" };
  const BACKFILL: Backfill = {
    ...SAMPLE,
    throttle: { replicationLag: 10, activeSessions: 100, rest: 0 },
  };
  const run = (
    over: Partial<Backfill> = {},
    progress: (progress: BackfillProgress) => void = () => {},
    stop: AbortSignal = AbortSignal.any([]),
  ) =>
    runBackfill(
      target,
      { ...BACKFILL, ...over },
      {
        ...{ place: PLACE, clock: systemClock, stop },
        border: async (now) => {
          progress(now);
          return true;
        },
        waiting: async () => true,
      },
    );
  const times = async () =>
    (await target.query("select n, count(*)::int as rows from t group by n order by n")).map((row) => [
      row["n"],
      row["rows"],
    ]);

  test("names without a schema are those of the workspace, and nothing else of that name is changed", async () => {
    await target.run(
      "create schema app; create table app.t (id bigint primary key, n int not null default 0)",
    );
    await target.run("insert into app.t select i from generate_series(1, 250) i");
    expect(await run({ schema: "app", home: "app" })).toMatchObject({ state: "done", changed: 250 });
    expect(await times()).toEqual([[0, 1051]]);
    expect((await target.query("select min(n) as n from app.t"))[0]).toEqual({ n: 1 });
    await target.run("drop schema app cascade");
  });

  test("rows that share a key go together; more of them than a batch may hold stop it before one is changed", async () => {
    await target.run("create table s (k int not null, n int not null default 0); create index on s (k)");
    await target.run("insert into s select i / 3 from generate_series(0, 299) i");
    const shared = {
      name: "s",
      table: "s",
      key: "k",
      statement: "update s set n = n + 1 where k between $1 and $2",
    };
    expect(await run({ ...shared, batch: 10 })).toMatchObject({ state: "done", done: 300, changed: 300 });
    await target.run("insert into s select 500 from generate_series(1, 11)");
    await expect(run({ ...shared, name: "again", batch: 10 })).rejects.toMatchObject({
      code: "sql-failed",
      message: "More than 10 rows have one k: no batch could be cut.",
    });
    expect((await target.query("select max(n) as n, min(n) as least from s where k = 500"))[0]).toEqual({
      n: 0,
      least: 0,
    });
  });

  test("every row once, in batches; rows that come later are not its own; a second run does nothing", async () => {
    const seen: BackfillProgress[] = [];
    await target.run("insert into t values (5000, 0, 'x')");
    const end = await run({}, (progress) => seen.push(progress));
    expect(end).toMatchObject({ state: "done", done: 1052, changed: 1052, dead: 0, lastKey: "5000" });
    expect(seen.map(({ done }) => done)).toEqual([
      ...Array.from({ length: 10 }, (_, i) => (i + 1) * 100),
      1052,
      1052,
    ]);
    await target.run("insert into t values (6000, 0, 'x')");
    expect(await run()).toMatchObject({ state: "done", done: 1052 });
    expect(await times()).toEqual([
      [0, 1],
      [1, 1052],
    ]);
    expect(
      [...(await takeSnapshot(target, PLACE)).keys()].filter((each) => each.startsWith("table")),
    ).toEqual(["table public.t"]);
  });

  test("failing rows are found by halving and kept aside, the others are done", async () => {
    await target.run("update t set word = 'none' where id in (7, 8, 500)");
    const over = { statement: "update t set n = word::int - word::int + 1 where id between $1 and $2" };
    expect(await run(over)).toMatchObject({ state: "done", done: 1051, changed: 1048, dead: 3 });
    expect(await readDeadLetters(target, PLACE, "b")).toMatchObject(
      ["7", "8", "500"].map((key) => ({ key, sqlState: "22P02" })),
    );
    expect(await times()).toEqual([
      [0, 3],
      [1, 1048],
    ]);
  });

  test("too many failing rows stop it; resumed, it goes on behind them", async () => {
    await target.run("update t set word = 'none' where id in (7, 8)");
    const over = { statement: "update t set n = word::int where id between $1 and $2", deadLetters: 1 };
    expect(await run(over)).toMatchObject({ state: "stopped", dead: 2, lastKey: "8" });
    expect(await run(over)).toMatchObject({ state: "stopped" });
    expect(await resumeBackfill(target, PLACE, "b")).toBe(true);
    expect(await run(over)).toMatchObject({ state: "done", done: 1051 });
  });

  test("a pause ends it after its batch, and so does the stop of its process; both go on at the checkpoint", async () => {
    let asked: Promise<unknown> | null = null;
    const paused = await run({ batch: 300 }, () => {
      asked ??= pauseBackfill(target, PLACE, "b", "somebody");
    });
    await asked;
    expect(paused).toMatchObject({ state: "paused", reason: "somebody", done: 300 });
    expect(await run()).toMatchObject({ state: "paused" });
    await resumeBackfill(target, PLACE, "b");
    const stop = new AbortController();
    expect(await run({ batch: 300 }, () => stop.abort(), stop.signal)).toMatchObject({
      state: "running",
      done: 600,
    });
    expect(await run()).toMatchObject({ state: "done" });
    expect(await times()).toEqual([[1, 1051]]);
  });

  test.each([
    ["a file that was changed under way", { checksum: "d" }, "another text"],
    ["no such column", { name: "x", key: "nope" }, "no column"],
    ["a key that may be NULL", { name: "x", key: "word" }, "NULL"],
    ["a key without an index", { name: "x", key: "n" }, "no index"],
  ])("%s is refused", async (_, over, why) => {
    const stop = new AbortController();
    await run({}, () => stop.abort(), stop.signal);
    await expect(run(over)).rejects.toMatchObject({
      code: "sql-invalid",
      message: expect.stringContaining(why),
    });
  });

  test("a failure that no row is to blame for stops it with the server's words; nothing is new before a run", async () => {
    expect(await readProgress(target, PLACE, [BACKFILL])).toMatchObject([{ name: "b", state: "new" }]);
    expect(await run({ statement: "update nowhere set n = 1 where id between $1 and $2" })).toMatchObject({
      state: "stopped",
      done: 0,
      reason: expect.stringContaining("nowhere"),
    });
  });

  test("what a trigger says under a code of its own may quote a row: it is told by the code alone", async () => {
    await target.run(`create function refuse() returns trigger language plpgsql as $$
      begin raise exception 'the word is %', new.word using errcode = 'ZZ001'; end $$;
      create trigger refuse before update on t for each row execute function refuse()`);
    const { reason } = await run();
    expect(reason).toContain("(SQLSTATE ZZ001)");
    expect(reason).not.toContain("the word is");
  });

  test("a table that is gone before a batch is an answer of the server, and no lost connection", async () => {
    const stop = new AbortController();
    await run({}, () => stop.abort(), stop.signal);
    await target.run("drop table t");
    await expect(run()).rejects.toMatchObject({
      code: "sql-failed",
      message: expect.stringContaining("(SQLSTATE 42P01)"),
    });
  });

  test("keys that were left out are tried again: what is mended is done, what is not stays with its reason", async () => {
    await target.run("update t set word = 'none' where id in (7, 8)");
    const over = {
      ...BACKFILL,
      statement: "update t set n = word::int - word::int + 1 where id between $1 and $2",
    };
    await run(over);
    await target.run("update t set word = '7' where id = 7");
    const options = {
      ...{ place: PLACE, clock: systemClock, stop: AbortSignal.any([]) },
      ...{ border: async () => true, waiting: async () => false },
    };
    const busy = { ...options, sampler: seeing(() => ({ lag: 20, active: 0, sees: true })) };
    expect(await retryDeadLetters(target, over, busy)).toBe(false);
    expect(await readDeadLetters(target, PLACE, "b")).toHaveLength(2);
    expect(await retryDeadLetters(target, over, { ...options, border: async () => false })).toBe(false);
    expect(await readDeadLetters(target, PLACE, "b")).toMatchObject([{ key: "8" }]);
    expect(await retryDeadLetters(target, over, options)).toBe(true);
    const left = await readDeadLetters(target, PLACE, "b");
    expect(left).toMatchObject([{ key: "8", sqlState: "22P02" }]);
    expect(left.map(leftOutKey)).toMatchObject([{ key: "8", why: "a text cannot be read as its type" }]);
    expect(await readProgress(target, PLACE, [BACKFILL])).toMatchObject([
      { state: "done", dead: 1, changed: 1050 },
    ]);
  });

  test("a slow replica or a busy server is waited for by the clock, or not at all; what may not be seen stops it", async () => {
    const said: string[] = [];
    const clock = createHandClock();
    const lags = [20, 20, 3];
    const sampler = seeing(() => ({ lag: lags.length > 1 ? lags.shift() : lags[0], active: 0, sees: true }));
    const options = {
      ...{ place: PLACE, clock, sampler, stop: AbortSignal.any([]) },
      border: async () => false,
      waiting: async ({ text }: BackfillWait) => said.push(text) > 0,
    };
    const first = runBackfill(target, BACKFILL, options);
    await expect.poll(() => clock.waiting()).toBe(1);
    clock.turn(1000);
    await expect.poll(() => lags.length).toBe(1);
    await expect.poll(() => clock.waiting()).toBe(1);
    clock.turn(1000);
    expect(await first).toMatchObject({ state: "running", done: 100 });
    expect(said).toEqual(["a replica is 20.0 s behind"]);
    const busy = {
      ...options,
      sampler: seeing(() => ({ lag: 0, active: 101, sees: true })),
      waiting: async () => false,
    };
    expect(await runBackfill(target, BACKFILL, busy)).toMatchObject({ state: "running", done: 100 });
    const asleep = { ...busy, sampler: seeing(() => ({ lag: 0, active: 101, sees: true }), true) };
    expect(await runBackfill(target, BACKFILL, asleep)).toMatchObject({ state: "running", done: 200 });
    const blind = { ...options, sampler: seeing(() => ({ lag: 0, active: 0, sees: false, who: "reader" })) };
    await expect(runBackfill(target, BACKFILL, blind)).rejects.toMatchObject({
      code: "sql-failed",
      hint: expect.stringContaining("GRANT pg_monitor TO reader"),
    });
  });

  const seeing = (row: () => Row, standby = false): Target => ({
    ...target,
    query: async (text) => [text.includes("pg_is_in_recovery") ? { standby } : row()],
  });

  test.skipIf(home === embedded)(
    "a role that may not see other sessions is refused, one that may is not",
    async () => {
      await target.run("create role blind_reader; set role blind_reader");
      try {
        await expect(throttleOf(target, BACKFILL, new Date())).rejects.toMatchObject({ code: "sql-failed" });
        await target.run("reset role; grant pg_monitor to blind_reader; set role blind_reader");
        expect(await throttleOf(target, BACKFILL, new Date())).toMatchObject({ wait: null });
      } finally {
        await target.run("reset role; drop role blind_reader");
      }
    },
  );

  test.skipIf(home === embedded)(
    "an identity of its own changes rows and may do no more, in tables that were lent to it; a superuser is refused",
    async () => {
      await target.run("create role filler login password 'filler'; grant usage on schema public to filler");
      await target.run("grant select, update on t to filler");
      const own = Object.assign(new URL(url), { username: "filler", password: "filler" });
      const urls = { backfill: own.href, migration: url, read_only: url };
      const call = {
        ...{ workspace: "w", url: async (identity: keyof typeof urls) => urls[identity] },
        database: { url: { backfill: { env: "FILLER" } }, schemas: ["public"], historyTable: null },
      } as unknown as BackfillCall;
      const order = { clock: systemClock, wish: null, border: async () => true, stop: AbortSignal.any([]) };
      const backfills = pgBackfills(await loadSqlParser());
      try {
        expect(await backfills.run(call, BACKFILL, order)).toMatchObject({
          progress: { state: "done", changed: 1051 },
        });
        const wider = { ...BACKFILL, name: "wider", statement: "delete from t where id between $1 and $2" };
        expect(await backfills.run(call, wider, order)).toMatchObject({
          progress: { state: "stopped", reason: "insufficient privilege (SQLSTATE 42501)" },
        });
        urls.backfill = url;
        await expect(backfills.run(call, wider, order)).rejects.toMatchObject({
          code: "sql-failed",
          message: expect.stringContaining("superuser"),
        });
      } finally {
        await target.run("drop owned by filler; drop role filler");
      }
    },
  );
});
