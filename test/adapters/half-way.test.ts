import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { builtinMigrations } from "../../src/adapters/builtin-migrations.ts";
import { loadSqlParser } from "../../src/adapters/libpg.ts";
import type { MigrationStep } from "../../src/model/migration.ts";
import { binaries } from "../contract/databases.ts";
import { callOf, folderOf, freshDatabase, rowsOf, start, statement, stop } from "../flyway/world.ts";

/** A file that failed half-way on a database of its own, what it looks like then, and how it goes on. */
const halfWay = async (before: string, file: string, schemas: readonly string[] = []) => {
  const url = await freshDatabase();
  await statement(url, before);
  const made = callOf("builtin", folderOf({ "V1__base.sql": "select 1;", "V2__x.sql": file }), url);
  const call = { ...made, database: { ...made.database, schemas, baselineVersion: "1" } };
  const engine = builtinMigrations(await loadSqlParser());
  const expected = (await engine.plan(call)).pending.map(({ script, checksum }) => ({ script, checksum }));
  const steps: MigrationStep[] = [];
  const progress = async (step: MigrationStep) => void steps.push(step);
  const { failure } = await engine.migrate(call, { expected, progress });
  const last = steps.at(-1);
  const look = async () => (last ? await engine.look(call, last) : null);
  const resume = async () => {
    const statements = (await look())?.statements ?? [];
    const done = statements.filter((one) => one.done === true).length;
    return engine.migrate(call, { expected, progress, resume: { script: "V2__x.sql", done } });
  };
  return { url, failure, look, resume, done: async () => (await look())?.statements.map((one) => one.done) };
};

const indexes = async (url: string): Promise<readonly string[]> =>
  (
    await rowsOf(
      url,
      `select schemaname || '.' || tablename || '.' || indexname as name from pg_indexes
        where tablename = 'orders' and indexname !~ 'pkey$' order by 1`,
    )
  ).map(({ name }) => String(name));

const ORDERS = (schema: string): string =>
  `create table ${schema}.orders (id int primary key, status text);;
   insert into ${schema}.orders values (1, 'a'), (2, 'a')`;
const MEND = (schema: string): string => `delete from ${schema}.orders where id = 2`;

describe.skipIf(binaries() === null)("a migration that failed half-way (skipped without PostgreSQL)", () => {
  beforeAll(start, 120_000);
  afterAll(stop, 120_000);

  test("what lies behind an open BEGIN is not done, and a resume runs it again", async () => {
    const story = await halfWay(
      ORDERS("public"),
      `alter table orders add column w int;
       begin; alter table orders add column x int; create unique index u on orders (status); commit;
       alter table orders add column z int;`,
    );
    expect(story.failure?.message).toContain("Its first statement is done and stays");
    expect(await story.done()).toEqual([true, false, false, false, false, false]);
    await statement(story.url, MEND("public"));
    expect((await story.resume()).failure).toBeNull();
    const columns = await rowsOf(
      story.url,
      "select column_name as name from information_schema.columns where table_name = 'orders' order by 1",
    );
    expect(columns.map(({ name }) => name)).toEqual(["id", "status", "w", "x", "z"]);
  });

  test("an index is looked for on its own table, its leftover goes, and settings before it hold again", async () => {
    const story = await halfWay(
      `create schema tenant;; create schema another;; ${ORDERS("tenant")};; ${ORDERS("public")};; ${ORDERS("another")};;
       ${MEND("another")};; create unique index u on another.orders (status)`,
      `set search_path = tenant;
       create unique index concurrently u on orders (status);
       create index concurrently v on orders (id);`,
    );
    expect(story.failure?.message).toContain("Its first statement is done and stays");
    expect((await story.look())?.statements.map(({ why }) => why)).toEqual([
      "the server said so",
      "it left an invalid index",
      "it was never sent",
    ]);
    await statement(story.url, MEND("tenant"));
    expect((await story.resume()).failure).toBeNull();
    expect(await indexes(story.url)).toEqual(["another.orders.u", "tenant.orders.u", "tenant.orders.v"]);
  });

  test("in the schema of the workspace", async () => {
    const story = await halfWay(
      `create schema app;; ${ORDERS("app")};; ${ORDERS("public")}`,
      "create unique index concurrently u on orders (status);",
      ["app"],
    );
    expect(await story.done()).toEqual([false]);
    await statement(story.url, MEND("app"));
    expect((await story.resume()).failure).toBeNull();
    expect(await indexes(story.url)).toEqual(["app.orders.u"]);
  });

  test("another role is left before the history is written", async () => {
    const role = `r${Date.now()}`;
    const story = await halfWay(
      `create role ${role};; grant all on schema public to ${role}`,
      `set role ${role}; create table mine (id int);`,
    );
    expect(story.failure).toBeNull();
    const [row] = await rowsOf(
      story.url,
      `select (select tableowner from pg_tables where tablename = 'mine') as owner,
              (select count(distinct installed_by) from flyway_schema_history)::int as runners`,
    );
    expect(row).toEqual({ owner: role, runners: 1 });
    await statement(
      story.url,
      `drop table mine;; revoke all on schema public from ${role};; drop role ${role}`,
    );
  });
});
