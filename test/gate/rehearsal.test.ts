import { expect, test } from "vitest";
import { type RehearsalFacts, rehearsalGates } from "../../src/gate/rehearsal.ts";
import type { Rehearsal, RehearsedCompensation } from "../../src/model/rehearsal.ts";
import type { DataChange } from "../../src/model/schema-context.ts";

const passed: Rehearsal = {
  server: { place: "pglite:memory", version: 18 },
  copy: null,
  current: { migrations: [], failure: null },
  empty: { migrations: [], failure: null },
  diff: [],
  again: { pending: [], changes: [], failure: null },
  notes: [],
  milliseconds: 1,
};
const change: DataChange = { file: "V2__b.sql", line: 3, table: "app.o", counted: "app.o", rows: 10_001 };
const gates = (facts: Partial<RehearsalFacts>) =>
  rehearsalGates({ rehearsal: passed, required: true, changes: [], rowLimit: 10_000, ...facts });
const gatesOf = (facts: Partial<RehearsalFacts>) => gates(facts).map(({ gate }) => gate);

test("a rehearsal that is wanted and missing, failed or unfinished denies", () => {
  const failure = { script: "V2__b.sql", line: 3, column: 8, message: "no such column", state: "42703" };
  expect(gatesOf({})).toEqual([]);
  expect(gatesOf({ rehearsal: null })).toEqual(["rehearsal-missing"]);
  expect(gatesOf({ rehearsal: null, required: false })).toEqual([]);
  const [failed] = gates({ rehearsal: { ...passed, current: { migrations: [], failure } } });
  expect(failed?.message).toContain("V2__b.sql:3:8: no such column");
  const again = { pending: ["R__v.sql"], changes: [], failure: null };
  expect(gates({ rehearsal: { ...passed, again } })).toMatchObject([
    { gate: "rehearsal-unfinished", details: ["still pending: R__v.sql"] },
  ]);
});

test("what fails to take a migration back denies; what leaves something is for people to judge", () => {
  const back = { script: "V2__b.sql.compensate", tried: 2, after: 1, left: [] };
  const failure = { script: back.script, line: 3, column: 8, message: "no such index", state: "42704" };
  const rehearsed = (one: Partial<RehearsedCompensation>) =>
    gates({ rehearsal: { ...passed, compensations: [{ ...back, goesBack: "yes", failure: null, ...one }] } });
  expect(rehearsed({})).toEqual([]);
  expect(rehearsed({ goesBack: "partly" })).toEqual([]);
  expect(rehearsed({ goesBack: "no", failure })).toMatchObject([
    {
      gate: "rehearsal-failed",
      message: expect.stringContaining("fails behind 1 of its statements: V2__b.sql.compensate:3:8"),
    },
  ]);
});

test("a batch that cannot run denies; rows of it that would be left out do not", () => {
  const batch = { name: "fill", keys: 100, changed: 100, milliseconds: 2, leftOut: null, failure: null };
  const rehearsed = (one: Partial<typeof batch> | { readonly failure: string }) =>
    gates({ rehearsal: { ...passed, backfills: [{ ...batch, ...one }] } });
  expect(rehearsed({})).toEqual([]);
  expect(rehearsed({ failure: "no such column" })).toMatchObject([
    {
      gate: "rehearsal-failed",
      message: expect.stringContaining("fill cannot run after these migrations: no such column"),
    },
  ]);
});

test("more rows than the limit want a copy of production's size; nobody's guess counts as few", () => {
  const copyOf = (rows: number) => ({ ...passed, copy: { rows: { "app.o": rows } } });
  expect(gatesOf({ changes: [{ ...change, rows: 10_000 }] })).toEqual([]);
  expect(gatesOf({ changes: [change] })).toEqual(["rehearsal-too-small"]);
  expect(gatesOf({ changes: [{ ...change, rows: null }] })).toEqual(["rehearsal-too-small"]);
  expect(gatesOf({ changes: [change], rehearsal: null, required: false })).toEqual(["rehearsal-too-small"]);
  expect(gatesOf({ changes: [change], rehearsal: copyOf(9000) })).toEqual([]);
  expect(gates({ changes: [change], rehearsal: copyOf(4000) })[0]?.details).toEqual([
    "V2__b.sql:3: app.o, up to 10,001 rows; the copy holds 4,000 of app.o",
  ]);
  expect(gatesOf({ changes: [{ ...change, counted: null }], rehearsal: copyOf(0) })).toEqual([]);
});

test("rows that the rehearsal itself wrote without a copy count too", () => {
  const statement = {
    ...{
      line: 1,
      column: 1,
      statement: "insert ...",
      milliseconds: 5,
      rows: 20_000,
      locks: [],
      rewrites: [],
    },
  };
  const migration = { script: "V3__c.sql", version: "3", checksum: 1, transactional: true, milliseconds: 5 };
  const current = { migrations: [{ ...migration, statements: [statement] }], failure: null };
  expect(gates({ rehearsal: { ...passed, current } })[0]?.details).toEqual([
    "V3__c.sql:1: 20,000 rows in the rehearsal",
  ]);
});

test("what the SQL does not tell proves no large change on any copy, and counts as one where nobody sees it", () => {
  const gap = { script: "V2__b.sql", why: "has preconditions", unseen: false };
  const copy = { ...passed, copy: { rows: { "app.o": 20_000 } } };
  expect(gatesOf({ rehearsal: copy, changes: [change] })).toEqual([]);
  expect(gates({ rehearsal: { ...copy, gaps: [gap] }, changes: [change] })).toMatchObject([
    { gate: "rehearsal-too-small", details: [expect.stringContaining("it has preconditions")] },
  ]);
  expect(gatesOf({ rehearsal: { ...copy, gaps: [gap] } })).toEqual([]);
  expect(gatesOf({ rehearsal: { ...copy, gaps: [{ ...gap, unseen: true }] } })).toEqual([
    "rehearsal-too-small",
  ]);
});
