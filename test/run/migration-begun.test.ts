import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "../../src/adapters/database.ts";
import { createLedger } from "../../src/adapters/ledger.ts";
import type { ChangeClass } from "../../src/model/change-class.ts";
import type { AppliedEntry } from "../../src/model/migration.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import type { Scratch } from "../../src/run/frame.ts";
import { asApproved } from "../../src/run/migration-begun.ts";
import { migrationDigest, type SavedMigrations } from "../../src/run/migration-step.ts";
import type { RunInput } from "../../src/run/run-input.ts";
import { openTestDatabase } from "../contract/test-database.ts";

const pull = { repo: "acme/infra", number: 4 };
const key = new Uint8Array(32).fill(1);
const input = { config: { database: { schemas: ["app"] } } } as unknown as RunInput;
let database: Database;
let ledger: Ledger;
let last = 0;
beforeAll(async () => {
  database = await openTestDatabase();
  ledger = createLedger(database);
}, 60_000);
afterAll(() => database?.close());

const file = (name: string, checksum = "1") => ({
  ...{
    script: `${name}.sql`,
    file: `${name}.sql`,
    version: name,
    description: name,
    checksum,
    sha256: checksum,
  },
  ...{ repeatable: false, transactional: true, statements: 1, class: "R1", findings: [], suppressed: [] },
});
const row = (rank: number, script: string, more: Partial<AppliedEntry> = {}) => ({
  ...{ rank, script: `${script}.sql`, checksum: "1", success: true, version: script, description: script },
  ...more,
});
const BASELINE = row(1, "0", { script: "<< Flyway Baseline >>", description: "<< Flyway Baseline >>" });

interface Look {
  readonly pending: readonly ReturnType<typeof file>[];
  readonly entries: readonly object[];
  readonly tree?: string;
  readonly server?: number;
  readonly level?: ChangeClass;
}

/** A plan as it is made when the database stands so. */
const planned = ({ pending, entries, tree = "t", server = 16, level = "R1" }: Look): SavedMigrations => {
  const target = { place: "db:5432/app", version: server, user: "app" };
  const standing = { target, history: { table: "app.history", exists: true, version: null, entries } };
  const migration = { tool: "builtin", toolVersion: null, target, migrations: pending, changes: [] };
  const inspection = { class: level };
  const parts = { standing, migration, inspection, inputTree: tree } as unknown as SavedMigrations;
  const summary = { migration, inspection } as unknown as SavedMigrations["summary"];
  return { ...parts, summary, digest: migrationDigest({ key }, input, { ...parts, class: level }) };
};

/** Approved as `before`, of which a run did V1 and V2; then somebody looks at it as `now`. */
const goesOn = async (before: Look, now: Look, done = ["1", "2"]) => {
  const workspace = `acme/infra//a#${++last}`;
  const run = `run_${last}`;
  await ledger.runs.create({
    ...{ id: run, workspace, kind: "apply", pull, head: "h", base: "b", trigger: "merge" },
    ...{ requestedBy: "ann", createdAt: new Date(), input: {} },
  });
  const { digest, summary } = planned(before);
  await ledger.plans.add({
    ...{ run, workspace, pull, head: "h", base: "b", digest: digest.digest, digestParts: digest.parts },
    ...{ summary: summary as never, planArtifact: null, jsonArtifact: null, createdAt: new Date() },
  });
  await ledger.migrations.put(
    done.map((script) => ({
      ...{ run, workspace, script: `${script}.sql`, statement: 0, version: script, checksum: "1" },
      ...({ state: "applied", statements: 1, transactional: true, attempt: 1, backend: null } as const),
      ...{ milliseconds: 5, rehearsed: null, message: null, at: new Date() },
    })),
  );
  const scratch = { run: { id: "now", workspace, pull }, log: { line: () => {} } } as unknown as Scratch;
  const saved = await asApproved({ ledger, key }, scratch, input, planned(now));
  return {
    holds: saved.digest.digest === digest.digest,
    begun: saved.migration.begun?.map((one) => one.script),
  };
};

const [one, two, three] = [file("1"), file("2"), file("3")];
const BEFORE: Look = { pending: [one, two, three], entries: [row(1, "0")] };
const NOW: Look = { pending: [three], entries: [row(1, "0"), row(2, "1"), row(3, "2")] };

test("what is left of an approved plan is part of it, whether something is left or not", async () => {
  expect(await goesOn(BEFORE, NOW)).toEqual({ holds: true, begun: ["1.sql", "2.sql"] });
  const all = { pending: [], entries: [...NOW.entries, row(4, "3")] };
  expect(await goesOn(BEFORE, all, ["1", "2", "3"])).toMatchObject({ holds: true });
  // Ranks need no order without gaps: a failed row may have stood there.
  const gap = { ...NOW, entries: [row(1, "0"), row(2, "1"), row(7, "2")] };
  expect(await goesOn(BEFORE, gap)).toMatchObject({ holds: true });
  const fresh = { ...BEFORE, entries: [] };
  const begun = { ...NOW, entries: [BASELINE, row(2, "1"), row(3, "2")] };
  expect(await goesOn(fresh, begun)).toMatchObject({ holds: true });
});

test("what is left may be less than all of it was", async () => {
  expect(await goesOn({ ...BEFORE, level: "R4" }, NOW)).toMatchObject({ holds: true });
});

test.each<[string, Look, (readonly string[])?]>([
  ["a file that is left was changed", { ...NOW, pending: [file("3", "2")] }],
  ["another file of the folder was changed", { ...NOW, tree: "u" }],
  ["a file came", { ...NOW, pending: [three, file("4")] }],
  ["a file went", { ...NOW, pending: [] }],
  ["somebody else ran something", { ...NOW, entries: [...NOW.entries, row(4, "hand")] }],
  [
    "somebody else ran something before",
    { ...NOW, entries: [row(1, "0"), row(2, "hand"), ...NOW.entries.slice(1)] },
  ],
  [
    "the history before is another one",
    { ...NOW, entries: [row(1, "0", { checksum: "9" }), ...NOW.entries.slice(1)] },
  ],
  ["they ran in another order", { ...NOW, entries: [row(1, "0"), row(2, "2"), row(3, "1")] }],
  ["one of them failed", { ...NOW, entries: [row(1, "0"), row(2, "1"), row(3, "2", { success: false })] }],
  ["the server is another one", { ...NOW, server: 17 }],
  ["rows that came make it worse", { ...NOW, level: "R4" }],
  ["one of them was not run by us", NOW, ["1"]],
  ["none of it was run by us", NOW, []],
])("it is a plan of its own where %s", async (_what, now, done) => {
  expect(await goesOn(BEFORE, now, done && [...done])).toEqual({ holds: false, begun: undefined });
});
