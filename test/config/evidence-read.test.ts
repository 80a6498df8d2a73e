import { expect, test } from "vitest";
import { readEvidenceBundle } from "../../src/config/evidence-read.ts";
import { contextEntriesOf } from "../../src/migration/context-entry.ts";
import type { JsonObject } from "../../src/model/json.ts";

const AT = "2026-07-03T10:00:00.000Z";
const SAID = { by: "lee", kind: "approve", how: "comment", at: AT, head: "h", digest: "d", counted: true };

/** As the first release of the bundle wrote it: no sets, no systems, no context. */
const FIRST: JsonObject = {
  version: 2,
  changeId: "CHG-1",
  run: "run_1",
  workspace: "acme/infra//prod#default",
  pull: null,
  outcome: "applied",
  commits: { head: null, base: null, applied: "c" },
  plan: { digest: "pd1:aa", sha256: "0".repeat(64), inputs: "i", lockFile: null },
  files: [],
  class: { found: "R4", claimed: null, counted: "R4" },
  changes: [],
  findings: [],
  stateBefore: { lineage: "l", serial: 3, schemaVersion: null },
  stateAfter: null,
  approvals: [{ ...SAID, why: null, roles: [] }],
  policies: { denied: [{ policy: "main.deny", message: "no" }], warned: [] },
  backup: null,
  recovery: { rollbackBoundary: null, rollbackSafeUntil: null, crossed: null, path: "none" },
  executor: {
    requestedBy: "dana",
    identity: "bot",
    instance: "i",
    fencingToken: 1,
    plumbline: "0",
    engine: "tofu 1",
  },
  times: { asked: AT, started: null, ended: AT, steps: [] },
  verification: { planned: true, clean: true, remaining: [] },
};

test("a bundle of version 2 is read; what it did not say yet is null, not empty", () => {
  expect(readEvidenceBundle(FIRST)).toMatchObject({
    version: 5,
    migration: null,
    recovery: { by: null, codeBefore: null },
    database: null,
    migrations: null,
    verification: { health: null, schemaCheck: null, schemaDigest: null },
    run: "run_1",
    systems: null,
    context: null,
    policies: { sets: null, denied: [{ set: "", policy: "main.deny", message: "no" }], dryRun: [] },
    stateBefore: { lineage: "l", serial: 3, format: null, schemaVersion: null },
    stateAfter: null,
    approvals: [{ by: "lee", reason: null }],
  });
});

test("a later bundle of version 2 keeps what it says", () => {
  const later = readEvidenceBundle({
    ...FIRST,
    systems: ["s3.exports"],
    context: [],
    policies: {
      denied: [],
      warned: [{ set: "house", policy: "main.warn", message: "m" }],
      dryRun: [],
      excepted: [],
    },
  });
  expect(later).toMatchObject({
    systems: ["s3.exports"],
    context: [],
    policies: { warned: [{ set: "house" }] },
  });
});

test("a bundle of version 3 is read as well", () => {
  const { stateBefore, policies } = readEvidenceBundle(FIRST) ?? {};
  const third = {
    ...FIRST,
    ...{ version: 3, stateBefore, policies, systems: ["s3.exports"], context: [] },
    approvals: [{ ...SAID, why: null, roles: [], reason: "incident" }],
  } as unknown as JsonObject;
  expect(readEvidenceBundle(third)).toMatchObject({
    version: 5,
    systems: ["s3.exports"],
    approvals: [{ reason: "incident", places: null }],
  });
});

test("a bundle of version 4 is read as well; it said nothing of a database", () => {
  const today = readEvidenceBundle(FIRST) as unknown as JsonObject;
  const { database: _place, migrations: _ran, ...fourth } = today;
  const verification = { planned: false, clean: false, remaining: [], health: null };
  expect(readEvidenceBundle({ ...fourth, version: 4, verification })).toMatchObject({
    ...{ version: 5, database: null, migrations: null },
    verification: { planned: false, schemaCheck: null, schemaDigest: null },
  });
});

test("what the live database told of a table that a migration touches is evidence", () => {
  const table = {
    ...{ name: "app.orders", rows: 7, bytes: 8192, reads: 3, writes: 1, classification: null },
    ...{ scripts: ["V2__note.sql"], columns: { email: "pii" }, lastRead: AT, countedSince: null },
    indexes: [{ name: "app.by_id", valid: true, unique: true }],
    dependants: [{ kind: "view" as const, name: "app.open_orders" }],
  };
  const read = { place: "db:5432/orders", version: 16, readAt: new Date(AT), countedSince: null, tables: {} };
  const context = contextEntriesOf(read, { version: "1", touched: [table] });
  const known = JSON.parse(JSON.stringify(context)) as JsonObject[];
  expect(readEvidenceBundle({ ...FIRST, context: known })?.context).toEqual(known);
});

test.each([
  ["a version that is not known", { ...FIRST, version: 9 }],
  ["version 3 with a field missing", { ...FIRST, version: 3 }],
  ["version 4 with a field missing", { ...FIRST, version: 4 }],
  ["version 5 with a field missing", { ...FIRST, version: 5 }],
  ["version 2 without a run", { ...FIRST, run: null }],
  ["no object", []],
])("%s is no evidence", (_what, bundle) => {
  expect(readEvidenceBundle(bundle)).toBeNull();
});
