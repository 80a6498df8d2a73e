import { expect, test } from "vitest";
import { lint, live, liveTable as table } from "./lint-world.ts";

const context = live({
  "app.empty": table(0),
  "app.few": table(900, { shape: { partitioned: false, keys: ["id"], followers: [] } }),
  "app.many": table(420_000_000, {
    classification: "pii",
    reads: 12_000_000,
    lastRead: new Date("2026-06-30T10:00:00Z"),
    indexes: [{ name: "app.many_day", bytes: 1, valid: true, unique: false, scans: 0, lastScan: null }],
    dependants: [
      { kind: "view", name: "app.v" },
      { kind: "foreign key", name: "app.lines.fk" },
    ],
  }),
  "app.unread": table(20_000),
});
const first = (sql: string) => {
  const [finding] = lint(`set lock_timeout = '5s'; ${sql}`, { context }).findings;
  return finding ? `${finding.severity} ${finding.class} ${finding.message}` : "";
};

test("an index on an empty table is not an index on 420 million rows", () => {
  const build = (name: string) => first(`create index i on app.${name} (a)`);
  expect(build("empty")).toBe(
    "warn R1 Builds index i on app.empty while writers wait. app.empty holds no rows.",
  );
  expect(build("few")).toMatch(/^warn R2 .* app\.few holds about 900 rows in 703 kB\.$/);
  expect(build("many")).toMatch(/^error R2 .* app\.many holds about 420 million rows in 313 GB, pii\.$/);
  expect(build("unknown")).toBe("error R2 Builds index i on app.unknown while writers wait.");
  expect(first("drop index app.many_day")).toMatch(/^error R2 .* app\.many holds about 420 million rows/);
});

test("what takes something away says who uses it and when it was read last", () => {
  expect(first("alter table app.many drop column a")).toMatch(
    /Used by view app\.v, foreign key app\.lines\.fk\. Read 12 million times since 2026-01-01, last on 2026-06-30\.$/,
  );
  expect(first("drop table app.unread")).toMatch(/^error R4 .*Nobody has read it since 2026-01-01\.$/);
});

test("a table's rows do not excuse what is wrong with any number of them", () => {
  expect(first("delete from app.few")).toMatch(/^error R4 /);
  expect(first("alter table app.empty alter a set not null")).toMatch(/^error R3 /);
  expect(first("update app.many set a = 1 where b = 2")).toMatch(/^error R2 /);
  expect(first("update app.few set a = 1 where b = 2")).toMatch(/^warn R2 /);
});

test("each change of rows is told with the number that it may touch", () => {
  const sql = `update app.many set a = 1 where b = 2;
delete from app.few where id = 7;
insert into app.few select * from app.unread;
insert into app.few values (1);
create table app.own (a int);
update app.own set a = 1;
do $$ begin delete from app.few; end $$;
update elsewhere set a = 1;`;
  expect(
    lint(sql, { context }).changes.map(({ line, table, counted, rows }) => [line, table, counted, rows]),
  ).toEqual([
    [1, "app.many", "app.many", 420_000_000],
    [2, "app.few", null, 1],
    [3, "app.few", "app.unread", 20_000],
    [7, "app.few", "app.few", 900],
    [8, "public.elsewhere", "public.elsewhere", null],
  ]);
});
