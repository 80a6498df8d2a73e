import { describe, expect, test } from "vitest";
import { cli, folderOf } from "./world.ts";

describe("sql lint", () => {
  test("by contract: class and findings, 2 where one is an error", async () => {
    const cwd = folderOf({ "db/V1__drop.sql": "-- é\nselect 1;\n\ndrop table orders;\n" });
    const { code, out, err } = await cli(["sql", "lint", "db/V1__drop.sql", "--json"], { cwd });
    expect([code, err]).toEqual([2, ""]);
    const report = JSON.parse(out);
    expect(report.class).toBe("R4");
    expect(report.findings[0]).toMatchObject({
      file: "db/V1__drop.sql",
      line: 4,
      statement: "drop table orders",
      rule: "drop-table",
      class: "R4",
      severity: "error",
      message: expect.stringContaining("orders"),
      fix: expect.any(String),
    });
  });

  test("warnings alone, and nothing at all, are 0", async () => {
    const cwd = folderOf({
      "a.sql": "grant select on t to app;",
      "b.sql": "alter table t add column a int;",
      "c.sql": "",
    });
    const warned = await cli(["sql", "lint", "a.sql", "--json"], { cwd });
    expect([warned.code, JSON.parse(warned.out).findings.length]).toEqual([0, 1]);
    const clean = await cli(["sql", "lint", "b.sql", "--json"], { cwd });
    expect([clean.code, JSON.parse(clean.out)]).toEqual([0, { class: "R1", findings: [] }]);
    expect((await cli(["sql", "lint", "c.sql"], { cwd })).out).toBe(
      "1 file, class R0: no errors, no warnings.\n",
    );
  });

  test("what does not parse is a finding with the server's words and its place", async () => {
    const cwd = folderOf({ "a.sql": "select 1;\r\nselect é form x y;\r\n" });
    const { code, out } = await cli(["sql", "lint", "a.sql", "--json"], { cwd });
    expect(code).toBe(2);
    expect(JSON.parse(out).findings).toMatchObject([
      { rule: "syntax-error", line: 2, column: 15, message: 'syntax error at or near "x"' },
    ]);
  });

  test("several files in the order given, a folder with all of its files, standard input", async () => {
    const cwd = folderOf({
      "m/V10__c.sql": "alter table t alter column a type varchar(30);",
      "m/sub/V2__a.sql": "create table t (a varchar(20));",
      "m/readme.md": "no SQL",
    });
    expect((await cli(["sql", "lint", "m"], { cwd })).out).toBe(
      "2 files, class R1: no errors, no warnings.\n",
    );
    const alone = await cli(["sql", "lint", "m/V10__c.sql", "--json"], { cwd });
    expect(JSON.parse(alone.out).findings[0].rule).toBe("change-column-type");
    const piped = await cli(["sql", "lint", "-", "--json"], { cwd, stdin: "truncate t" });
    expect(JSON.parse(piped.out).findings[0]).toMatchObject({ file: "-", rule: "truncate" });
  });

  test("--pg-version", async () => {
    const cwd = folderOf({ "a.sql": "alter table t add column a int default 1" });
    expect((await cli(["sql", "lint", "a.sql", "--pg-version", "10"], { cwd })).code).toBe(2);
    expect((await cli(["sql", "lint", "a.sql", "--pg-version", "15.4"], { cwd })).code).toBe(0);
    for (const wrong of ["x", "8", "15.x", "999"])
      expect((await cli(["sql", "lint", "a.sql", "--pg-version", wrong], { cwd })).code).toBe(64);
  });

  test("for people: place, rule, what it costs, what to do", async () => {
    const cwd = folderOf({ "a.sql": "alter table t\n  add column u uuid default gen_random_uuid();" });
    const { out } = await cli(["sql", "lint", "a.sql"], { cwd });
    expect(out).toContain(
      "a.sql:1:1: error add-column-rewrite (R2, ACCESS EXCLUSIVE lock, rewrites the table)",
    );
    expect(out).toContain("1 file, class R2: 1 error, 1 warning.");
  });

  test("1 where a file cannot be read, 64 without one", async () => {
    const cwd = folderOf({ "a.sql": new Uint8Array([0x73, 0xff, 0xfe]), "empty/x.txt": "" });
    for (const file of ["none.sql", "a.sql", "empty"]) {
      const { code, out } = await cli(["sql", "lint", file, "--json"], { cwd });
      expect([code, JSON.parse(out).error.code]).toEqual([1, "sql-unreadable"]);
    }
    expect((await cli(["sql", "lint"], { cwd })).code).toBe(64);
    expect((await cli(["sql"], { cwd })).code).toBe(64);
    expect((await cli(["sql", "lint", "--bogus", "a.sql"], { cwd })).code).toBe(64);
  });

  test("control characters in a file do not reach the terminal", async () => {
    const cwd = folderOf({ "a.sql": 'drop table "a\u001b[31m";' });
    expect((await cli(["sql", "lint", "a.sql"], { cwd })).out).not.toContain("\u001b");
  });
});
