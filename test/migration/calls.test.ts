import { describe, expect, test } from "vitest";
import { lint, rulesOf } from "./lint-world.ts";

describe("what a routine does that the files do not make is unknown", () => {
  test.each([
    "select drop_it()",
    "select app.lower('A')",
    "select * from app.wipe(1)",
    "call p()",
    "insert into t select app.f(a) from u",
    "do $$ begin perform app.wipe(); end $$",
    "do $$ declare n int; begin select wipe() into n; end $$",
    "do $$ begin call p(); end $$",
    "explain analyze select wipe()",
    "select query_to_xml('delete from t', true, false, '')",
    "select pg_catalog.query_to_xml('delete from t', true, false, '')",
    "select * from dblink('x', 'delete from t returning 1') as t (a int)",
  ])("%s", (sql) => {
    expect(rulesOf(sql)).toEqual(["dynamic-sql"]);
    expect(lint(sql).class).toBe("R3");
  });

  test.each([
    "select lower('A'), now(), coalesce(null, 1), count(*), jsonb_agg(1), extract(day from now())",
    "select pg_catalog.lower('A'), substring('a' from 1), trim('a'), 'a' like 'b' escape 'c', position('a' in 'b')",
    "select 'now'::timestamptz at time zone 'utc', row_number() over (), a is json from t",
    "insert into t select uuid_generate_v4(), public.gen_random_bytes(4), extensions.crypt('a', 'b')",
    "select st_distance(a, b) from t",
    "explain select wipe()",
    "create view v as select app.f()",
    "create table t (a text default app.f(), check (app.g(a)))",
    "create function app.f() returns int language sql as 'select 1'; select app.f()",
    "do $$ begin if exists (select 1) then perform pg_notify('a', 'b'); end if; end $$",
  ])("%s is known", (sql) => {
    expect(rulesOf(sql, { version: 18 })).toEqual([]);
  });
});

describe("what moves is as old as it was", () => {
  test.each([
    ["create schema s; alter table t set schema s; drop schema s cascade", "drop-schema!"],
    ["create schema s; alter view v set schema s; drop schema s cascade", "drop-schema!"],
    [
      "create schema s; alter schema s rename to z; alter schema old rename to s; drop schema s",
      "drop-schema!",
    ],
    [
      "create view v as select 1; alter view v rename to w; alter view old rename to v; drop view v",
      "drop-view",
    ],
    [
      "create table t (a int); alter table t set schema s; alter table x.t set schema public; drop table t",
      "drop-table!",
    ],
  ])("%s", (sql, wanted) => {
    expect(rulesOf(sql)).toContain(wanted);
  });

  test.each([
    "create schema s; create table t (a int); alter table t set schema s; drop table s.t; drop schema s",
    "create type v as (a int); alter type v rename to w; drop type w",
  ])("%s takes nothing away", (sql) => {
    expect(rulesOf(sql)).toEqual([]);
  });
});

describe("a change of type that builds indexes or rows again", () => {
  test.each([
    ["varchar(5)[]", "varchar(10)[]", true],
    ["varchar(5)", 'varchar(10) collate "C"', false],
    ["varchar(5)[]", "varchar(5)[]", null],
  ])("%s to %s: rewrite %s", (from, to, wanted) => {
    const { findings } = lint({
      "V1__a.sql": `create table t (a ${from})`,
      "V2__b.sql": `alter table t alter column a type ${to}`,
    });
    const found = findings.find(({ rule }) => rule === "change-column-type");
    expect(found?.rewrite ?? null).toBe(wanted);
  });
});

describe("what the target's server does not know yet", () => {
  test.each([
    ["alter table t add g int generated always as (a + 1) virtual", 17, 18, ["newer-syntax!"]],
    ["alter table t add constraint n not null a not valid", 17, 18, ["newer-syntax!"]],
    ["create table t (a int references u not enforced)", 17, 18, ["newer-syntax!"]],
    ["merge into t using u on t.id = u.id when not matched then do nothing", 14, 15, ["newer-syntax!"]],
    ["merge into t using u on true when not matched then do nothing returning 1", 16, 17, ["newer-syntax!"]],
    ["create table t (a int unique nulls not distinct)", 14, 15, ["newer-syntax!"]],
    ["select json_value('{}', '$.a')", 16, 17, ["newer-syntax!"]],
    ["select uuidv7()", 17, 18, ["newer-syntax"]],
    [
      "create function uuidv7() returns uuid language sql as 'select null::uuid'; select uuidv7()",
      17,
      18,
      [],
    ],
  ])("%s on %i, not on %i", (sql, refusing, knowing, wanted) => {
    expect(rulesOf(sql, { version: refusing })).toEqual(wanted);
    expect(rulesOf(sql, { version: knowing })).toEqual([]);
  });
});
