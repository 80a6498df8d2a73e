import { expect, test } from "vitest";
import { loadSqlParser } from "../../src/adapters/libpg.ts";
import { executionOf } from "../../src/migration/execution.ts";
import { lastingOf, settingsBefore } from "../../src/migration/own-transactions.ts";
import { parseScript } from "../../src/migration/parse-script.ts";
import { rulesOf } from "./lint-world.ts";

const parse = await loadSqlParser();
const script = (text: string) => parseScript(text, parse);

test.each([
  ["savepoint a; create table t (a int); rollback to a; release a", "transaction"],
  ["begin; savepoint a; rollback to a; commit", "statements"],
  ["begin; create table t (a int); commit and chain; create table u (a int)", "refused"],
  ["begin; create table t (a int); rollback and chain; create table u (a int); commit", "statements"],
  ["create table t (a int); rollback; create table u (a int)", "refused"],
  ["create table t (a int); commit", "refused"],
])("%s is run by %s", (text, way) => {
  expect(executionOf(script(text), { version: 16, asked: null, mixed: false }).way).toBe(way);
});

test("a transaction that a chained COMMIT leaves open is told by the analysis as well", () => {
  expect(rulesOf("begin; create table t (a int); commit and chain; create table u (a int)")).toContain(
    "transaction-left-open!",
  );
});

test.each([
  ["select 1; begin; select 2; commit; select 3", [1, 1, 1, 4, 5]],
  ["begin; select 2; commit and chain; select 3; commit", [0, 0, 0, 0, 5]],
  ["begin; savepoint a; rollback to a; rollback", [0, 0, 0, 4]],
])("%s: how many stay after each", (text, wanted) => {
  const { statements } = script(text);
  expect(statements.map((_, index) => lastingOf(statements, index + 1))).toEqual(wanted);
});

test("a session that goes on is told what outlasts, and nothing that was local or taken back", () => {
  const { statements } = script(`
    set search_path = a; set local role b; select set_config('x.y', '1', true);
    begin; set role c; rollback; begin; set lock_timeout = '1s'; commit;
    select set_config('x.y', '2', false); select set_config('x.z', b, false) from c; reset role; select 1`);
  expect(settingsBefore(statements, statements.length - 1).map(({ text }) => text)).toEqual([
    "set search_path = a",
    "set lock_timeout = '1s'",
    "select set_config('x.y', '2', false)",
    "reset role",
  ]);
});
