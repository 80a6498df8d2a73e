import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rehearsalGates } from "../../src/gate/rehearsal.ts";
import type { MigrationTool } from "../../src/model/database.ts";
import type { Rehearsal } from "../../src/model/rehearsal.ts";
import type { DataChange } from "../../src/model/schema-context.ts";
import type { MigrationCall } from "../../src/ports/migrations.ts";
import { cli } from "../cli/world.ts";
import {
  callOf,
  engineOf,
  type Files,
  folderOf,
  freshDatabase,
  migrateAll,
  start,
  statement,
  stop,
  toolEnvironment,
  withoutTools,
} from "./world.ts";

const BASE = `create table orders (id bigint generated always as identity primary key, total int not null, note text);
create table lines (id int primary key, order_id bigint);
insert into lines values (1, 1), (2, 1);`;
const WIDER = "alter table orders alter total type bigint;\nupdate lines set order_id = 2 where id = 1;";
const INDEX = "create index concurrently lines_order on lines (order_id);";
const VIEW = "create or replace view sums as select order_id, count(*) as n from lines group by 1;";

const FLYWAY: Files = { "V2__wider.sql": WIDER, "V3__index.sql": INDEX, "R__sums.sql": VIEW };
const ROOT = "--liquibase formatted sql\n--changeset me:1\n";
const LIQUIBASE = `${ROOT}${BASE}
--changeset me:2\n${WIDER}
--changeset me:3 runInTransaction:false\n${INDEX}
--changeset me:4 runOnChange:true\n${VIEW}`;
const WORDS: Readonly<Record<MigrationTool, { readonly before: Files; readonly pending: Files }>> = {
  builtin: { before: { "V1__base.sql": BASE }, pending: FLYWAY },
  flyway: { before: { "V1__base.sql": BASE }, pending: FLYWAY },
  liquibase: { before: { "db.changelog.sql": ROOT + BASE }, pending: { "db.changelog.sql": LIQUIBASE } },
};

const write = (dir: string, files: Files): void => {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
};

/** Everything but names of migrations, places in files and times. */
const facts = ({ current, empty, diff, again, notes, gaps, copy }: Rehearsal) => ({
  current: current.migrations.map(({ transactional, statements }) => ({
    transactional,
    statements: statements.map(({ statement: text, rows, locks, rewrites }) => ({
      ...{ text, rows, rewrites },
      locks: locks?.map(({ relation, mode }) => `${mode} ${relation}`) ?? null,
    })),
  })),
  failures: [current.failure, empty.failure],
  empty: empty.migrations.length,
  ...{ diff, again, notes, gaps, copy },
});

/** What is asked for a rehearsal, in memory or where `copy` is. */
const asks = (tool: MigrationTool, dir: string, url: string, copy: string | null = null): MigrationCall => {
  const plain = callOf(tool, dir, url);
  const held = { ...plain.database.url, rehearsal: copy === null ? null : { env: "X" } };
  const rehearsal = { enabled: true, rowLimit: 100, timeoutSeconds: 600 };
  return {
    ...plain,
    database: { ...plain.database, url: held, rehearsal },
    url: async (identity) => (identity === "rehearsal" ? (copy ?? url) : url),
  };
};

describe.skipIf(withoutTools !== null)(
  `a rehearsal, by three tools${withoutTools === null ? "" : `: ${withoutTools}`}`,
  () => {
    beforeAll(start, 120_000);
    afterAll(stop, 120_000);

    test("tells the same whichever tool runs the files: statements, locks, rows, rewrites, what the schema becomes, no second run", async () => {
      const told: Rehearsal[] = [];
      for (const tool of ["builtin", "flyway", "liquibase"] as const) {
        const { before, pending } = WORDS[tool];
        const engine = await engineOf(tool);
        const [dir, url] = [folderOf(before), await freshDatabase()];
        const asked = asks(tool, dir, url);
        expect(await migrateAll(engine, asked)).toMatchObject({ failure: null });
        write(dir, pending);
        const made = await engine.rehearse(asked, []);
        if (made) told.push(made);
      }
      const [builtin, flyway, liquibase] = told.map(facts);
      expect(builtin).toMatchObject({ failures: [null, null], empty: 4, notes: [], gaps: undefined });
      expect(builtin?.again).toEqual({ pending: [], changes: [], failure: null });
      expect(flyway).toEqual(builtin);
      expect(liquibase).toEqual(builtin);
      expect(told[2]?.current.migrations.map(({ script }) => script)).toEqual(
        ["2", "3", "4"].map((id) => `db.changelog.sql::${id}::me`),
      );
    });

    test("of Liquibase: a copy with rows proves a large change, its own word says what would run again, and a failure has its place", async () => {
      const engine = await engineOf("liquibase");
      const [dir, url, copy] = [
        folderOf({ "db.changelog.sql": ROOT + BASE }),
        await freshDatabase(),
        await freshDatabase(),
      ];
      const call = asks("liquibase", dir, url, copy);
      for (const each of [url, copy])
        expect(await migrateAll(engine, callOf("liquibase", dir, each))).toMatchObject({ failure: null });
      await statement(
        copy,
        "insert into orders (total) select 1 from generate_series(1, 500);; analyze orders",
      );
      write(dir, {
        "db.changelog.sql": `${ROOT}${BASE}\n--changeset me:2 runAlways:true\nupdate orders set total = 2;`,
      });
      const made = await engine.rehearse(call, []);
      expect(made).toMatchObject({
        copy: { rows: { "public.orders": 500 } },
        notes: [],
        current: { failure: null },
      });
      expect(made?.current.migrations[0]?.statements[0]).toMatchObject({ rows: 500 });
      expect(made?.again?.pending).toEqual(["db.changelog.sql::2::me"]);
      const change: DataChange = {
        file: "db.changelog.sql::2::me",
        line: 1,
        table: "public.orders",
        counted: "public.orders",
        rows: 500,
      };
      const gates = (rehearsal: Rehearsal | null) =>
        rehearsalGates({ rehearsal, required: true, changes: [change], rowLimit: 100 }).map(
          ({ gate }) => gate,
        );
      expect(gates(made ?? null)).toEqual(["rehearsal-unfinished"]);

      write(dir, {
        "db.changelog.sql": `${ROOT}${BASE}\n--changeset me:2\nselect 1;\nselect no_such from lines;`,
      });
      const failed = await engine.rehearse(call, []);
      expect(failed?.current.failure).toMatchObject({
        script: "db.changelog.sql::2::me",
        line: 3,
        state: "42703",
      });
      expect(failed?.again).toBe(null);
    });

    test("of Liquibase: what its SQL does not tell is named by changeset, and proves no large change", async () => {
      const engine = await engineOf("liquibase");
      const set = (id: number, body: string) => `  - changeSet:\n      id: ${id}\n      author: me\n${body}`;
      const dir = folderOf({
        "changelog.yaml": [
          "databaseChangeLog:",
          set(
            1,
            "      changes:\n        - createTable: {tableName: a, columns: [{column: {name: id, type: int}}]}",
          ),
          set(2, "      changes:\n        - loadData: {tableName: a, file: a.csv}"),
          set(3, "      changes:\n        - executeCommand: {executable: 'true'}"),
          set(
            4,
            "      preConditions:\n        - onFail: MARK_RAN\n        - tableExists: {tableName: zz}\n      changes:\n        - sql: {sql: 'create table b (id int)'}",
          ),
          "",
        ].join("\n"),
        "a.csv": "id\n1\n2\n",
      });
      const made = await engine.rehearse(asks("liquibase", dir, await freshDatabase()), []);
      expect(made?.gaps?.map(({ script, unseen }) => [script.split("::")[1], unseen])).toEqual([
        ["2", false],
        ["3", true],
        ["4", false],
      ]);
      const rehearsal = made ? { ...made, copy: { rows: { "public.a": 500 } } } : null;
      const change: DataChange = {
        file: "changelog.yaml::4::me",
        line: 1,
        table: "public.a",
        counted: "public.a",
        rows: 500,
      };
      expect([made?.current.failure, made?.empty.failure, made?.again]).toEqual([
        null,
        null,
        { pending: [], changes: [], failure: null },
      ]);
      const [gate] = rehearsalGates({ rehearsal, required: true, changes: [change], rowLimit: 100 });
      expect(gate?.details).toEqual([
        expect.stringContaining("has preconditions"),
        expect.stringContaining("changelog.yaml::3::me runs more than SQL"),
      ]);
    });

    test.each(["flyway", "liquibase"] as const)("at the terminal too: %s", async (tool) => {
      const { before } = WORDS[tool];
      const args = ["--url", await freshDatabase(), "--tool", tool, "--rehearse", "--json"];
      const { code, out, err } = await cli(["sql", "plan", folderOf(before), ...args], {
        env: toolEnvironment(),
      });
      expect([err, code]).toEqual(["", 0]);
      expect(JSON.parse(out).rehearsal).toMatchObject({
        current: { failure: null, migrations: [{}] },
        again: { pending: [] },
      });
    });
  },
);
