import { beforeAll, describe, expect, test } from "vitest";
import { loadSqlParser } from "../../src/adapters/libpg.ts";
import { readBackfill } from "../../src/migration/backfill.ts";
import { contractsIn, emptyTablesIn, touches } from "../../src/migration/contract-tables.ts";
import { judgeStanding } from "../../src/migration/judge.ts";
import { judgeBackfills } from "../../src/migration/judge-backfill.ts";
import type { SqlParser } from "../../src/migration/script.ts";
import type { BackfillProgress } from "../../src/model/backfill.ts";
import type { DeclaredBackfill } from "../../src/model/backfill-plan.ts";
import type { BackfillRunState } from "../../src/model/backfill-run.ts";
import type { MigrationStanding } from "../../src/model/migration.ts";

let parse: SqlParser;
beforeAll(async () => {
  parse = await loadSqlParser();
});

const standing = (sql: string | null): MigrationStanding => ({
  ...{ tool: "builtin", toolVersion: null, problems: [] },
  target: { place: "host/db", version: 15, user: "reader" },
  history: { table: "app.flyway_schema_history", exists: true, version: "1", entries: [] },
  pending:
    sql === null
      ? []
      : [
          {
            ...{ version: "2", description: "x", script: "V2__x.sql", file: "V2__x.sql", checksum: "1" },
            ...{ repeatable: false, transactional: true, sql },
          },
        ],
});
const NEW: BackfillProgress = {
  ...{
    name: "fill",
    checksum: null,
    state: "new",
    reason: null,
    lastKey: null,
    done: 0,
    changed: 0,
    dead: 0,
  },
  ...{ verification: null, estimate: null, rate: null, startedAt: null, updatedAt: null },
};
const declared = (
  progress: Partial<BackfillProgress> = {},
  statement = "UPDATE customer SET a = b",
): DeclaredBackfill => {
  const text = `table: customer\nkey: id\nbatch: 100\nstatement: ${statement} WHERE id BETWEEN $1 AND $2\n`;
  const backfill = readBackfill("fill.backfill.yaml", text, { schema: "app", parse });
  return {
    backfill,
    file: "fill.backfill.yaml",
    progress: { ...NEW, ...progress },
    trouble: null,
    rows: 25_050,
  };
};
const known = (state: BackfillRunState, checksum: string) => ({
  name: "fill",
  table: "app.customer",
  state,
  checksum,
});
const judge = (
  sql: string | null,
  facts: {
    readonly declared?: readonly DeclaredBackfill[];
    readonly known?: readonly ReturnType<typeof known>[];
  },
) => {
  const stands = standing(sql);
  const judged = judgeStanding(stands, { parse, today: "2026-11-21" });
  const contracts = contractsIn(judged.migrations, stands.pending, parse);
  const empty = emptyTablesIn(stands.pending, parse);
  return judgeBackfills(judged, { declared: [], known: [], ...facts, contracts, empty, parse });
};

describe("what a plan would start", () => {
  test("a new file, with how much it is about; rows of a table that the same plan makes are none yet", () => {
    const summary = judge(null, { declared: [declared()] });
    expect(summary.backfills).toMatchObject([
      { name: "fill", table: "app.customer", class: "R2", rows: 25_050, batches: 251 },
    ]);
    expect(summary.changes).toMatchObject([{ counted: "app.customer", rows: 25_050 }]);
    expect(
      judge("create table customer (id bigint)", { declared: [{ ...declared(), rows: null }] }).changes,
    ).toMatchObject([{ rows: 0 }]);
    expect(judge(null, { declared: [{ ...declared(), rows: null }] }).changes).toMatchObject([
      { rows: null },
    ]);
    expect(judge(null, { declared: [declared({}, "DELETE FROM customer")] }).backfills).toMatchObject([
      { class: "R4" },
    ]);
  });

  test("what is done, under way or cancelled is not started anew; another text under the same name is denied", () => {
    const { checksum } = declared().backfill;
    const done = declared({ state: "done", checksum });
    expect(judge(null, { declared: [done] }).backfills).toBeUndefined();
    // Done but for keys that were left out, from a terminal.
    expect(
      judge(null, { declared: [declared({ state: "done", dead: 1, checksum })] }).backfills,
    ).toHaveLength(1);
    for (const state of ["running", "paused", "stopped", "cancelled"] as const)
      expect(
        judge(null, { declared: [declared()], known: [known(state, checksum)] }).backfills,
      ).toBeUndefined();
    for (const facts of [
      { declared: [declared()], known: [known("running", "other")] },
      { declared: [declared({ state: "running", checksum: "other" })] },
    ])
      expect(judge(null, facts)).toMatchObject({ problems: [{ problem: "checksum-changed" }] });
    // A new text after a cancel has to be of a backfill that never began.
    expect(
      judge(null, { declared: [declared()], known: [known("cancelled", "other")] }).backfills,
    ).toHaveLength(1);
  });

  test("a key that is no key is denied, unless pending migrations may make it one", () => {
    const facts = { declared: [{ ...declared(), trouble: "no index begins with id" }] };
    expect(judge(null, facts).problems).toMatchObject([{ problem: "cannot-run" }]);
    expect(judge("create index i on customer (id)", facts).problems).toEqual([]);
  });
});

describe("how many rows", () => {
  const rowsAfter = (sql: string) =>
    judge(sql, { declared: [{ ...declared(), rows: null }] }).changes.find(({ file }) => file !== "V2__x.sql")
      ?.rows;

  test.each([
    ["create table app.customer (id bigint); create index on app.customer (id)", 0],
    ["alter table client rename to customer", null],
    ["create table customer (id bigint); insert into customer select id from big", null],
    ["create table customer (id bigint); do $$ begin perform 1; end $$", null],
    ["create table other (id bigint)", null],
    [
      "create table customer (id bigint); alter table customer rename to c; alter table b rename to customer",
      null,
    ],
  ])("of a table that is not there yet, after %s", (sql, rows) => {
    expect(rowsAfter(sql)).toBe(rows);
  });

  test.each([
    ["UPDATE app.customer SET a = b", [["app.customer", 25_050]]],
    ["UPDATE other SET a = b FROM customer", [["other", null]]],
    ["DELETE FROM app.orders USING customer", [["app.orders", null]]],
    ["INSERT INTO copy SELECT id FROM customer", [["copy", 25_050]]],
    ["INSERT INTO copy SELECT c.id FROM customer c, orders o", [["copy", null]]],
    ["INSERT INTO copy SELECT id FROM customer, generate_series(1, 9)", [["copy", null]]],
  ])("%s changes", (statement, wanted) => {
    const { changes } = judge(null, { declared: [declared({}, statement)] });
    expect(changes.map(({ table, rows }) => [table, rows])).toEqual(wanted);
  });

  test("a contract on a table that the statement names waits too", () => {
    const facts = { declared: [declared({}, "UPDATE app.orders SET a = c.b FROM customer c")] };
    expect(judge("alter table orders drop column b", facts).problems).toHaveLength(1);
    expect(judge("alter table app.items drop column b", facts).problems).toEqual([]);
  });
});

describe("a contract while a backfill is not finished", () => {
  const { checksum } = { checksum: "c" };
  const problems = (sql: string, state: BackfillRunState) =>
    judge(sql, { known: [known(state, checksum)] }).problems.map(({ problem }) => problem);

  test.each([
    ["alter table app.customer drop column b", ["backfill-unfinished"]],
    ["alter table customer alter column a set not null", ["backfill-unfinished"]],
    ["drop table customer", ["backfill-unfinished"]],
    ["drop trigger keep_both on app.customer", ["backfill-unfinished"]],
    ["drop type mood", ["backfill-unfinished"]],
    ["alter table app.orders drop column b", []],
    ["alter table app.customer add column c text", []],
  ])("%s", (sql, wanted) => {
    expect([...new Set(problems(sql, "paused"))]).toEqual(wanted);
    expect(problems(sql, "done")).toEqual([]);
  });

  test("one that comes with the backfill itself waits, and so does one after a cancel while the file is there", () => {
    const drop = "alter table app.customer drop column b";
    expect(judge(drop, { declared: [declared()] }).problems).toMatchObject([
      { problem: "backfill-unfinished" },
    ]);
    const cancelled = [known("cancelled", declared().backfill.checksum)];
    expect(judge(drop, { declared: [declared()], known: cancelled }).problems).toHaveLength(1);
    expect(judge(drop, { known: cancelled }).problems).toEqual([]);
  });

  test("a name without a schema may be any table of that name", () => {
    const of = (tables: readonly string[] | null) => ({
      file: "f",
      line: 1,
      rule: "drop-table",
      migration: "2",
      tables,
    });
    expect(
      ["customer", "app.customer", "old.customer"].map((name) => touches(of([name]), "app.customer")),
    ).toEqual([true, true, false]);
    expect(touches(of(null), "app.customer")).toBe(true);
  });
});
