import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../src/adapters/clock.ts";
import { type BackfillOptions, runBackfill } from "../../src/adapters/pg-backfill.ts";
import { rehearseBackfill } from "../../src/adapters/pg-backfill-rehearsal.ts";
import { retryDeadLetters } from "../../src/adapters/pg-backfill-retry.ts";
import { readProgress, resumeBackfill } from "../../src/adapters/pg-backfill-state.ts";
import type { Target } from "../../src/adapters/pg-session.ts";
import { openTarget } from "../../src/adapters/pg-target.ts";
import type { Backfill } from "../../src/model/backfill.ts";
import { SAMPLE } from "./backfill-sample.ts";

let target: Target;
beforeAll(async () => {
  target = await openTarget("pglite:");
}, 60_000);
afterAll(() => target.close());
beforeEach(async () => {
  await target.run("drop schema public cascade; create schema public; set search_path = public");
  await target.run("create table t (id bigint primary key, n int, word text)");
  await target.run("insert into t select i, null, i::text from generate_series(1, 400) i");
});

const PLACE = { schema: "public", table: "flyway_schema_history" };
const BACKFILL: Backfill = {
  ...SAMPLE,
  batch: 50,
  statement: "update t set n = word::int where id between $1 and $2",
  ...{ deadLetters: 1000, errorBudget: { share: 1, inARow: 1000 } },
};
const options: BackfillOptions = {
  ...{ place: PLACE, clock: { ...systemClock, wait: async () => {} }, stop: AbortSignal.any([]) },
  ...{ border: async () => true, waiting: async () => false },
};
const run = (over: Partial<Backfill> = {}, more: Partial<BackfillOptions> = {}) =>
  runBackfill(target, { ...BACKFILL, ...over }, { ...options, ...more });
const resume = () => resumeBackfill(target, PLACE, "b");
const spoil = (where: string) => target.run(`update t set word = 'none' where ${where}`);

describe("errors that a file allows", () => {
  test("failures one after another stop it early; resumed, it counts from there", async () => {
    await spoil("id > 60");
    const over = { errorBudget: { share: 1, inARow: 5 } };
    expect(await run(over)).toMatchObject({
      ...{ state: "stopped", done: 65, dead: 5 },
      reason: "5 failures came one after another, and nothing was done between them",
    });
    await resume();
    expect(await run(over)).toMatchObject({ state: "stopped", done: 70, dead: 10 });
  });

  test("a few failures are no share; more than the share stops it", async () => {
    await spoil("id % 20 = 0");
    expect(await run({ errorBudget: { share: 0.04, inARow: 1000 } })).toMatchObject({
      ...{ state: "stopped", done: 220, dead: 11 },
      reason: expect.stringContaining("more than 4 % of the keys"),
    });
    await resume();
    await target.run("update t set word = '1'");
    expect(await run({ errorBudget: { share: 0.04, inARow: 1000 } })).toMatchObject({ state: "done" });
  });

  test("what others cause is counted over all calls, and forgotten after a batch that went well", async () => {
    await target.run(`create table trouble (id int); insert into trouble values (1);
      create function refuse() returns trigger language plpgsql as $$ begin
        if exists (select from trouble) then raise exception 'late' using errcode = '40001'; end if;
        return new; end $$;
      create trigger refuse before update on t for each row execute function refuse()`);
    const over = { errorBudget: { share: 1, inARow: 3 } };
    const once = { border: async () => false };
    expect(await run(over, once)).toMatchObject({ state: "running", done: 0 });
    await target.run("delete from trouble");
    expect(await run(over, once)).toMatchObject({ state: "running", done: 50 });
    await target.run("insert into trouble values (1)");
    for (const state of ["running", "running", "stopped"] as const)
      expect(await run(over, once)).toMatchObject({ state, done: 50 });
    const [{ reason } = { reason: "" }] = await readProgress(target, PLACE, [BACKFILL]);
    expect(reason).toMatch(
      /^3 failures .*, the last one: the transaction was rolled back \(SQLSTATE 40001\)$/,
    );
    await target.run("delete from trouble");
    await resume();
    expect(await run(over)).toMatchObject({ state: "done", done: 400 });
  });

  test("one that an older version began goes on", async () => {
    await run({}, { border: async () => false });
    await target.run(
      "alter table plumbline_backfill drop column failing, drop column left_rows, drop column left_problem, drop column counted_at",
    );
    expect(await readProgress(target, PLACE, [BACKFILL])).toMatchObject([{ done: 50, verification: null }]);
    expect(await run()).toMatchObject({ state: "done", done: 400 });
  });
});

describe("what is left at the end", () => {
  const verify = { query: "select count(*) from t where n is null", timeout: "5s" };

  test("rows that are left keep it from being done; resumed, they are counted again", async () => {
    await target.run(`create function pass_over() returns trigger language plpgsql as
        $$ begin return case when new.id in (7, 9) then null else new end; end $$;
      create trigger pass_over before update on t for each row execute function pass_over()`);
    expect(await run({ verify })).toMatchObject({
      ...{ state: "stopped", done: 400, dead: 0, verification: { left: 2, problem: null } },
      reason: "all keys are passed, but verify counts 2 rows that are left",
    });
    expect(await run({ verify })).toMatchObject({ state: "stopped" });
    await target.run("drop trigger pass_over on t; update t set n = 0 where n is null");
    await resume();
    const end = await run({ verify });
    expect(end).toMatchObject({ state: "done", reason: null, done: 400 });
    expect(end.verification).toEqual({ left: 0, problem: null, at: expect.any(Date) });
    expect(await run({ verify })).toMatchObject({ state: "done", verification: { left: 0 } });
  });

  test("it is asked once no key is left out any more", async () => {
    await spoil("id = 7");
    const failing = { ...BACKFILL, verify };
    expect(await run(failing)).toMatchObject({
      ...{ state: "stopped", dead: 1, verification: null },
      reason: "1 keys were left out: mend their rows and retry",
    });
    await target.run("update t set word = '7' where id = 7");
    await resume();
    await retryDeadLetters(target, failing, options);
    expect(await run(failing)).toMatchObject({ state: "done", dead: 0, verification: { left: 0 } });
  });

  test.each([
    ["select count(*) from nowhere", 'relation "nowhere" does not exist (SQLSTATE 42P01)'],
    ["select count(*) from (select write_it()) x", "the session is read-only (SQLSTATE 25006)"],
    ["select count(*) from t where 1 / (id - 7) > 0", "invalid data (SQLSTATE 22012)"],
    ["select -1", "the answer is no number of rows"],
    ["select count(*) from t group by id", "the answer is no number of rows"],
  ])("%s: what cannot be counted is not done", async (query, why) => {
    await target.run(`create function write_it() returns int language sql volatile as $$
      insert into t values (9999) returning 1 $$`);
    const { state, reason, verification } = await run({ verify: { ...verify, query } });
    expect(state).toBe("stopped");
    expect(reason).toBe(`all keys are passed, but what is left could not be counted: ${why}`);
    expect(verification).toMatchObject({ left: null, problem: why });
    expect(await target.query("select 1 from t where id = 9999")).toEqual([]);
  });

  test("the session that looks is asked, and one that takes too long is told as that", async () => {
    const asked: string[] = [];
    const late = Object.assign(new Error("canceling statement"), { code: "57014", severity: "ERROR" });
    const sampler: Target = {
      ...target,
      run: async (text) => {
        asked.push(text);
        return null;
      },
      query: async (text) => (text === verify.query ? Promise.reject(late) : []),
    };
    expect(await run({ verify }, { sampler })).toMatchObject({
      state: "stopped",
      verification: { left: null, problem: "it took longer than 5s" },
    });
    expect(asked).toEqual(["begin transaction read only", "rollback"]);
  });

  test("its query is rehearsed with the first batch, and takes nothing with it", async () => {
    const rehearsed = (query: string) =>
      rehearseBackfill(target, { ...BACKFILL, verify: { ...verify, query } });
    expect(await rehearsed(verify.query)).toMatchObject({ keys: 50, changed: 50, failure: null });
    expect(await rehearsed("select count(*) from t where nope")).toMatchObject({
      failure: expect.stringMatching(/^verify: .*nope.*\(SQLSTATE 42703\)/),
    });
    expect(await target.query("select 1 from t where n is not null")).toEqual([]);
  });
});
