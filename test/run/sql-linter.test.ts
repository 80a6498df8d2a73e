import { expect, test } from "vitest";
import { loadSqlParser } from "../../src/adapters/libpg.ts";
import { classifyFiles } from "../../src/risk/files.ts";
import { sqlLinter } from "../../src/run/sql-linter.ts";

const lintSql = sqlLinter(await loadSqlParser(), () => new Date("2026-07-03"));
const judged = (after: string, path = "db/migration/V2__x.sql") =>
  classifyFiles([{ path, before: null, after }], { lintSql });

test("PostgreSQL's parser says what a statement does, and words in which phase it is", () => {
  const found = judged("CREATE TABLE a (id bigint);\nDROP TABLE b;\n");
  expect(found.find((one) => one.line === 2)).toMatchObject({ class: "R4", phase: "contract" });
  expect(found.find((one) => one.line === 1)).toMatchObject({ phase: "expand" });
});

test("what hides from words does not hide from a parser", () => {
  expect(judged('ALTER TABLE "a" DROP "Column";').map((one) => one.class)).toContain("R4");
});

test("another dialect is judged by its words", () => {
  const found = judged("ALTER TABLE `a` DROP COLUMN `b`;");
  expect(found).toMatchObject([{ rule: "sql-drop-column", class: "R4" }]);
});

const phasesOf = (after: string) => judged(after).map(({ phase }) => phase);

test.each([
  ["two statements on one line", "ALTER TABLE a ADD COLUMN x int; ALTER TABLE a DROP COLUMN y;"],
  ["two actions of one statement", "ALTER TABLE a ADD COLUMN x int, DROP COLUMN y;"],
  [
    "a DO block that does both",
    "DO $$ BEGIN ALTER TABLE a ADD COLUMN x int; IF true THEN EXECUTE 'ALTER TABLE a DROP COLUMN y'; END IF; END $$;",
  ],
])("both phases are seen in %s", (_what, sql) => {
  expect(phasesOf(sql)).toEqual(expect.arrayContaining(["expand", "contract"]));
});

test("what a DO block takes away is a contract, and so is what a comment accepts", () => {
  expect(phasesOf("DO $$ BEGIN DROP TABLE a; END $$;")).toContain("contract");
  const accepted = '-- plumbline:ignore drop-column reason="old" owner="dana"\nALTER TABLE a DROP COLUMN y;';
  expect(phasesOf(accepted)).toContain("contract");
  expect(phasesOf("DO $$ BEGIN PERFORM 1; END $$;")).not.toContain("contract");
});
