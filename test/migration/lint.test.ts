import { describe, expect, test } from "vitest";
import { lint, rulesOf } from "./lint-world.ts";

describe("what hides what it does", () => {
  test.each([
    ["do $$ begin execute 'drop table ' || 'orders'; end $$", ["dynamic-sql"]],
    ["do $$ begin execute $1; end $$", ["dynamic-sql"]],
    ["do $$ begin execute format('%s', 'drop table t'); end $$", ["dynamic-sql"]],
    ["do language plpython3u $$ plpy.execute('drop table t') $$", ["dynamic-sql"]],
    ["prepare x as delete from t; execute x", ["dynamic-sql"]],
    ["select drop_partition_time('m', '1 year')", ["drop-chunks!"]],
    ["select lo_unlink(loid) from old_files", ["delete-rows"]],
    ["do $$ declare n int; begin delete from t where a = 1 returning id into n; end $$", ["delete-rows"]],
  ])("%s", (sql, rules) => {
    expect(rulesOf(sql).filter((rule) => rule !== "lock-timeout-missing")).toEqual(rules);
  });
});

describe("what is safe says nothing", () => {
  test.each([
    ["a nullable column", "alter table orders add column note text", "R1"],
    ["a column with a constant default", "alter table orders add column n int not null default 0", "R1"],
    ["an index built concurrently", "create index concurrently i on orders (note)", "R1"],
    [
      "a constraint that checks new rows only",
      "alter table o add constraint c check (a > 0) not valid",
      "R1",
    ],
    ["its validation", "alter table o validate constraint c", "R1"],
    ["a new table with everything", TABLE_WITH_EVERYTHING(), "R1"],
    ["questions and settings", "select 1; set lock_timeout = '1s'; explain delete from t", "R0"],
    ["nothing", "-- nothing", "R0"],
    ["what a function would do if called", FUNCTION(), "R1"],
    ["seeds", "insert into colours values (1, 'red') on conflict do nothing", "R1"],
  ])("%s", (_, sql, wanted) => {
    const report = lint(sql);
    expect(report.findings).toEqual([]);
    expect(report.class).toBe(wanted);
  });
});

test("an atomic body and a rule do not run, EXPLAIN ANALYZE does", () => {
  expect(rulesOf("create function f() returns void begin atomic delete from t; end")).toEqual([]);
  expect(rulesOf("create rule r as on update to t do also delete from u")).toEqual([
    "create-rule",
    "lock-timeout-missing",
  ]);
  expect(rulesOf("explain (analyze) delete from t")).toEqual(["delete-without-where!"]);
});

function TABLE_WITH_EVERYTHING(): string {
  return `begin;
    create table app.o (id bigint generated always as identity primary key, c uuid default gen_random_uuid());
    create unique index on app.o (c);
    alter table app.o add constraint f foreign key (c) references app.u (id);
    alter table app.o alter column c set not null;
    update app.o set c = gen_random_uuid();
    alter table app.o rename column c to d;
    commit;`;
}

function FUNCTION(): string {
  return "create function wipe() returns void language plpgsql as $$ begin delete from t; end $$";
}

describe("classes", () => {
  test.each([
    ["update t set a = 1 where id = 5", "R2"],
    ["create index i on t (a)", "R2"],
    ["alter table t rename a to b", "R3"],
    ["drop table t", "R4"],
    ["delete from t where old", "R4"],
    ["update t set tenant_id = 3 where tenant_id = 4", "R5"],
    ["selec 1", "R4"],
    ["alter table t add a int; update t set a = 1", "R2"],
  ])("%s is %s", (sql, wanted) => {
    expect(lint(sql).class).toBe(wanted);
  });
});

describe("what the server's version changes", () => {
  test.each([
    ["alter table t add column a int default 0", 10, ["add-column-rewrite!", "lock-timeout-missing"]],
    ["alter table t add column a int default null", 10, []],
    ["alter table t add column a int default 0", 11, []],
    [
      "begin; alter type m add value 'x'; commit",
      11,
      ["enum-add-value", "enum-add-value-in-transaction!", "concurrently-in-transaction!"],
    ],
    ["begin; alter type m add value 'x'; commit", 12, ["enum-add-value", "enum-add-value-in-transaction"]],
  ])("%s on %i", (sql, version, wanted) => {
    expect(rulesOf(sql, { version })).toEqual(wanted);
  });

  test.each([
    ["varchar(10)", "varchar(20)", null],
    ["varchar(10)", "text", null],
    ["varchar(20)", "varchar(10)", true],
    ["text", "varchar(10)", true],
    ["char(5)", "char(9)", true],
    ["numeric(10,2)", "numeric(12,2)", null],
    ["numeric(10,2)", "numeric(12,3)", true],
    ["int", "bigint", true],
    ["timestamp", "timestamptz", "depends"],
    ["int[]", "int", true],
    ["int", "int", null],
  ])("%s to %s: rewrite %s", (from, to, wanted) => {
    const found = lint({
      "V1__a.sql": `create table t (a ${from})`,
      "V2__b.sql": `alter table t alter column a type ${to}`,
    }).findings.find(({ rule }) => rule === "change-column-type");
    expect(found?.rewrite ?? null).toBe(wanted);
  });
});

describe("context", () => {
  test("another file's table may hold rows by now, unless all files are one run", () => {
    const files = { "V1__a.sql": "create table t (a int)", "V2__b.sql": "create index i on t (a)" };
    expect(rulesOf(files)).toEqual(["index-not-concurrent!"]);
    expect(rulesOf(files, { oneRun: true })).toEqual([]);
  });

  test("IF NOT EXISTS: what may have been there is not dropped unseen", () => {
    expect(rulesOf("create table if not exists t (a int); create index on t (a)")).toEqual([
      "index-not-concurrent!",
    ]);
    expect(rulesOf("create table if not exists t (a int); drop table t")).toContain("drop-table!");
  });

  test("schemas tell tables of one name apart, search_path included", () => {
    expect(rulesOf("create table a.t (x int); create index on b.t (x)")).toEqual(["index-not-concurrent!"]);
    expect(rulesOf("set search_path = a; create table t (x int); create index on a.t (x)")).toEqual([]);
  });

  test("what a DO block runs counts, whatever is around it", () => {
    const sql = `do $$ declare r record; begin
      if exists (select 1) then execute 'drop table t'; end if;
      for r in select 1 loop update u set a = 1; end loop;
      execute format('alter table %I drop column %I', x, y);
    end $$`;
    expect(rulesOf(sql)).toEqual(
      expect.arrayContaining(["drop-table!", "update-without-where!", "drop-column!"]),
    );
  });

  test("repeatable files run again", () => {
    const sql = "insert into colours values (1)";
    expect(rulesOf({ "V1__seed.sql": sql })).toEqual([]);
    expect(rulesOf({ "R__seed.sql": sql })).toEqual(["data-change-not-idempotent"]);
  });

  test("a table dropped and made again was not made before", () => {
    expect(rulesOf("drop table t; create table t (a int)")).toContain("drop-table!");
  });
});

describe("what comes in disguise", () => {
  test.each([
    ["merge into a using b on a.id = b.id when matched then delete", ["delete-rows"]],
    ["merge into a using b on a.id = b.id when not matched then insert default values", []],
    ["update a set x = 1 from b", ["update-without-where!"]],
    ["delete from a using b where 1 = 1", ["delete-without-where!"]],
    ["alter table a add column f int references b", ["foreign-key-lock"]],
    ["alter table a add column f int default 1 references b", ["foreign-key-lock!"]],
    ["alter table a add column g int generated always as (1) virtual", ["newer-syntax!"]],
    ["create index i on only t (a)", ["index-not-concurrent!"]],
    ["alter table t drop constraint c cascade", ["drop-constraint", "drop-cascade!", "lock-timeout-missing"]],
    [
      "alter table a add column g int generated always as (1) stored",
      ["add-column-rewrite!", "lock-timeout-missing"],
    ],
    ["start transaction; vacuum t; end", ["concurrently-in-transaction!"]],
    [
      "create domain d as int check (value > 0); alter table t add column x d",
      ["add-column-rewrite!", "lock-timeout-missing"],
    ],
    ["create domain d as int; alter table t add column x d", []],
    ["alter table t add x int not null default null", ["add-column-not-null!", "lock-timeout-missing"]],
    ["alter table t alter id set generated by default", ["change-identity", "lock-timeout-missing"]],
    ["alter table t alter id set increment by 2 set cache 5", ["alter-sequence"]],
    ["alter index i set tablespace fast", ["table-rewrite!", "lock-timeout-missing"]],
    ["alter table all in tablespace a set tablespace b", ["table-rewrite!", "lock-timeout-missing"]],
    ["alter function f() security definer", ["definer-search-path"]],
    ["alter function f() security definer set search_path = app", []],
    ["alter view v set (security_invoker = false)", ["row-security!", "lock-timeout-missing"]],
    ["alter view v set (security_invoker)", []],
    ["alter table t disable rule r", ["triggers-off!"]],
    ["set session authorization admin", ["set-role"]],
    ["select set_config('session_replication_role', 'replica', false)", ["bypass-triggers!"]],
    ["select pg_drop_replication_slot('x')", ["drop-replication"]],
    ["create user mapping for x server s options (password 'hunter2')", ["password-in-migration!"]],
    ["create subscription s connection 'host=x password=hunter2' publication p", ["password-in-migration!"]],
    ["select dblink_connect('host=x password=hunter2')", ["password-in-migration!"]],
  ])("%s", (sql, wanted) => {
    expect(rulesOf(sql)).toEqual(wanted);
  });
});

describe("suppressions", () => {
  const drop = (comment: string) => lint(`${comment}\nalter table t drop column a;`);

  test("take a finding out, keep its class, and are listed with owner and reason", () => {
    const report = drop(
      '-- plumbline:ignore drop-column, lock-timeout-missing reason="unused" owner="dba" until=2027-01-01',
    );
    expect(report.findings).toEqual([]);
    expect(report.class).toBe("R4");
    expect(report.suppressed[0]).toMatchObject({
      rule: "drop-column",
      owner: "dba",
      reason: "unused",
      until: "2027-01-01",
    });
  });

  test.each([
    "-- plumbline:ignore drop-column",
    '-- plumbline:ignore drop-column reason="x"',
    '-- plumbline:ignore drop-column reason="  " owner="dba"',
    '-- plumbline:ignore reason="x" owner="dba"',
    '-- plumbline:ignore drop-colum reason="x" owner="dba"',
    '-- plumbline:ignore drop-column reason="x" owner="dba" until=2027-02-30',
    '-- plumbline:ignore drop-column reason="x" owner="dba" by=me',
  ])("%s: an error, and the finding stays", (comment) => {
    const rules = drop(comment).findings.map(({ rule, severity }) => [rule, severity]);
    expect(rules).toContainEqual(["suppression-invalid", "error"]);
    expect(rules).toContainEqual(["drop-column", "error"]);
  });

  test("count for the next statement only, in block comments and behind the statement too", () => {
    const accept = 'plumbline:ignore drop-column,lock-timeout-missing reason="x" owner="y"';
    expect(rulesOf(`/* ${accept} */ alter table t drop column a; alter table t drop column b`)).toEqual([
      "drop-column!",
    ]);
    expect(rulesOf(`alter table t drop column a; -- ${accept}`)).toEqual([]);
  });

  test("cannot hide what nobody can read", () => {
    expect(rulesOf('-- plumbline:ignore syntax-error reason="x" owner="y"\nselec 1')).toEqual([
      "suppression-invalid!",
      "syntax-error!",
    ]);
  });
});

test.each([
  "create user mapping for x server s options (password 'hunter2')",
  "create subscription s connection 'host=x password=hunter2' publication p",
  "select dblink_connect('c', 'host=x password = hunter2 dbname=y')",
  "drop policy p on t",
])("no text of a finding shows a password or a gap: %s", (sql) => {
  const text = JSON.stringify(lint(sql).findings);
  expect(text).not.toContain("hunter2");
  expect(text).not.toMatch(/[{][a-z]+[}]/);
});

test("a finding has its place, the statement as written, and no password", () => {
  const { findings } = lint("select 1;\n\n  create role app\n    password 'hunter2';\n  alter tabel t");
  expect(findings.map(({ line, column, statement }) => ({ line, column, statement }))).toEqual([
    { line: 3, column: 3, statement: "create role app\n    password '***'" },
    { line: 3, column: 3, statement: "create role app\n    password '***'" },
    { line: 5, column: 9, statement: "alter tabel t" },
  ]);
});
