import { expect, test } from "vitest";
import { loadSqlParser } from "../../src/adapters/libpg.ts";
import { isApplied, pauseLeft, readBackfill } from "../../src/migration/backfill.ts";

const STATEMENT = "statement: UPDATE t SET a = 1 WHERE id BETWEEN $1 AND $2\n";
const read = async (text: string, file = "V3__names.backfill.yaml") =>
  readBackfill(file, text, { schema: "public", parse: await loadSqlParser() });

test("what a file leaves out has its default", async () => {
  expect(await read(`table: t\nkey: id\n${STATEMENT}`)).toMatchObject({
    ...{ name: "V3__names", after: null, schema: "public", table: "t", key: "id", batch: 1000 },
    ...{
      throttle: { replicationLag: null, activeSessions: null, rest: 50 },
      pauseBetween: [],
      outsideWindows: false,
    },
    ...{ lockTimeout: "2s", statementTimeout: "1min", deadLetters: 100 },
    ...{ errorBudget: { share: 0.1, inARow: 20 }, verify: null },
    statement: "UPDATE t SET a = 1 WHERE id BETWEEN $1 AND $2",
  });
  expect(
    await read(
      `after: 1.2\ntable: app.t\nkey: id\nthrottle: {replication_lag: 1min, active_sessions: 3, rest: 0ms}\npause_between: ["22:30-05:00"]\n${STATEMENT}`,
    ),
  ).toMatchObject({
    ...{ after: "1.2", schema: "app", throttle: { replicationLag: 60, activeSessions: 3, rest: 0 } },
    pauseBetween: [{ from: 1350, to: 300 }],
  });
});

test.each([
  ["key: id\n", "table"],
  [`table: t\nkey: id\nbatch: 0\n${STATEMENT}`, "batch"],
  [`table: t\nkey: id\nbatches: 3\n${STATEMENT}`, "batches"],
  ["table: t\nkey: id\nstatement: UPDATE t SET a = 1\n", "BETWEEN $1 AND $2"],
  ["table: t\nkey: id\nstatement: SELECT f($1, $2)\n", "UPDATE, INSERT or DELETE"],
  ["table: t\nkey: id\nstatement: UPDAET t SET a = $1 + $2\n", "UPDAET"],
  [
    "table: t\nkey: id\nstatement: UPDATE t SET a = 1 WHERE id BETWEEN $1 AND $2; DROP TABLE t\n",
    "one statement",
  ],
  [`table: t\nkey: id\npause_between: ["8-9"]\n${STATEMENT}`, "pause_between"],
  [`table: t\nkey: id\nerror_budget: {share: 5}\n${STATEMENT}`, "error_budget.share"],
  [`table: t\nkey: id\nerror_budget: {in_a_row: 0}\n${STATEMENT}`, "error_budget.in_a_row"],
  [`table: t\nkey: id\nverify: {}\n${STATEMENT}`, "verify"],
  [`table: t\nkey: id\nverify: {where: a, query: b}\n${STATEMENT}`, "verify"],
  ...[
    ...["a) or (b; drop table t", "a is null) group by (b", "true) union (select 1", "true) into x"],
    ...["a = $1", "'"],
  ].map((where) => [
    `table: t\nkey: id\nverify: {where: ${JSON.stringify(where)}}\n${STATEMENT}`,
    "verify: one SELECT",
  ]),
  ...[
    ...["select max(id) from t", "select secret from t", "select count(*), 1 from t", "delete from t"],
    ...[
      "select app.count(id) from t",
      "select count(*) over () from t",
      "select 1 union select count(*) from t",
    ],
  ].map((query) => [`table: t\nkey: id\nverify: {query: "${query}"}\n${STATEMENT}`, "verify: one SELECT"]),
  ["table: [", "V3__names"],
])("%j is refused", async (text, why) => {
  await expect(read(text)).rejects.toMatchObject({
    code: "sql-invalid",
    message: expect.stringContaining(why),
  });
});

test("what is left is counted by a condition on its table, or by any count", async () => {
  const verified = async (verify: string) =>
    (await read(`table: app.t\nkey: id\n${STATEMENT}verify: ${verify}\n`)).verify;
  expect(await verified("{where: a IS NULL -- not yet}")).toEqual({
    query: 'SELECT count(*) FROM "app"."t" WHERE (a IS NULL -- not yet\n)',
    timeout: "5min",
  });
  const query = "SELECT count(*) FROM (SELECT 1 FROM a EXCEPT SELECT 1 FROM b) AS x";
  expect(await verified(`{query: "${query};", timeout: 10s}`)).toEqual({ query, timeout: "10s" });
});

test.each([
  ["12:00", 0],
  ["23:30", 330],
  ["04:59", 1],
  ["05:00", 0],
])("at %s it pauses for %i minutes", (time, minutes) => {
  expect(pauseLeft([{ from: 1350, to: 300 }], new Date(`2026-11-21T${time}:00Z`))).toBe(minutes * 60_000);
});

test("it waits for its version, or for a baseline above it", () => {
  const row = (version: string, type = "SQL", success = true) => [
    {
      ...{ rank: 1, version, description: "", type, script: "", checksum: null, success },
      ...{ installedBy: "", installedOn: null, milliseconds: 0 },
    },
  ];
  const after = { after: "3" };
  expect([
    isApplied({ after: null }, []),
    isApplied(after, row("03.0")),
    isApplied(after, row("4", "BASELINE")),
  ]).toEqual([true, true, true]);
  expect([
    isApplied(after, row("4")),
    isApplied(after, row("3", "SQL", false)),
    isApplied(after, []),
  ]).toEqual([false, false, false]);
});

test.each([
  [
    "UPDATE t SET a = 1 WHERE id BETWEEN $1 AND $2 -- the whole range",
    "UPDATE t SET a = 1 WHERE id BETWEEN $1 AND $2",
  ],
  ["UPDATE t SET a = 1 WHERE id BETWEEN $1 AND $2; -- note", "UPDATE t SET a = 1 WHERE id BETWEEN $1 AND $2"],
  ["UPDATE t SET kind = 'returning customer' WHERE id BETWEEN $1 AND $2", null],
])("%s is one statement for a range", async (statement, text) => {
  const file = `table: t\nkey: id\nstatement: |\n  ${statement}\n`;
  expect((await read(file)).statement).toBe(text ?? statement);
});

test.each([
  ["UPDATE t SET a = 1 WHERE id BETWEEN $1 AND $2 RETURNING id", "no RETURNING"],
  ["UPDATE t SET a = '$1 $2' WHERE id > 0", "BETWEEN $1 AND $2"],
])("%s: %s", async (statement, why) => {
  const file = `table: t\nkey: id\nstatement: ${JSON.stringify(statement)}\n`;
  await expect(read(file)).rejects.toThrow(why);
});
