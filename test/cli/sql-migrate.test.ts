import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { embedded, rows, server } from "./sql-homes.ts";
import { cli, folder, folderOf } from "./world.ts";

const sql = async (what: string, dir: string, url: string, ...more: string[]) => {
  const { code, out, err } = await cli(["sql", what, dir, "--url", url, "--json", ...more]);
  return { code, err, json: JSON.parse(out) };
};
const history = (url: string) =>
  rows(
    url,
    "select version, description, type, script, success from flyway_schema_history order by installed_rank",
  );

describe.each([embedded, server])("on $name", (home) => {
  describe.skipIf(home.missing)("sql plan and migrate", () => {
    beforeAll(home.start, 120_000);
    afterAll(home.stop, 120_000);

    test("plan, migrate, plan again: nothing is left", async () => {
      const url = await home.fresh();
      const dir = folderOf({
        "V1__tables.sql":
          "create table a (id int);\ncopy a (id) from stdin;\n1\n2\n\\.\ninsert into a values (3);",
        "sub/V2__index.sql": "create index concurrently i on a (id);",
        "R__view.sql": "create or replace view v as select count(*) as n from a;",
        "afterMigrate.sql": "insert into a values (4);",
      });
      const before = await sql("plan", dir, url);
      expect(before.code).toBe(0);
      expect(before.json).toMatchObject({
        class: "R1",
        version: null,
        problems: [],
        findings: [],
        pending: [
          { version: "1", script: "V1__tables.sql", transactional: true, statements: 3 },
          { version: "2", script: "sub/V2__index.sql", transactional: false },
          { version: null, script: "R__view.sql" },
        ],
      });
      const { code, json } = await sql("migrate", dir, url);
      expect([code, json.from, json.to, json.applied.length]).toEqual([0, null, "2", 3]);
      expect((await rows(url, "select n::int from v"))[0]).toEqual({ n: 4 });
      expect((await history(url)).map((row) => [row["version"], row["script"], row["success"]])).toEqual([
        ["1", "V1__tables.sql", true],
        ["2", "sub/V2__index.sql", true],
        [null, "R__view.sql", true],
      ]);
      expect((await sql("plan", dir, url)).json).toMatchObject({
        ...{ class: "R1", version: "2", pending: [] },
        callbacks: [{ script: "afterMigrate.sql", class: "R1" }],
      });
      expect((await sql("migrate", dir, url)).json.applied).toEqual([]);
    }, 120_000);

    test("plan changes nothing, not even the history table", async () => {
      const url = await home.fresh();
      const dir = folderOf({
        "V1__a.sql": "create table a (id int)",
        "beforeMigrate.sql": "drop table if exists gone;",
      });
      const { code, json } = await sql("plan", dir, url);
      expect(json).toMatchObject({ class: "R4", pending: [{ class: "R1" }], callbacks: [{ class: "R4" }] });
      expect([code, json.findings[0].file, json.findings[0].rule]).toEqual([
        2,
        "beforeMigrate.sql",
        "drop-table",
      ]);
      expect(await rows(url, "select 1 from pg_tables where schemaname = 'public'")).toEqual([]);
    }, 120_000);

    test("a failure in a transaction leaves nothing behind, and says where", async () => {
      const url = await home.fresh();
      const dir = folderOf({
        "V1__a.sql": "create table a (id int);",
        "V2__b.sql": "create table b (id int);\n\ninsert into nowhere\nvalues (1);",
      });
      const { code, json } = await sql("migrate", dir, url);
      expect([code, json.error.code]).toEqual([1, "sql-failed"]);
      expect(json.error.message).toMatch(
        /^V2__b\.sql:3:13: relation "nowhere" does not exist.*Nothing of it was kept\.$/,
      );
      expect((await history(url)).map((row) => row["version"])).toEqual(["1"]);
      expect(await rows(url, "select 1 from pg_tables where tablename = 'b'")).toEqual([]);
    }, 120_000);

    test("a failure without a transaction is kept in the history and stops what follows", async () => {
      const url = await home.fresh();
      const dir = folderOf({
        "V1__a.sql": "create table a (id int);",
        "V2__b.sql": "create index concurrently i on a (id); create index concurrently j on nowhere (id);",
      });
      const { code, json } = await sql("migrate", dir, url);
      expect([code, json.error.message]).toEqual([
        1,
        expect.stringContaining("first statement is done and stays"),
      ]);
      expect((await history(url)).at(-1)).toMatchObject({ version: "2", success: false });
      const again = await sql("migrate", dir, url);
      expect([again.code, again.json.error.code]).toEqual([1, "sql-invalid"]);
      const plan = await sql("plan", dir, url);
      expect([plan.code, plan.json.problems[0].problem]).toEqual([2, "failed"]);
    }, 120_000);

    test("a changed file is refused, with what to do", async () => {
      const url = await home.fresh();
      const dir = folderOf({ "V1__a.sql": "create table a (id int);" });
      await sql("migrate", dir, url);
      writeFileSync(join(dir, "V1__a.sql"), "create table a (id bigint);");
      const { code, json } = await sql("migrate", dir, url);
      expect([code, json.error.code]).toEqual([1, "sql-invalid"]);
      expect(json.error.hint).toContain("V1__a.sql");
      expect((await sql("plan", dir, url)).code).toBe(2);
    }, 120_000);

    test("a database with something in it but no history needs a baseline", async () => {
      const url = await home.fresh();
      await rows(url, "create table old (id int)");
      const dir = folderOf({
        "V1__old.sql": "create table old (id int);",
        "V2__new.sql": "create table new (id int);",
      });
      expect((await sql("migrate", dir, url)).json.error.code).toBe("sql-invalid");
      expect((await sql("plan", dir, url)).json.problems[0].problem).toBe("not-empty");
      const { json } = await sql("migrate", dir, url, "--baseline-version", "1");
      expect(json).toMatchObject({ from: "1", to: "2", applied: [{ version: "2" }] });
      expect((await history(url))[0]).toMatchObject({ type: "BASELINE", version: "1" });
    }, 120_000);

    test("all files are judged before the first one runs", async () => {
      const url = await home.fresh();
      const dir = folderOf({ "V1__a.sql": "create table a (id int);", "V2__b.sql": "select 1;\n\\d a" });
      expect((await sql("plan", dir, url)).json.problems[0]).toMatchObject({ problem: "cannot-run" });
      const { json } = await sql("migrate", dir, url);
      expect(json.error).toMatchObject({
        code: "sql-invalid",
        message: expect.stringContaining("V2__b.sql:2"),
      });
      expect(await rows(url, "select 1 from pg_tables where tablename = 'a'")).toEqual([]);
    }, 120_000);

    test("what one migration sets does not reach the next", async () => {
      const url = await home.fresh();
      const dir = folderOf({
        "V1__a.sql": "create schema app; set search_path = app; create table a (id int);",
        "V2__b.sql": "create table b (id int);",
      });
      await sql("migrate", dir, url);
      expect(
        await rows(
          url,
          "select schemaname::text as s from pg_tables where tablename in ('a', 'b') order by tablename",
        ),
      ).toEqual([{ s: "app" }, { s: "public" }]);
    }, 120_000);
  });
});

describe("arguments", () => {
  test.each([
    [["sql", "plan", "."], 64],
    [["sql", "plan", "--url", "postgres://x"], 64],
    [["sql", "plan", ".", "--url", "mysql://x"], 64],
    [["sql", "plan", ".", "--url", "env:NOT_SET"], 64],
    [["sql", "migrate", ".", "--url", "pglite:", "--placeholder", "x"], 64],
    [["sql", "migrate", ".", "--url", "pglite:", "--lock-timeout", "soon"], 64],
    [["sql", "plan", "nowhere", "--url", "pglite:"], 1],
  ])("%j is %i", async (argv, wanted) => {
    expect((await cli(argv, { cwd: folder() })).code).toBe(wanted);
  });

  test("no secret of the URL is ever said", async () => {
    const argv = ["sql", "plan", ".", "--json", "--url"];
    for (const url of [
      "postgres://me:geheim@127.0.0.1:1/db",
      "postgres://me@127.0.0.1:1/db?password=geheim",
      "postgres://me:gehe#im@127.0.0.1:1/geheim@",
    ]) {
      const { out, err, code } = await cli([...argv, url], { cwd: folder() });
      expect(code).not.toBe(0);
      expect(out + err).not.toMatch(/geheim|gehe#im/);
    }
  });
});
