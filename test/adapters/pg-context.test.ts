import { expect, test } from "vitest";
import { readSchemaContext } from "../../src/adapters/pg-context.ts";
import { openTarget } from "../../src/adapters/pg-target.ts";
import { contextEntriesOf } from "../../src/migration/context-entry.ts";

const SCHEMA = `
create schema app;
create table app.orders (id int primary key, email text, day date);
comment on table app.orders is 'What was bought. classification: PII';
comment on column app.orders.email is 'classification=confidential';
insert into app.orders select g, 'a', '2026-01-01' from generate_series(1, 5000) g;
analyze app.orders;
create index orders_day on app.orders (day);
create table app.lines (id int primary key, order_id int references app.orders (id) on delete cascade, n int);
create unique index on app.lines (order_id, n);
create unique index on app.lines (n) where n > 0;
insert into app.lines values (1, 1);
create view app.v as select id from app.orders;
create function app.f() returns bigint language plpgsql as 'begin return (select count(*) from app.orders); end';
create publication everything for table app.orders;
create table app.parts (a int) partition by list (a);
create table app.part1 partition of app.parts for values in (1);
insert into app.parts select 1 from generate_series(1, 300);
analyze app.part1;
create table app.heir (more text) inherits (app.orders);
insert into app.heir select g, 'a', '2026-01-01' from generate_series(1, 700) g;
analyze app.heir;
set default_transaction_read_only = on;
`;

test("estimates, indexes, dependants and classification are read from the catalogue by a session that cannot write", async () => {
  const target = await openTarget("pglite:");
  await target.run(SCHEMA);
  const context = await readSchemaContext(target, new Date("2026-07-01T00:00:00Z"));
  await target.close();
  const { "app.orders": orders, "app.lines": lines, "app.parts": parts } = context.tables;
  expect(Object.keys(context.tables).toSorted()).toEqual([
    "app.heir",
    "app.lines",
    "app.orders",
    "app.part1",
    "app.parts",
  ]);
  expect(orders).toMatchObject({
    // Its own, and those of the table that inherits from it.
    rows: 5700,
    classification: "pii",
    columns: { email: "confidential" },
    dependants: [
      { kind: "view", name: "app.v" },
      { kind: "foreign key", name: "app.lines.lines_order_id_fkey" },
      { kind: "publication", name: "everything" },
      { kind: "function", name: "app.f" },
    ],
  });
  expect(orders?.bytes).toBeGreaterThan(200_000);
  expect(orders?.indexes.map(({ name, unique, valid }) => [name, unique, valid])).toEqual([
    ["app.orders_day", false, true],
    ["app.orders_pkey", true, true],
  ]);
  // Never analysed: no more than fit into its one page.
  expect(lines?.rows).toBe(256);
  expect(parts?.rows).toBe(300);
  expect([orders, lines, parts].map((table) => table?.shape)).toEqual([
    { partitioned: false, keys: ["id"], followers: ["app.lines"] },
    { partitioned: false, keys: ["id"], followers: [] },
    { partitioned: true, keys: [], followers: [] },
  ]);
  expect(contextEntriesOf(context, { version: "7" })[0]).toMatchObject({
    database: "memory",
    engine: "postgres",
    schemaVersion: "7",
    tables: { "app.orders": { rows: 5700, classification: "pii" } },
    source: "pglite:memory",
  });
});
