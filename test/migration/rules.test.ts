import { expect, test } from "vitest";
import { RULES } from "../../src/migration/rules.ts";
import { rulesOf } from "./lint-world.ts";

type Sql = string | Readonly<Record<string, string>>;

/** Each rule with one text on which it fires and one, almost the same, on which it must not. */
const CASES: Readonly<Record<keyof typeof RULES, readonly [fires: Sql, nearMiss: Sql]>> = {
  "drop-table": ["drop table if exists app.t", "create table t (a int); drop table public.t"],
  "drop-partition": [
    { "V1__a.sql": "create table p partition of t for values in (1)", "V2__b.sql": "drop table p" },
    { "V1__a.sql": "create table p (a int)", "V2__b.sql": "drop table p" },
  ],
  "drop-chunks": ["select drop_chunks('m', interval '1 year')", "select show_chunks('m')"],
  "drop-column": [
    "alter table t drop column a",
    "alter table t add column a int; alter table t drop column a",
  ],
  "drop-schema": ["drop schema app", "create schema app; drop schema app"],
  "drop-database": ["drop database shop", "create database shop"],
  truncate: ["truncate t", "create temp table t (a int); truncate t"],
  "drop-cascade": ["drop view v cascade", "drop view v"],
  "drop-type": ["drop type mood", "create type mood as enum ('a'); drop type mood"],
  "drop-view": ["drop view v", "create view v as select 1; drop view v"],
  "drop-function": [
    "drop function f(int)",
    "create function f() returns int language sql as 'select 1'; drop function f()",
  ],
  "drop-sequence": ["drop sequence s", "create sequence s; drop sequence s"],
  "drop-trigger": ["drop trigger g on t", "create table t (a int); drop trigger g on t"],
  "drop-extension": ["drop extension hstore", "create extension hstore"],
  "drop-replication": ["drop publication p", "create publication p for table t"],
  "drop-owned": ["drop owned by bob", "reassign owned by bob to anna"],
  "drop-constraint": [
    "alter table t drop constraint c",
    "create table t (a int); alter table t drop constraint c",
  ],
  "drop-index-not-concurrent": ["drop index i", "drop index concurrently i"],
  "replication-change": ["alter publication p drop table t", "alter publication p add table t"],
  "change-column-type": [
    "alter table t alter column a type bigint",
    {
      "V1__a.sql": "create table t (a varchar(10))",
      "V2__b.sql": "alter table t alter column a type varchar(20)",
    },
  ],
  "set-not-null": [
    "alter table t add constraint c check (a is not null) not valid; alter table t alter column a set not null",
    {
      "V1__a.sql": "alter table t add constraint c check (a is not null) not valid",
      "V2__b.sql": "alter table t validate constraint c",
      "V3__c.sql": "alter table t alter column a set not null; alter table t drop constraint c",
    },
  ],
  "add-column-not-null": [
    "alter table t add column a int not null",
    "alter table t add column a int not null default 0",
  ],
  "add-column-rewrite": [
    "alter table t add column a uuid default gen_random_uuid()",
    "alter table t add column a timestamptz default now()",
  ],
  "add-column-unknown-default": [
    "alter table t add column a text default my_code()",
    "alter table t add column a text default lower('A')",
  ],
  "drop-not-null": [
    "alter table t alter a drop not null",
    "create table t (a int not null); alter table t alter a drop not null",
  ],
  "drop-default": ["alter table t alter column a drop default", "alter table t alter column a set default 1"],
  "rename-column": [
    "alter table t rename column a to b",
    "create table t (a int); alter table t rename column a to b",
  ],
  "rename-table": ["alter table t rename to u", "alter index t rename to u"],
  "rename-object": ["alter function f(int) rename to g", "alter table t rename constraint f to g"],
  "move-schema": ["alter table t set schema app", "create table t (a int); alter table t set schema app"],
  "enum-add-value": [
    "alter type mood add value 'calm'",
    "create type mood as enum ('a'); alter type mood add value 'calm'",
  ],
  "enum-add-value-in-transaction": [
    "begin; alter type mood add value 'calm'; commit",
    "begin; select 1; commit; alter type mood add value 'calm'",
  ],
  "enum-value-used-too-early": [
    "alter type mood add value 'calm'; update t set m = 'calm' where id = 1",
    { "V1__a.sql": "alter type mood add value 'calm'", "V2__b.sql": "update t set m = 'calm' where id = 1" },
  ],
  "enum-rename-value": ["alter type mood rename value 'a' to 'b'", "alter type mood add value 'b'"],
  "alter-type": ["alter type point3 add attribute z int", "create type point3 as (x int, y int, z int)"],
  "alter-domain": [
    "alter domain d add constraint c check (value > 0)",
    "alter domain d add constraint c check (value > 0) not valid",
  ],
  "change-generated": [
    "alter table t alter column a drop expression",
    "alter table t alter column a set statistics 500",
  ],
  "expand-and-contract": [
    "alter table t add column b int, drop column a",
    "alter table t add column b int; alter table u add column c int",
  ],
  "sequence-restart": ["alter sequence s restart with 1", "select setval('s', (select max(id) from t))"],
  "alter-sequence": [
    "alter sequence s increment by 10",
    "create sequence s; alter sequence s increment by 10",
  ],
  "change-identity": [
    "alter table t alter column id drop identity",
    "create table t (id int generated always as identity); alter table t alter column id drop identity",
  ],
  "change-inheritance": ["alter table t no inherit p", "create table t (a int); alter table t inherit p"],
  "replica-identity": [
    "alter table t replica identity full",
    "create table t (a int); alter table t replica identity full",
  ],
  "index-not-concurrent": ["create index i on t (a)", "create table t (a int); create index i on t (a)"],
  "index-concurrently-partitioned": [
    {
      "V1__a.sql": "create table t (a int) partition by range (a)",
      "V2__b.sql": "create index concurrently i on t (a)",
    },
    {
      "V1__a.sql": "create table t (a int) partition by range (a)",
      "V2__b.sql": "create index i on only t (a)",
    },
  ],
  "add-unique": [
    "alter table t add constraint u unique (a)",
    "alter table t add constraint u unique using index i",
  ],
  "add-exclusion": [
    "alter table t add exclude using gist (a with &&)",
    "create table t (a int4range); alter table t add exclude using gist (a with &&)",
  ],
  "constraint-not-valid": [
    "alter table t add constraint c check (a > 0)",
    "alter table t add constraint c check (a > 0) not valid",
  ],
  "foreign-key-lock": [
    "alter table t add foreign key (a) references u (id)",
    "alter table t add foreign key (a) references u (id) not valid",
  ],
  "validate-in-same-transaction": [
    "alter table t add constraint c check (a > 0) not valid; alter table t validate constraint c",
    {
      "V1__a.sql": "alter table t add constraint c check (a > 0) not valid",
      "V2__b.sql": "alter table t validate constraint c",
    },
  ],
  "attach-partition": [
    "alter table t attach partition p for values in (1)",
    "create table p (a int); alter table t attach partition p for values in (1)",
  ],
  "detach-partition": ["alter table t detach partition p", "alter table t detach partition p concurrently"],
  "detach-partition-concurrently": [
    "alter table t detach partition p concurrently",
    "alter table t attach partition p for values in (1)",
  ],
  "create-trigger": [
    "create trigger g before insert on t for each row execute function f()",
    "create table t (a int); create trigger g before insert on t for each row execute function f()",
  ],
  "event-trigger": [
    "create event trigger e on ddl_command_start execute function f()",
    "create table t (a int); create trigger g before insert on t for each row execute function f()",
  ],
  "create-rule": [
    "create rule r as on insert to t do instead nothing",
    "create view v as select 1; create rule r as on insert to v do instead nothing",
  ],
  "triggers-off": ["alter table t disable trigger all", "alter table t enable trigger all"],
  "update-without-where": ["update t set a = 1 where true", "update t set a = 1 where b = 2"],
  "delete-without-where": [
    "with d as (delete from t returning *) select * from d",
    "delete from t where a = 1",
  ],
  "delete-rows": ["delete from t where a = 1", "create table t (a int); delete from t where a = 1"],
  "update-unbatched": ["update t set a = 1 where b = 2", "update t set a = 1 where id = 2"],
  "data-change-not-idempotent": [
    "update t set price = price * 1.1 where kind = 'x'",
    "update t set name = lower(name) where kind = 'x'",
  ],
  "identifier-rewrite": [
    "update t set tenant_id = 4 where tenant_id = 7",
    "update t set name = 'x' where tenant_id = 7",
  ],
  "load-from-program": ["copy t from program 'curl x'", "copy t from stdin;\n1\n\\.\n"],
  "load-from-server-file": ["copy t from '/tmp/x'", "copy t from stdin;\n\\.\n"],
  "bypass-triggers": ["set session_replication_role = replica", "set session_replication_role = origin"],
  grant: ["grant select on t to app", "comment on table t is 'x'"],
  "grant-wide": ["grant select on t to public", "grant select on t to app"],
  revoke: [
    "revoke select on t from app",
    "create function f() returns int language sql as 'select 1'; revoke all on function f() from public",
  ],
  "change-owner": ["alter table t owner to bob", "create table t (a int); alter table t owner to bob"],
  "row-security": [
    "alter table t enable row level security",
    "create table t (a int); alter table t enable row level security",
  ],
  "change-policy": [
    "create policy p on t using (true)",
    "create table t (a int); create policy p on t using (true)",
  ],
  "change-role": ["create role app", "set role app"],
  "role-superuser": ["alter role app superuser", "alter role app nosuperuser"],
  "password-in-migration": ["create role app password 'x'", "create role app password null"],
  "definer-search-path": [
    "create function f() returns int language sql security definer as 'select 1'",
    "create function f() returns int language sql security definer set search_path = app as 'select 1'",
  ],
  "set-role": ["set role admin", "set role none; reset role"],
  "server-setting": ["alter system set work_mem = '1GB'", "set work_mem = '1GB'"],
  "concurrently-in-transaction": [
    "begin; create index concurrently i on t (a); commit",
    "begin; select 1; commit; create index concurrently i on t (a)",
  ],
  "mixed-transaction": [
    "create table u (a int); create index concurrently i on t (a)",
    "set lock_timeout = '1s'; create index concurrently i on t (a); drop index concurrently j",
  ],
  "slow-after-lock": [
    "alter table t add column a int; update t set a = 1 where b = 2",
    "update t set a = 1 where b = 2; alter table t add column c int",
  ],
  "create-partition": [
    "create table n partition of t for values in (1)",
    "create table t (a int) partition by list (a); create table n partition of t for values in (1)",
  ],
  "change-catalog": [
    "update pg_attribute set attnotnull = true",
    "update app.pg_rates set a = 1 where id = 1",
  ],
  "dynamic-sql": [
    "do $$ declare n text; begin for n in select x from y loop execute 'drop table ' || n; end loop; end $$",
    "do $$ declare n int; begin execute format('comment on table %I is %L', 'a', 'b'); update t set a = 1 where id = 1 returning a into strict n; end $$",
  ],
  "newer-syntax": [
    "alter table t add constraint c check (a > 0) not enforced",
    "alter table t add constraint c check (a > 0) not valid",
  ],
  "transaction-left-open": [
    "begin; alter table t add column a int",
    "begin; alter table t add column a int; end",
  ],
  "ends-sessions": [
    "select pg_terminate_backend(pid) from pg_stat_activity",
    "select pid from pg_stat_activity",
  ],
  "lock-timeout-missing": ["drop table t", "set lock_timeout = '2s'; drop table t"],
  "lock-table": ["lock table t", "lock table t in access share mode"],
  cluster: ["cluster t using i", "alter table t cluster on i"],
  "vacuum-full": ["vacuum (full, analyze) t", "vacuum (full off) t"],
  "reindex-not-concurrent": ["reindex table t", "reindex table concurrently t"],
  "refresh-not-concurrent": ["refresh materialized view m", "refresh materialized view concurrently m"],
  "table-rewrite": ["alter table t set tablespace fast", "alter table t set (fillfactor = 80)"],
  "set-unlogged": ["alter table t set unlogged", "create unlogged table t (a int)"],
  "psql-command": ["\\i other.sql", "select '\\i other.sql'"],
  "syntax-error": ["alter table t ad column a int", "alter table t add column a int"],
  "suppression-invalid": [
    '-- plumbline:ignore drop-table owner="dba"\ndrop table t',
    '-- plumbline:ignore drop-table reason="empty since May" owner="dba"\ndrop table t',
  ],
  "suppression-expired": [
    '-- plumbline:ignore drop-table reason="x" owner="dba" until=2026-06-30\ndrop table t',
    '-- plumbline:ignore drop-table reason="x" owner="dba" until=2026-07-01\ndrop table t',
  ],
  "suppression-unused": [
    '-- plumbline:ignore truncate reason="x" owner="dba"\ndrop table t',
    "-- plumbline ignores truncate\ndrop table t",
  ],
};

const bare = (rules: readonly string[]): readonly string[] => rules.map((rule) => rule.replace("!", ""));

test.each(Object.entries(CASES))("%s fires, and not on its near miss", (rule, [fires, nearMiss]) => {
  expect(bare(rulesOf(fires))).toContain(rule);
  expect(bare(rulesOf(nearMiss))).not.toContain(rule);
  expect(bare(rulesOf(nearMiss)).filter((found) => found === "syntax-error")).toEqual([]);
});

test("every rule says what and how to mend it, with every gap filled", () => {
  for (const [rule, { message, fix }] of Object.entries(RULES)) {
    expect(message, rule).not.toBe("");
    expect(fix.endsWith("."), rule).toBe(true);
  }
});
