import { expect, test } from "vitest";
import { loadSqlParser } from "../../src/adapters/libpg.ts";
import { lackingRights } from "../../src/adapters/pg-rights.ts";
import { openTarget } from "../../src/adapters/pg-target.ts";

const parse = await loadSqlParser();
const place = { schema: "public", table: "flyway_schema_history" };

test("a plan tells which rights the role lacks that will run it, where nothing else gives them on the way", async () => {
  const target = await openTarget("pglite:");
  try {
    for (const statement of [
      ...["create role owners", "create role migrator", "create role member", "grant owners to member"],
      ...["create schema app", "grant create on schema public to member", "create schema shut"],
      ...[
        "create table app.orders (id int)",
        "alter table app.orders owner to owners",
        "create table mine (id int)",
      ],
      ...["alter table mine owner to migrator", "create table flyway_schema_history (id int)"],
      ...["grant all on flyway_schema_history to member"],
    ])
      await target.run(statement);
    const told = async (role: string, sql: string) =>
      (await lackingRights(target, place, role, { pending: [{ script: "V2__a.sql", sql }], parse })).map(
        ({ message, fix }) => `${message} ${fix}`,
      );
    const HISTORY =
      'The role migrator may not write the history public.flyway_schema_history. GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."flyway_schema_history" TO "migrator";';
    expect(
      await told(
        "migrator",
        "alter table mine add b int;\nalter table app.orders add b int;\ncreate index on app.orders (b);\ncreate table t (id int);\ncreate table shut.t (id int);\ncreate temp table u (id int);",
      ),
    ).toEqual([
      HISTORY,
      'V2__a.sql:2:1: the role migrator does not own app.orders, nor is it a member of owners, who does. GRANT "owners" TO "migrator";',
      'V2__a.sql:3:1: the role migrator does not own app.orders, nor is it a member of owners, who does. GRANT "owners" TO "migrator";',
      'V2__a.sql:4:1: the role migrator may make nothing in schema public. GRANT CREATE ON SCHEMA "public" TO "migrator";',
      'V2__a.sql:5:1: the role migrator may make nothing in schema shut. GRANT CREATE ON SCHEMA "shut" TO "migrator";',
    ]);
    expect(await told("member", "alter table app.orders add b int; create table t (id int);")).toEqual([]);
    expect(await told("migrator", "set role owners; alter table app.orders add b int;")).toEqual([HISTORY]);
    expect(
      await told(
        "migrator",
        "alter table not_there_yet add b int; create schema n; create table n.t (i int);",
      ),
    ).toEqual([HISTORY]);
    expect(await told("nobody_knows", "alter table app.orders add b int;")).toEqual([]);
    await target.run("alter role migrator set role owners");
    expect(await told("migrator", "alter table app.orders add b int;")).toEqual([]);
  } finally {
    await target.close();
  }
});
