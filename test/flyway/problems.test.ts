import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { flyway, folderOf, freshDatabase, missing, ours, start, statement, stop } from "./world.ts";

/** What Flyway calls the problems that we tell. */
const OURS: Readonly<Record<string, string>> = {
  CHECKSUM_MISMATCH: "checksum-changed",
  DESCRIPTION_MISMATCH: "description-changed",
  TYPE_MISMATCH: "type-changed",
  APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED: "missing",
  APPLIED_REPEATABLE_MIGRATION_NOT_RESOLVED: "missing",
  RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED: "out-of-order",
  FAILED_VERSIONED_MIGRATION: "failed",
  FAILED_REPEATABLE_MIGRATION: "failed",
  DUPLICATE_VERSIONED_MIGRATION: "same-version",
  DUPLICATE_REPEATABLE_MIGRATION: "same-version",
};

interface Story {
  /** Applied first, by ours. */
  readonly first: Readonly<Record<string, string>>;
  /** What is written into the history then, parted by `;;`; `h` stands for its table. */
  readonly history?: string;
  /** The folder afterwards; what it was where left out. */
  readonly last?: Readonly<Record<string, string>>;
  readonly theirs?: readonly string[];
  readonly ours?: readonly string[];
}

const V1 = { "V1__a.sql": "select 1;" };
const V2 = { "V2__b.sql": "select 2;" };
const V3 = { "V3__c.sql": "select 3;" };
const R = { "R__r.sql": "select 'r';" };
const ALL = { ...V1, ...V2, ...V3, ...R };
const row = (
  rank: number,
  version: string | null,
  type: string,
  more: Record<string, string> = {},
): string => {
  const values: Record<string, string> = {
    installed_rank: String(rank),
    version: version === null ? "null" : `'${version}'`,
    description: "'x'",
    type: `'${type}'`,
    script: "'x'",
    checksum: "null",
    installed_by: "'me'",
    execution_time: "0",
    success: "true",
    ...more,
  };
  return `insert into h (${Object.keys(values).join(", ")}) values (${Object.values(values).join(", ")})`;
};

const STORIES: Readonly<Record<string, Story>> = {
  "nothing wrong": { first: ALL },
  "a changed file": { first: ALL, last: { ...ALL, "V2__b.sql": "select 22;" } },
  "another description": { first: ALL, last: { ...V1, ...V3, ...R, "V2__other.sql": "select 2;" } },
  "both changed": { first: ALL, last: { ...V1, ...V3, ...R, "V2__other.sql": "select 22;" } },
  "a file in the middle is gone": { first: ALL, last: { ...V1, ...V3, ...R } },
  "the newest file is gone": { first: ALL, last: { ...V1, ...V2, ...R } },
  "every versioned file is gone": { first: ALL, last: R },
  "a repeatable is gone": { first: ALL, last: { ...V1, ...V2, ...V3 } },
  "a late version": { first: { ...V1, ...V3 }, last: ALL },
  "a late version, which may run": {
    first: { ...V1, ...V3 },
    last: ALL,
    theirs: ["outOfOrder=true"],
    ours: ["--out-of-order"],
  },
  "a changed repeatable": { first: ALL, last: { ...ALL, "R__r.sql": "select 'other';" } },
  "a failed version": { first: ALL, history: "update h set success = false where version = '3'" },
  "a failed version in the middle": {
    first: ALL,
    history: "update h set success = false where version = '2'",
  },
  "a failed version whose file is gone": {
    first: ALL,
    history: "update h set success = false where version = '2'",
    last: { ...V1, ...V3, ...R },
  },
  "a failed version newer than the folder": {
    first: ALL,
    history: "update h set success = false where version = '3'",
    last: { ...V1, ...V2, ...R },
  },
  "a failed repeatable": { first: ALL, history: "update h set success = false where version is null" },
  "a failed repeatable that then worked": {
    first: ALL,
    history: `${row(5, null, "SQL", { description: "'r'", success: "false" })};;update h set installed_rank = 6 where installed_rank = 4`,
  },
  "a failed version, and a late one": {
    first: ALL,
    history: "update h set success = false where version = '3'",
    last: { ...ALL, "V2_5__late.sql": "select 1;" },
  },
  "a failed version that was repaired": { first: ALL, history: "delete from h where version = '3'" },
  "two files of one version": { first: {}, last: { ...V1, "V1__b.sql": "select 1;" } },
  "two spellings of one version": { first: {}, last: { ...V1, "sub/V1.0__b.sql": "select 1;" } },
  "two repeatables of one description": { first: {}, last: { ...R, "sub/R__r.sql": "select 1;" } },
  "no checksum in the history": { first: ALL, history: "update h set checksum = null where version = '2'" },
  "no checksum of a repeatable": {
    first: ALL,
    history: "update h set checksum = null where version is null",
  },
  "no description in the history": {
    first: ALL,
    history: "update h set description = '' where version = '2'",
  },
  "another spelling of the version": {
    first: ALL,
    history: "update h set version = '2.0' where version = '2'",
  },
  "a Java migration whose class is not here": { first: ALL, history: row(5, "2.5", "JDBC") },
  "a newer Java migration": { first: ALL, history: row(5, "4", "JDBC") },
  "a Java migration where a file is": {
    first: ALL,
    history: "update h set type = 'JDBC' where version = '2'",
  },
  "a newer Java migration where a file is": {
    first: ALL,
    history: "update h set type = 'JDBC' where version = '3'",
  },
  "a repeatable of Java": { first: ALL, history: row(5, null, "JDBC", { description: "'j'" }) },
  "a deleted version": { first: ALL, history: row(5, "2", "DELETE"), last: { ...V1, ...V3, ...R } },
  "a deleted version whose file is back": { first: ALL, history: row(5, "2", "DELETE") },
  "the newest version deleted, its file back": { first: ALL, history: row(5, "3", "DELETE") },
  "a deleted repeatable": {
    first: ALL,
    history: row(5, null, "DELETE", { description: "'r'" }),
    last: { ...V1, ...V2, ...V3 },
  },
  "a deleted repeatable whose file is back": {
    first: ALL,
    history: row(5, null, "DELETE", { description: "'r'" }),
  },
  "a schema's row": {
    first: ALL,
    history: `${row(0, null, "SCHEMA", { description: "'<< Flyway Schema Creation >>'", script: "'\"public\"'" })}`,
  },
  "files below a baseline": {
    first: { ...V3 },
    history: "delete from h;;" + row(1, "2", "BASELINE"),
    last: ALL,
  },
  "a baseline above applied versions": {
    first: ALL,
    history: row(5, "3", "BASELINE"),
    last: { ...V3, ...R },
  },
  "a baseline file's row": {
    first: { "B2__base.sql": "select 1;", ...V3 },
    last: { ...V1, ...V2, ...V3, "B2__base.sql": "select 1;" },
  },
  "a changed baseline file": {
    first: { "B2__base.sql": "select 1;", ...V3 },
    last: { "B2__base.sql": "select 2;", ...V3 },
  },
  "a baseline file that is gone": { first: { "B2__base.sql": "select 1;", ...V3 }, last: V3 },
  "a baseline file that came later": {
    first: { ...V1, ...V2 },
    last: { ...V1, ...V2, ...V3, "B2__base.sql": "select 1;" },
  },
  "a baseline file above what is applied": {
    first: V1,
    last: { ...V1, ...V2, ...V3, "B2__base.sql": "select 1;" },
  },
  "missing, which is allowed": {
    first: ALL,
    last: V3,
    theirs: ["ignoreMigrationPatterns=*:missing"],
    ours: ["--ignore", "*:missing"],
  },
  "missing, where only repeatables may be": {
    first: ALL,
    last: { ...V1, ...V3 },
    theirs: ["ignoreMigrationPatterns=repeatable:missing"],
    ours: ["--ignore", "repeatable:missing"],
  },
  "late, which is passed over": {
    first: { ...V1, ...V3 },
    last: ALL,
    theirs: ["ignoreMigrationPatterns=versioned:ignored"],
    ours: ["--ignore", "versioned:ignored"],
  },
  "newer, which is not allowed": {
    first: ALL,
    last: { ...V1, ...V2, ...R },
    theirs: ["ignoreMigrationPatterns=*:missing"],
    ours: ["--ignore", "*:missing"],
  },
};

const LATE = { "V99__last.sql": "select 99;" };

describe.skipIf(missing !== null)(
  `what speaks against a run${missing === null ? "" : `: ${missing}`}`,
  () => {
    beforeAll(start, 120_000);
    afterAll(stop, 120_000);

    test.each(Object.entries(STORIES))(
      "%s: ours tells what Flyway tells, and would run the same",
      async (_, story) => {
        const url = await freshDatabase();
        const first = await ours("migrate", url, [folderOf(story.first)]);
        expect(first.json.error).toBe(undefined);
        if (story.history) await statement(url, story.history.replaceAll(/\bh\b/g, "flyway_schema_history"));
        const dir = folderOf({ ...(story.last ?? story.first), ...(story.last === undefined ? {} : LATE) });
        const patterns = story.theirs?.find((given) => given.startsWith("ignoreMigrationPatterns="));
        const ignored =
          patterns === undefined ? "ignoreMigrationPatterns=*:future,*:pending" : `${patterns},*:pending`;
        const settings = [...(story.theirs ?? []).filter((given) => given !== patterns), ignored];

        const [validated, info] = await flyway(url, dir, ["validate", "info"], settings);
        const { json } = await ours("plan", url, [dir], story.ours);
        const theirs = validated?.error
          ? [(validated.error as { errorCode?: string }).errorCode ?? ""]
          : (validated?.invalidMigrations ?? []).map(({ errorDetails }) => errorDetails.errorCode);
        expect(json.error).toBe(undefined);
        expect(json.problems.map(({ problem }: { problem: string }) => problem).toSorted()).toEqual(
          theirs.map((code) => OURS[code] ?? code).toSorted(),
        );
        if (theirs.length > 0) return;
        const run = (info?.migrations ?? []).filter(({ state }) => state === "Pending");
        const ran = await ours("migrate", url, [dir], story.ours);
        expect(ran.json.applied.map(({ version }: { version: string | null }) => version ?? "")).toEqual(
          run.map(({ version }) => version),
        );
        const [again] = await flyway(url, dir, ["migrate"], settings);
        expect(again).toMatchObject({ migrationsExecuted: 0 });
      },
    );
  },
);
