import { describe, expect, test } from "vitest";
import { lint, rulesOf } from "./lint-world.ts";

const rules = (sql: string): readonly string[] =>
  rulesOf(sql).filter((rule) => rule !== "lock-timeout-missing");
const block = (body: string, declared = "r record; n int; c refcursor;"): string =>
  `do $$ declare ${declared} begin ${body} end $$`;

describe("what a DO block runs counts, however it stands there", () => {
  test.each([
    ["behind a comment", "-- why\n drop table t;", ["drop-table!"]],
    ["behind a comment in stars", "/* then x */ drop table t;", ["drop-table!"]],
    ["behind a condition and a comment", "if true then\n-- gone\ntruncate t; end if;", ["truncate!"]],
    [
      "in the query of a loop",
      "for r in delete from t returning * loop null; end loop;",
      ["delete-without-where!"],
    ],
    [
      "in the query of a loop over a text",
      "for r in execute 'delete from t returning *' loop null; end loop;",
      ["delete-without-where!"],
    ],
    ["in a cursor over a text", "open c for execute 'drop table t';", ["drop-table!"]],
    [
      "in a cursor's declaration",
      "open k;",
      ["delete-without-where!"],
      "k cursor for delete from t returning *;",
    ],
    ["by PERFORM", "perform setval('s', 1);", ["sequence-restart!"]],
    ["by SELECT INTO", "select setval('s', 1) into n;", ["sequence-restart!"]],
    ["in an assignment", "n := (select setval('s', 1));", ["sequence-restart!"]],
    ["in a default", "null;", ["sequence-restart!"], "n int := setval('s', 1);"],
    ["in a condition", "if pg_terminate_backend(1) then null; end if;", ["ends-sessions"]],
    ["of large objects", "perform lo_unlink(1);", ["delete-rows"]],
    ["of a retention", "perform drop_chunks('t', now());", ["drop-chunks!"]],
    ["a setting", "set local session_replication_role = replica;", ["bypass-triggers!"]],
    ["a program", "copy t from program 'id';", ["load-from-program!"]],
    ["owners", "reassign owned by a to b;", ["change-owner"]],
    ["a merge", "merge into a using b on a.id = b.id when matched then delete;", ["delete-rows"]],
    [
      "what handles an exception",
      "begin null; exception when others then drop table t; end;",
      ["drop-table!"],
    ],
    ["a block in a block's text", "execute $b$do $c$ begin drop table t; end $c$ $b$;", ["drop-table!"]],
    ["an escaped text", "execute E'drop table \\x74';", ["drop-table!"]],
    ["what cannot run in one", "create index concurrently i on t (a);", ["concurrently-in-transaction!"]],
    ["what cannot run in one, by a text", "execute 'vacuum t';", ["concurrently-in-transaction!"]],
    ["nothing", "raise notice 'then drop table x'; n := n + 1; execute 'select 1' into n;", []],
    ["a text from a variable", "execute r.x;", ["dynamic-sql"]],
    ["a text from a variable, in a loop", "for r in execute r.x loop null; end loop;", ["dynamic-sql"]],
  ])("%s", (_, body, wanted, declared?: string) => {
    expect(rules(block(body, declared))).toEqual(wanted);
  });

  test("what PL/pgSQL's own parser refuses is an error, a name that it does not know cannot be read", () => {
    expect(rules("do $$ begin nonsense; end $$")).toEqual(["syntax-error!"]);
    expect(rules("do $$ begin for x in select 1 loop drop table t; end loop; end $$")).toEqual([
      "dynamic-sql",
    ]);
  });

  test("what may have been made before is no new table, type or column", () => {
    const made = (body: string): string => block(`if n = 1 then ${body}; end if;`);
    expect(rules(`${made("create table t (a int)")}; drop table t`)).toContain("drop-table!");
    expect(rules(`${made("create type mood as enum ('a')")}; drop type mood`)).toContain("drop-type");
    expect(rules(`${made("alter table t add a int")}; alter table t drop a`)).toContain("drop-column!");
  });
});

describe("routines", () => {
  const called = (language: string, body: string, call: string): string =>
    `create function pg_temp.f() returns void language ${language} as $$ ${body} $$; ${call}`;
  test.each([
    [
      "PL/pgSQL",
      called("plpgsql", "begin delete from t; end", "select pg_temp.f()"),
      ["delete-without-where!"],
    ],
    ["SQL", called("sql", "delete from t", "select pg_temp.f()"), ["delete-without-where!"]],
    [
      "called in a block",
      called("sql", "delete from t", "do $b$ begin perform pg_temp.f(); end $b$"),
      ["delete-without-where!"],
    ],
    ["not called", called("plpgsql", "begin delete from t; end", "select 1"), []],
    ["only named", called("plpgsql", "begin delete from t; end", "create view v as select pg_temp.f()"), []],
    ["another language", called("plpython3u", "x", "select pg_temp.f()"), ["dynamic-sql"]],
    ["that calls itself", called("sql", "select pg_temp.f()", "select pg_temp.f()"), []],
    [
      "a procedure",
      "create procedure p() language plpgsql as $$ begin delete from t; end $$; call p()",
      ["delete-without-where!"],
    ],
    [
      "with a parsed body",
      "create function f() returns void begin atomic delete from t; end; select f()",
      ["delete-without-where!"],
    ],
  ])("%s", (_, sql, wanted) => {
    expect(rules(sql)).toEqual(wanted);
  });
});

describe("what is made", () => {
  test.each([
    [
      "a temporary table is none of the schema's",
      "create temp table t (id int); drop table public.t",
      "drop-table!",
    ],
    ["nor in TRUNCATE", "create temp table t (id int); truncate public.t", "truncate!"],
    ["nor in DELETE", "create temp table t (id int); delete from public.t", "delete-without-where!"],
    [
      "a transaction that is taken back",
      "begin; create table t (id int); rollback; drop table t",
      "drop-table!",
    ],
    [
      "a savepoint that is taken back",
      "begin; savepoint a; create table t (id int); rollback to a; drop table t; commit",
      "drop-table!",
    ],
    [
      "until COMMIT",
      "begin; create temp table t (id int) on commit drop; commit; drop table t",
      "drop-table!",
    ],
    [
      "a column that may be older",
      "alter table t add column if not exists a int; alter table t drop column a",
      "drop-column!",
    ],
    [
      "a sequence that may be older",
      "create sequence if not exists s; alter sequence s restart",
      "sequence-restart!",
    ],
  ])("%s", (_, sql, wanted) => {
    expect(rules(sql)).toContain(wanted);
  });

  test("a column that may be older is filled as one that holds values", () => {
    expect(lint("alter table t add column if not exists a int; update t set a = 1").class).toBe("R4");
  });

  test.each([
    "create temp table t (id int); drop table t",
    "create temp table t (id int); truncate pg_temp.t; delete from t",
    "begin; create table t (id int); savepoint a; create table u (id int); rollback to a; drop table t; commit",
  ])("%s takes nothing away", (sql) => {
    expect(rules(sql)).toEqual([]);
  });
});
