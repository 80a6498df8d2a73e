import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { MigrationTool } from "../../src/model/database.ts";
import type { MigrationStep } from "../../src/model/migration.ts";
import {
  callOf,
  engineOf,
  type Files,
  folderOf,
  freshDatabase,
  rowsOf,
  start,
  statement,
  stop,
  withoutTools,
} from "./world.ts";

/** One story, in the words of each tool. */
interface Words {
  readonly files: Files;
  readonly scripts: readonly string[];
  /** Changes the first migration, takes it away, adds one that fails and one that is fine. */
  readonly changed: (dir: string) => void;
  readonly gone: (dir: string) => void;
  readonly broken: (dir: string) => void;
}

const [ONE, TWO, VIEW] = [
  "create table a (id int);",
  "insert into a values (${n});",
  "create or replace view v as select count(*) as n from a;",
];
const BROKEN = "create table b (id int);\ninsert into b select 'geheim'::no_such_type;";

const put = (file: string, text: string) => (dir: string) => writeFileSync(join(dir, file), text);
const flywayWords: Words = {
  files: { "V1__one.sql": ONE, "V2__two.sql": TWO, "R__view.sql": VIEW },
  scripts: ["V1__one.sql", "V2__two.sql", "R__view.sql"],
  changed: put("V1__one.sql", "create table a (id bigint);"),
  gone: (dir) => rmSync(join(dir, "V1__one.sql")),
  broken: put("V3__broken.sql", BROKEN),
};
const changelog = (...sets: readonly string[]): string =>
  ["--liquibase formatted sql", ...sets.map((set, index) => `--changeset me:${index + 1}\n${set}`)].join(
    "\n",
  );
const liquibaseWords: Words = {
  files: { "db.changelog.sql": changelog(ONE, TWO, VIEW) },
  scripts: ["1", "2", "3"].map((id) => `db.changelog.sql::${id}::me`),
  changed: put("db.changelog.sql", changelog("create table a (id bigint);", TWO, VIEW)),
  gone: put("db.changelog.sql", changelog(ONE, TWO)),
  broken: put("db.changelog.sql", changelog(ONE, TWO, VIEW, BROKEN)),
};
const WORDS: Readonly<Record<MigrationTool, Words>> = {
  builtin: flywayWords,
  flyway: flywayWords,
  liquibase: liquibaseWords,
};

const open = async (tool: MigrationTool) => {
  const engine = await engineOf(tool);
  const url = await freshDatabase();
  const dir = folderOf(WORDS[tool].files);
  const call = callOf(tool, dir, url);
  const steps: MigrationStep[] = [];
  const migrate = async () => {
    const { pending } = await engine.plan(call);
    const progress = async (step: MigrationStep) => void steps.push(step);
    return engine.migrate(call, { expected: pending, progress });
  };
  return { engine, url, dir, call, steps, migrate };
};

const TOOLS: readonly MigrationTool[] = ["builtin", "flyway", "liquibase"];
const without = withoutTools;

describe.skipIf(without !== null)(
  `one contract, three tools${without === null ? "" : `: ${without}`}`,
  () => {
    beforeAll(start, 120_000);
    afterAll(stop, 120_000);

    test.each(TOOLS)("%s: plan, run, plan again; nothing is written by a plan", async (tool) => {
      const { engine, url, call, steps, migrate } = await open(tool);
      const before = await engine.plan(call);
      expect(before).toMatchObject({
        tool,
        problems: [],
        history: { exists: false, version: null, entries: [] },
      });
      expect(before.pending.map(({ script }) => script)).toEqual(WORDS[tool].scripts);
      expect(before.pending.map(({ transactional }) => transactional)).toEqual([true, true, true]);
      expect(before.pending[1]?.sql).toContain("41");
      expect(await rowsOf(url, "select 1 from pg_tables where schemaname = 'public'")).toEqual([]);

      const { applied, failure } = await migrate();
      expect(failure).toBe(null);
      expect(applied.map(({ script }) => script)).toEqual(WORDS[tool].scripts);
      expect(steps.map(({ script, state }) => `${state} ${script}`)).toEqual(
        WORDS[tool].scripts.flatMap((script) => [`running ${script}`, `applied ${script}`]),
      );
      expect(await rowsOf(url, "select id from a")).toEqual([{ id: 41 }]);
      const after = await engine.plan(call);
      expect(after).toMatchObject({ problems: [], pending: [], history: { exists: true } });
      const kept = after.history.entries.map(({ script, checksum, success }) => ({
        script,
        checksum,
        success,
      }));
      expect(kept).toEqual(
        before.pending.map(({ script, checksum }) => ({ script, checksum, success: true })),
      );
      expect(await migrate()).toMatchObject({ applied: [], failure: null });
    });

    test.each(TOOLS)("%s: a changed and a missing migration stop every run", async (tool) => {
      const { engine, dir, call, migrate } = await open(tool);
      await migrate();
      WORDS[tool].changed(dir);
      const { problems } = await engine.plan(call);
      expect(problems.map(({ problem }) => problem)).toEqual(["checksum-changed"]);
      await expect(migrate()).rejects.toMatchObject({ code: "sql-invalid" });
      WORDS[tool].gone(dir);
      expect((await engine.plan(call)).problems.map(({ problem }) => problem)).toEqual(["missing"]);
    });

    test.each(TOOLS)(
      "%s: a failure is a result, its end is known, and nothing of the statement is told",
      async (tool) => {
        const { engine, url, dir, call, steps, migrate } = await open(tool);
        await migrate();
        WORDS[tool].broken(dir);
        const { applied, failure } = await migrate();
        expect(applied).toEqual([]);
        expect(failure).toMatchObject({
          state: "failed-clean",
          message: expect.stringContaining("no_such_type"),
        });
        expect(failure?.message).not.toContain("geheim");
        expect(await rowsOf(url, "select 1 from pg_tables where tablename = 'b'")).toEqual([]);
        const last = steps.at(-1);
        if (last)
          expect(await engine.look(call, last)).toMatchObject({ state: "failed-clean", running: false });
        expect((await engine.plan(call)).pending).toHaveLength(1);
      },
    );

    test.each(TOOLS)("%s: something else than was reviewed does not run", async (tool) => {
      const { engine, url, call } = await open(tool);
      const expected = [{ script: "V1__other.sql", checksum: "1" }];
      const order = { expected, progress: async () => {} };
      await expect(engine.migrate(call, order)).rejects.toMatchObject({ code: "plan-changed" });
      expect(await rowsOf(url, "select 1 from pg_tables where tablename = 'a'")).toEqual([]);
    });

    test.each(TOOLS)(
      "%s: drift tells what somebody changed by hand, and nothing of the tool's own tables",
      async (tool) => {
        const { engine, url, call, migrate } = await open(tool);
        await migrate();
        expect(Object.keys((await engine.context(call)).tables)).toContain("public.a");
        expect((await engine.drift(call)).findings).toEqual([]);
        await statement(url, "alter table a add column by_hand text");
        const { findings } = await engine.drift(call);
        expect(findings.map(({ address, cause }) => `${address} ${cause}`)).toEqual([
          "table public.a unmanaged",
        ]);
      },
    );

    test("Flyway's file that refuses a transaction and fails half-way is known as such, and its repair clears it", async () => {
      const { engine, dir, call, migrate } = await open("flyway");
      await migrate();
      put(
        "V3__i.sql",
        "create index concurrently i on a (id);\ncreate index concurrently j on nowhere (id);",
      )(dir);
      const { failure } = await migrate();
      expect(failure).toMatchObject({ script: "V3__i.sql", state: "failed-partial", sqlState: "42P01" });
      expect((await engine.plan(call)).problems.map(({ problem }) => problem)).toEqual(["failed"]);
      await engine.repair(call, "V3__i.sql");
      expect((await engine.plan(call)).problems).toEqual([]);
    });

    test("Liquibase's lock that a dead run left is told, and repair gives it back", async () => {
      const { engine, url, dir, call, migrate } = await open("liquibase");
      await migrate();
      await statement(
        url,
        "update databasechangeloglock set locked = true, lockgranted = now(), lockedby = 'gone'",
      );
      WORDS.liquibase.broken(dir);
      const [pending] = (await engine.plan(call)).pending;
      const { script = "", version = null, checksum = "", transactional = null } = pending ?? {};
      const last = { script, version, checksum, transactional, state: "running" as const };
      const step = { ...last, statement: 0, statements: 0, attempt: 1, backend: null };
      expect(await engine.look(call, step)).toMatchObject({ state: "unknown", running: true });
      await engine.repair(call, script);
      expect(await engine.look(call, step)).toMatchObject({ state: "failed-clean", running: false });
    });
  },
);
