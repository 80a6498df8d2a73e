import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openTarget } from "../../src/adapters/pg-target.ts";
import { cli, folder } from "./world.ts";

const write = (files: Readonly<Record<string, string>>): string => {
  const dir = folder();
  mkdirSync(dir, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  return dir;
};
const sql = async (...args: readonly string[]) => {
  const { code, out } = await cli(["sql", ...args]);
  return { code, out, json: args.includes("--json") ? JSON.parse(out) : null };
};
const execute = async (url: string, text: string): Promise<void> => {
  const target = await openTarget(url);
  await target.run(text);
  await target.close();
};

const PAST = {
  "V1__base.sql": `
create table orders (id bigint generated always as identity primary key, total int not null, note text);
create table lines (id int primary key, order_id bigint);
insert into lines values (1, 1), (2, 1);`,
};
const PENDING = {
  "V2__wider.sql": "alter table orders alter total type bigint;\nupdate lines set order_id = 2 where id = 1;",
  "V3__index.sql": "create index concurrently lines_order on lines (order_id);",
  "R__sums.sql": "create or replace view sums as select order_id, count(*) as n from lines group by 1;",
};

describe("sql plan --rehearse", () => {
  test("tells time, locks, rows, rewrites, the schema's changes and that a second run has nothing to do", async () => {
    const url = `pglite:${join(folder(), "db")}`;
    const dir = write(PAST);
    await sql("migrate", dir, "--url", url);
    for (const [name, text] of Object.entries(PENDING)) writeFileSync(join(dir, name), text);
    const { json } = await sql("plan", dir, "--url", url, "--rehearse", "--json");
    const { current, empty, diff, again, copy, notes } = json.rehearsal;
    expect([current.failure, empty.failure, copy, notes]).toEqual([null, null, null, []]);
    expect(current.migrations.map((each: { script: string }) => each.script)).toEqual(Object.keys(PENDING));
    expect(empty.migrations.length).toBe(4);
    const [retype, update] = current.migrations[0].statements;
    expect(retype).toMatchObject({ line: 1, rewrites: ["public.orders"], rows: 0 });
    expect(retype.locks).toMatchObject([{ relation: "public.orders", mode: "ACCESS EXCLUSIVE" }]);
    expect(retype.locks[0].milliseconds).toBeGreaterThan(retype.milliseconds);
    expect(update).toMatchObject({ line: 2, rows: 1, rewrites: [] });
    expect(update.locks).toMatchObject([{ relation: "public.lines", mode: "ROW EXCLUSIVE" }]);
    expect(current.migrations[1]).toMatchObject({ transactional: false, statements: [{ locks: null }] });
    expect(diff.map(({ text }: { text: string }) => text)).toEqual([
      "index lines_order CREATE INDEX lines_order ON public.lines USING btree (order_id)",
      "column total: type integer -> bigint",
      expect.stringMatching(/^SELECT order_id/),
    ]);
    expect(again).toEqual({ pending: [], changes: [], failure: null });
  }, 180_000);

  test("a copy with rows counts them, is not changed, and what was changed by hand is part of the present schema", async () => {
    const url = `pglite:${join(folder(), "db")}`;
    const dir = write(PAST);
    await sql("migrate", dir, "--url", url);
    await execute(
      url,
      "insert into orders (total) select 1 from generate_series(1, 500); analyze orders; alter table orders add column hot int",
    );
    writeFileSync(
      join(dir, "V2__fill.sql"),
      "update orders set hot = 1 where total = 1;\nselect wrong\nfrom orders;",
    );
    const { out } = await sql("plan", dir, "--url", url, "--rehearse");
    expect(out).toMatch(/Rehearsed on pglite:memory \(PostgreSQL \d+\) in [\d.]+ s\./);
    expect(out).toContain(
      'From the present schema it fails: V2__fill.sql:2:8: column "wrong" does not exist',
    );
    expect(out).toContain("public.orders holds about 500 rows in");
    const { code, json } = await sql("plan", dir, "--url", url, "--rehearsal-url", url, "--json");
    const { rehearsal } = json;
    expect([code, rehearsal.copy.rows["public.orders"], rehearsal.again]).toEqual([2, 500, null]);
    expect(rehearsal.current.migrations[0].statements).toMatchObject([{ rows: 500 }]);
    expect(rehearsal.current.failure).toEqual({
      ...{ script: "V2__fill.sql", line: 2, column: 8, state: "42703" },
      message: 'column "wrong" does not exist',
    });
    expect(rehearsal.empty.failure).toMatchObject({
      line: 1,
      message: 'column "hot" of relation "orders" does not exist',
    });
    const live = await openTarget(url);
    expect(await live.query("select count(*)::int as n from orders where hot is null")).toEqual([{ n: 500 }]);
    await live.close();
  }, 180_000);

  test("whether a file is taken back is tried from each state in which it may stop, and a way back that fails denies", async () => {
    const dir = write({
      "V1__base.sql": "create table orders (id bigint, note text);",
      "V1__base.sql.compensate": "drop table orders;",
      "V2__both.sql":
        "create index concurrently by_id on orders (id);\ncreate index concurrently by_note on orders (note);",
      "V2__both.sql.compensate": "drop index if exists ${by}_id;\ndrop index if exists ${by}_note;",
      "V3__once.sql": "create index concurrently pair on orders (id, note);",
      "V3__once.sql.compensate": "drop index pair;",
      "V4__two.sql": "alter table orders add a int;\nalter table orders add b int;",
      "V4__two.sql.compensate": "alter table orders drop a;",
      "V5__late.sql": "create index concurrently late on orders (a);",
      "V5__late.sql.compensate": "drop index concurrently late;",
    });
    const args = ["plan", dir, "--url", "pglite:", "--rehearse", "--placeholder", "by=by"];
    const { code, json } = await sql(...args, "--json");
    const { compensations, again, diff } = json.rehearsal;
    const [base, both, once, two, late] = compensations;
    expect(code).toBe(2);
    expect(base).toEqual({
      ...{ script: "V1__base.sql.compensate", goesBack: "yes", tried: 1, after: null },
      ...{ failure: null, left: [] },
    });
    expect(both).toMatchObject({ goesBack: "yes", tried: 3 });
    expect(once).toMatchObject({
      ...{ goesBack: "no", tried: 1, after: 0 },
      failure: { script: "V3__once.sql.compensate", line: 1, message: 'index "pair" does not exist' },
    });
    expect(two).toMatchObject({
      ...{ goesBack: "partly", tried: 1, after: 2 },
      left: [{ address: "table public.orders", what: "added", text: expect.stringContaining("b") }],
    });
    expect(late).toMatchObject({
      ...{ goesBack: "no", tried: 0, after: null },
      failure: { message: expect.stringContaining("DROP INDEX CONCURRENTLY cannot run in a transaction") },
    });
    // All of it was taken back: the files themselves went on as if nobody had tried.
    expect(again).toEqual({ pending: [], changes: [], failure: null });
    expect(diff.map(({ text }: { text: string }) => text)).toContain("column b integer");
  }, 180_000);
});
