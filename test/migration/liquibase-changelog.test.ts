import { expect, test } from "vitest";
import { changesetFacts } from "../../src/migration/liquibase-changelog.ts";
import { gapOf } from "../../src/migration/liquibase-gaps.ts";

const told = (path: string, text: string) =>
  changesetFacts(path, text).map(({ id, author, outside, asks }) =>
    [id, author, outside ? "outside" : "inside", asks ? "asks" : ""].join(" ").trim(),
  );

test("a long line takes no long time", () => {
  const spaces = " ".repeat(200_000);
  expect(told("a.sql", `--changeset ${spaces}x${spaces}\n--changeset me ${spaces}:1${spaces}`)).toEqual([
    "1 me inside",
  ]);
  expect(told("a.xml", "<changeSet ".repeat(20_000))).toEqual([]);
});

test("each form says which changesets leave transactions and which have preconditions", () => {
  const sql = `--liquibase formatted sql
--changeset me:1 runInTransaction:true context:a
--preconditions onFail:MARK_RAN
create table a (id int);
-- changeset "some body":"two words" splitStatements:false runInTransaction:false
create index concurrently i on a (id);
--changeset me:3 runInTransaction:\${how}
select 1;`;
  expect(told("db/a.sql", sql)).toEqual(["1 me inside asks", "two words some body outside", "3 me outside"]);
  const xml = `<databaseChangeLog><preConditions><runningAs username="x"/></preConditions>
<changeSet author='me' id="1" runInTransaction="true"><sql>select 1</sql></changeSet>
<db:changeSet id="2" author="me"
  runInTransaction="false"><preConditions onFail="HALT"/><sql/></db:changeSet></databaseChangeLog>`;
  expect(told("a.XML", xml)).toEqual(["1 me inside", "2 me outside asks"]);
  const list = [
    { changeSet: { id: 1, author: "me", runInTransaction: false } },
    { changeSet: { id: "2", author: "me", preConditions: [] } },
    { include: { file: "x.sql" } },
  ];
  const json = JSON.stringify({ databaseChangeLog: list });
  expect(told("a.json", json)).toEqual(["1 me outside", "2 me inside asks"]);
  expect(told("a.yml", json)).toEqual(told("a.json", json));
  expect([told("a.yaml", "a: [b"), told("a.csv", "id"), told("b.yaml", "- 1")]).toEqual([[], [], []]);
});

const WARNING =
  "-- WARNING The following SQL may change each run and therefore is possibly incorrect and/or invalid:";
const plain = { id: "1", author: "me", outside: false, asks: false };

test.each([
  ["SQL alone", "sql", "select 1;", plain, null],
  ["loaded rows", "loadData tableName=a", `${WARNING}\nINSERT INTO a VALUES (1);`, plain, false],
  ["a program", "executeCommand", `${WARNING}\n-- echo ;`, plain, true],
  [
    "a class before rows",
    "customChange; insert tableName=a",
    `${WARNING}\nINSERT INTO a VALUES (1);`,
    plain,
    true,
  ],
  [
    "what only a database tells",
    "dropAllForeignKeyConstraints",
    `${WARNING}\n\nCREATE TABLE b (id int);`,
    plain,
    true,
  ],
  ["a list that Liquibase cut", "x".repeat(250), `${WARNING}\nINSERT INTO a VALUES (1);`, plain, true],
  ["preconditions", "sql", "select 1;", { ...plain, asks: true }, false],
  ["a changeset that nobody found", "sql", "select 1;", null, false],
] as const)("%s", (_, changes, sql, facts, unseen) => {
  expect(gapOf({ script: "a::1::me", sql, changes }, facts)?.unseen ?? null).toBe(unseen);
});
