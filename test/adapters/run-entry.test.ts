import { expect, test } from "vitest";
import { lookAtMigration } from "../../src/adapters/builtin-look.ts";
import { repairMigration } from "../../src/adapters/builtin-repair.ts";
import type { MigrationFolder } from "../../src/adapters/flyway-folder.ts";
import type { Target } from "../../src/adapters/pg-session.ts";
import type { HistoryRow } from "../../src/migration/history.ts";

const row = (rank: number, more: Partial<HistoryRow>): HistoryRow => ({
  ...{ rank, version: null, description: "x", type: "SQL", script: "R__x.sql", checksum: 1, success: true },
  ...{ installedBy: "a", installedOn: null, milliseconds: 1, ...more },
});
const V2 = { version: "2", script: "V2__x.sql" };
const UNDONE = [row(1, V2), row(2, { version: "2", script: "U2__x.sql", type: "UNDO_SQL" })];
const LAST = { state: "running", statements: 1, attempt: 1, backend: null } as const;

const notAsked = (): never => {
  throw new Error("not asked");
};

/** What a look says of a run of the file with checksum 2 or its own, and whether a repair may go on. */
const judged = async (history: readonly HistoryRow[], last: object, transactional = false) => {
  const target = { query: async () => [{ got: true }], run: async () => 0 } as unknown as Target;
  const folder = {
    ...{ history, place: { schema: "public", table: "h" } },
    resolved: { migrations: [], baselines: [] },
  } as unknown as MigrationFolder;
  const step = { ...LAST, version: null, script: "R__x.sql", checksum: "2", statement: 1, ...last };
  const look = await lookAtMigration(target, folder, {
    parse: Object.assign(notAsked, { plpgsql: notAsked }),
    last: { ...step, transactional },
  });
  const repair = repairMigration(target, folder, step.script, step.checksum);
  return [
    look.state,
    await repair.then(
      () => "repaired",
      ({ code }) => code,
    ),
  ];
};

test("a file's own row says what became of its run, not one of before it changed or was undone", async () => {
  const failed = row(3, { checksum: 2, success: false });
  // Changed since it ran: nothing was sent yet; it failed half-way; it is done.
  expect(await judged([row(1, {})], {})).toEqual(["failed-clean", "repaired"]);
  expect((await judged([row(1, {}), failed], { statement: 2 }))[1]).toBe("repaired");
  expect(await judged([row(1, {}), row(3, { checksum: 2 })], {})).toEqual(["applied", "sql-invalid"]);
  // Undone, run again and taken back with its connection; not undone.
  const again = { ...V2, checksum: "1" };
  expect(await judged(UNDONE, again, true)).toEqual(["failed-clean", "repaired"]);
  expect(await judged([...UNDONE, row(3, V2)], again, true)).toEqual(["applied", "sql-invalid"]);
  expect((await judged([...UNDONE, row(3, { ...V2, success: false })], again))[1]).toBe("repaired");
});
