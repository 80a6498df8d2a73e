import { describe, expect, test } from "vitest";
import { lint, live, liveTable, rulesOf } from "./lint-world.ts";

const rules = (...args: Parameters<typeof rulesOf>): readonly string[] =>
  rulesOf(...args).filter((rule) => rule !== "lock-timeout-missing");
const shape = { partitioned: false, keys: [], followers: [] };

describe("one row is one by a key that is compared for equality", () => {
  test.each([
    ["update t set a = 1 where id = 5", []],
    ["update t set a = 1 where id = '5'::uuid", []],
    ["update t set a = 1 where id > 5", ["update-unbatched"]],
    ["update t set a = 1 where id <> 5", ["update-unbatched"]],
    ["update t set a = 1 where id in (1, 2)", ["update-unbatched"]],
    ["update t set a = 1 where tenant_id = 5", ["update-unbatched"]],
    ["update t set a = u.a from u where id = 5", ["update-unbatched"]],
  ])("%s", (sql, wanted) => {
    expect(rules(sql)).toEqual(wanted);
  });

  test("the target's own keys count before any name", () => {
    const context = live({
      "public.t": liveTable(500, { shape: { ...shape, keys: ["code"] } }),
    });
    const rowsOf = (where: string) => lint(`delete from t where ${where}`, { context }).changes[0]?.rows;
    expect(["code = 'x'", "id = 5", "code > 'x'"].map(rowsOf)).toEqual([1, 500, 500]);
  });
});

describe("how many rows a statement reaches", () => {
  const context = live({
    "public.small": liveTable(1, { shape: { ...shape, keys: ["id"], followers: ["public.lines"] } }),
    "public.lines": liveTable(60_000, { shape: { ...shape, followers: ["public.notes", "public.small"] } }),
    "public.notes": liveTable(90_000),
    "public.source": liveTable(70_000),
  });
  test.each([
    [
      "delete from small where id = 1",
      [
        ["public.small", 1],
        ["public.lines", 60_000],
        ["public.notes", 90_000],
      ],
    ],
    ["update small set a = 1 where id = 1", [["public.small", 1]]],
    [
      "merge into small using source s on small.id = s.id when not matched then insert values (s.id)",
      [
        ["public.small", 1],
        ["public.small", 70_000],
      ],
    ],
    ["with s as (select * from source) insert into small select * from s", [["public.small", 70_000]]],
  ])("%s", (sql, wanted) => {
    expect(lint(sql, { context }).changes.map(({ table, rows }) => [table, rows])).toEqual(wanted);
  });
});

describe("an unqualified name is looked for where the run looks", () => {
  const context = live({
    "app.t": liveTable(1_500_000),
    "public.t": liveTable(0),
    "public.rest": liveTable(20_000),
  });
  const counted = (sql: string) =>
    lint(sql, { context, searchPath: ["app", "public"] }).changes.map(({ table, rows }) => [table, rows]);

  test("in the workspace's schema, then in public", () => {
    expect(counted("delete from t; delete from public.t; delete from rest")).toEqual([
      ["app.t", 1_500_000],
      ["public.t", 0],
      ["public.rest", 20_000],
    ]);
    expect(counted("set search_path = public; delete from t; reset search_path; delete from t")).toEqual([
      ["public.t", 0],
      ["app.t", 1_500_000],
    ]);
    expect(
      rules("create table rest (a int); delete from rest", { context, searchPath: ["app", "public"] }),
    ).toEqual([]);
  });

  test.each([
    ["RESET", "set search_path = app; create table t (id int); reset search_path; drop table t"],
    ["DEFAULT", "set search_path = app; create table t (id int); set search_path to default; drop table t"],
    ["RESET ALL", "set search_path = app; create table t (id int); reset all; drop table t"],
    ["COMMIT", "begin; set local search_path = app; create table t (id int); commit; drop table t"],
    [
      "COMMIT, of set_config",
      "begin; select set_config('search_path', 'app', true); create table t (id int); commit; drop table t",
    ],
    [
      "ROLLBACK TO",
      "begin; savepoint a; set search_path = app; rollback to a; create table t (id int); drop table app.t; commit",
    ],
    ["ROLLBACK", "begin; set search_path = app; rollback; create table t (id int); drop table app.t"],
  ])("%s puts the schema back", (_, sql) => {
    expect(rules(sql)).toEqual(["drop-table!"]);
  });
});

test("an index ON ONLY a table is built where no partitions are to hold it", () => {
  const context = live({
    "public.whole": liveTable(20_000),
    "public.parts": liveTable(20_000, { shape: { ...shape, partitioned: true } }),
  });
  expect(rules("create index i on only whole (a)", { context })).toEqual(["index-not-concurrent!"]);
  expect(rules("create index i on only parts (a)", { context })).toEqual([]);
});

describe("CREATE TABLE IF NOT EXISTS may have found a table with rows", () => {
  const maybe = (sql: string): string => `create table if not exists t (a int); ${sql}`;
  test.each([
    ["delete from t", ["delete-without-where!"]],
    ["update t set a = 1", ["update-without-where!"]],
    ["alter table t alter a type bigint", ["change-column-type!"]],
    ["alter table t alter a set not null", ["set-not-null!"]],
    ["create index i on t (a)", ["index-not-concurrent!"]],
    ["alter table t rename column a to b", ["rename-column!"]],
  ])("%s", (sql, wanted) => {
    expect(rules(maybe(sql))).toEqual(wanted);
    expect(rules(maybe(sql), { context: live({}) })).toEqual([]);
    const context = live({ "public.t": liveTable(20_000) });
    expect(rules(maybe(sql), { context })).toEqual(wanted);
  });

  test("its rows are counted where the target has it", () => {
    const changes = (tables: Parameters<typeof live>[0]) =>
      lint(maybe("delete from t"), { context: live(tables) }).changes.map(({ rows }) => rows);
    expect(changes({ "public.t": liveTable(20_000) })).toEqual([20_000]);
    expect(changes({})).toEqual([]);
  });
});

describe("computing a value from the old one is safe where the second run finds nothing", () => {
  test.each([
    ["n = 4", []],
    ["b and n is null", []],
    ["n > 0", ["data-change-not-idempotent"]],
    ["n = 4 or b", ["data-change-not-idempotent"]],
    ["n in (4, 5)", ["data-change-not-idempotent"]],
  ])("where %s", (where, wanted) => {
    expect(rules(`update t set n = n + 1 where ${where}`)).toEqual(["update-unbatched", ...wanted]);
  });
});
