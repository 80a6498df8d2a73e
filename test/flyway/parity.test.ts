import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Files,
  flyway,
  folderOf,
  freshDatabase,
  historyOf,
  missing,
  ours,
  rowsOf,
  start,
  statement,
  stop,
} from "./world.ts";

interface Scenario {
  readonly files: Files;
  /** Settings of Flyway's, and the same in our words. */
  readonly theirs?: readonly string[];
  readonly ours?: readonly string[];
  /** Statements that make the database what it is before the run, parted by `;;`. */
  readonly before?: string;
  readonly table?: string;
}

const log = "create table log (what text, n int generated always as identity);";
const note = (what: string): string => `insert into log (what) values ('${what}');`;

const CALLBACKS: Files = Object.fromEntries(
  [
    "beforeMigrate",
    "beforeEachMigrate",
    "beforeEachMigrateStatement",
    "afterEachMigrate",
    "afterEachMigrateStatement",
    "afterEachMigrateError",
    "afterMigrate",
    "afterMigrateError",
    "afterMigrateApplied",
    "afterMigrateOperationFinish",
    "afterVersioned",
    "beforeRepeatables",
    "beforeValidate",
    "afterValidate",
    "afterValidateError",
    "beforeInfo",
    "afterInfo",
    "beforeBaseline",
    "afterBaseline",
    "beforeConnect",
    "afterConnect",
    "createSchema",
    "beforeCreateSchema",
    "afterCreateSchema",
    "afterEachMigrateStatementError",
    "afterBaselineError",
    "beforeClean",
    "beforeRepair",
    "beforeUndo",
  ].map((event) => [`${event}.sql`, note(event)]),
);

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  "versions, repeatables, subfolders and every way to write a version": {
    files: {
      "V1__first_one.sql": "create table a (id int);\n\n-- é\n",
      "V1_1__sub_version.sql": "create table b (id int);",
      "V1.2__dots.sql": "create table c (id int);",
      "V2.0__zero.sql": "create table d (id int);",
      "deep/er/V003__zeros.sql": "create table e (id int);",
      "V20260101120000__stamp.sql": "create table f (id int);",
      "V4___three__and_more.sql": "create table g (id int);",
      "V5.sql": "create table h (id int);",
      "V6__.sql": "create table i (id int);",
      "R__A view.sql": "create or replace view v as select 1 as one;",
      "R__B_view.sql": "create or replace view w as select * from v;",
      "R__b2.sql": "select 1;",
      "U1__first_one.sql": "drop table a;",
      "notes.sql": "this is no migration",
      "readme.txt": "nor is this",
    },
  },
  "line ends and a byte order mark": {
    files: {
      "V1__crlf.sql": "create table a (id int);\r\n\r\ninsert into a\r\n values (1);\r\n",
      "V2__bom.sql": "\uFEFFcreate table b (t text);\nselect '\uFEFF';",
      "V3__cr.sql": "create table c (id int);\rselect 1;\r",
      "V4__empty.sql": "",
      "V5__comment.sql": "-- nothing\n/* at all */\n",
      "V6__blank_ends.sql": "select 1;\n\n\n",
      "R__crlf.sql": "select 1;\r\nselect 2;\r\n",
    },
  },
  placeholders: {
    files: {
      "V1__log.sql": log,
      "V2__own.sql": "insert into log (what) values ('${who}'), ('${WHO}'), ('${two words}');",
      "V3__built_in.sql":
        "insert into log (what) values ('${flyway:defaultSchema}'), ('${flyway:user}'), ('${flyway:filename}'), ('${flyway:table}'), ('${flyway:environment}'); select '${flyway:timestamp}', '${flyway:workingDirectory}', '${flyway:database}';",
      "V4__unclosed.sql": "insert into log (what) values ('$ {who} $who {who} $${who}');",
      "R__own.sql": "insert into log (what) values ('${who}');",
      "afterMigrate.sql": "insert into log (what) values ('${who} after');",
    },
    theirs: ["placeholders.who=anna", "placeholders.two words=yes"],
    ours: ["--placeholder", "who=anna", "--placeholder", "two words=yes"],
  },
  callbacks: {
    files: {
      "V1__log.sql": "select 1;",
      "V2__x.sql": note("V2"),
      "R__y.sql": note("R y"),
      "R__z.sql": note("R z"),
      ...CALLBACKS,
      "beforeMigrate__b second.sql": note("beforeMigrate b"),
      "sub/beforeMigrate__a.sql": note("beforeMigrate a"),
    },
    before: log,
    theirs: ["baselineOnMigrate=true", "baselineVersion=0"],
    ours: ["--baseline-version", "0"],
  },
  "a statement that refuses a transaction": {
    files: {
      "V1__a.sql": "create table a (id int);",
      "V2__index.sql": "create index concurrently i on a (id);\ncreate index concurrently j on a (id);",
      "V3__asked.sql": "insert into a values (1);\ninsert into a values (2);",
      "V3__asked.sql.conf": "executeInTransaction=false\n",
      "V4__vacuum.sql": "vacuum a;",
      "V5__enum.sql": "create type mood as enum ('a');",
      "V6__value.sql": "alter type mood add value 'b';",
    },
  },
  "dollar quotes, COPY, and statements of several lines": {
    files: {
      "V1__f.sql":
        "create function f() returns int language plpgsql as $body$ begin perform 1; return 2; end $body$;\nselect f();",
      "V2__copy.sql":
        "create table a (id int, t text);\ncopy a (id, t) from stdin;\n1\tone\n2\t\\N\n\\.\nselect 1;",
      "V3__atomic.sql":
        "create function g() returns int language sql begin atomic select 1; select 2; end;\nselect g();",
      "V4__comments.sql":
        "/* a; /* nested; */ b; */ select 1; -- c;\nselect ';', E'\\';', \"a\".id from a as \"a\";",
      "V5__do.sql": "do $$ begin execute 'create table made (id int)'; end $$;",
    },
  },
  "a baseline file on an empty database": {
    files: {
      "V1__a.sql": "create table a (id int);",
      "V2__b.sql": "create table b (id int);",
      "B2__base.sql": "create table a (id int); create table b (id int);",
      "V3__c.sql": "create table c (id int);",
      "R__r.sql": "select 1;",
    },
  },
  "a baseline on migrate": {
    files: { "V1__old.sql": "create table old (id int);", "V2__new.sql": "create table new (id int);" },
    before: "create table old (id int)",
    theirs: ["baselineOnMigrate=true", "baselineVersion=1"],
    ours: ["--baseline-version", "1"],
  },
  "a schema and a table of its own": {
    files: { "V1__a.sql": "create table a (id int);", "R__b.sql": "select 1;" },
    theirs: ["schemas=app,more", "table=history"],
    ours: ["--schema", "app", "--schema", "more", "--table", "history"],
    table: "app.history",
  },
  "a schema that is there already": {
    files: { "V1__a.sql": "create table a (id int);" },
    before: "create schema app",
    theirs: ["defaultSchema=app"],
    ours: ["--schema", "app"],
    table: "app.flyway_schema_history",
  },
  "a mixed file": {
    files: {
      "V1__a.sql": "create table a (id int);",
      "V2__b.sql": "insert into a values (1);\ncreate index concurrently i on a (id);",
    },
    theirs: ["mixed=true"],
    ours: ["--mixed"],
  },
  "another encoding, for all files and for one": {
    files: {
      "V1__latin.sql": Buffer.from("create table caf\u00e9 (id int); -- \u0080\n", "latin1"),
      "V2__utf16.sql": Buffer.from("\ufeffselect '\u00e9';\r\n", "utf16le"),
      "V2__utf16.sql.conf": "encoding=UTF-16",
    },
    theirs: ["encoding=ISO-8859-1"],
    ours: ["--encoding", "ISO-8859-1"],
  },
  "a file whose placeholders are left alone": {
    files: {
      "V1__log.sql": log,
      "V2__as_it_is.sql": "insert into log (what) values ('${who}');",
      "V2__as_it_is.sql.conf": "placeholderReplacement=false",
      "R__as_it_is.sql": "insert into log (what) values ('${nobody}');",
      "R__as_it_is.sql.conf": "placeholderReplacement = false\n",
    },
  },
  "callbacks of versions alone": {
    files: { "V1__x.sql": note("V1"), ...CALLBACKS },
    before: log,
    theirs: ["baselineOnMigrate=true", "baselineVersion=0"],
    ours: ["--baseline-version", "0"],
  },
  "callbacks of repeatables alone": {
    files: { "R__x.sql": note("R"), ...CALLBACKS },
    before: log,
    theirs: ["baselineOnMigrate=true", "baselineVersion=0"],
    ours: ["--baseline-version", "0"],
  },
  "callbacks of nothing to do": {
    files: CALLBACKS,
    before: log,
    theirs: ["baselineOnMigrate=true", "baselineVersion=0"],
    ours: ["--baseline-version", "0"],
  },
  "callbacks around what refuses a transaction": {
    files: {
      "V1__x.sql": "create index concurrently i on log (n);\ncreate index concurrently j on log (n);",
      ...CALLBACKS,
    },
    before: log,
    theirs: ["baselineOnMigrate=true", "baselineVersion=0"],
    ours: ["--baseline-version", "0"],
  },
  "a long name": {
    files: {
      [`V1__${"long_".repeat(45)}.sql`]: "select 1;",
      [`deep/${"folder/".repeat(10)}V2__b.sql`]: "select 1;",
    },
  },
};

const places = ({ table = "public.flyway_schema_history" }: Scenario) => table;
const logged = async (url: string) => {
  const [there] = await rowsOf(url, "select to_regclass('public.log') as it");
  return there?.["it"] ? rowsOf(url, "select what from log order by n") : [];
};
const tables = (url: string) =>
  rowsOf(
    url,
    `select n.nspname::text as s, c.relname::text as t, c.relkind::text as k, i.indexdef from pg_class c
       join pg_namespace n on n.oid = c.relnamespace
       left join pg_indexes i on i.indexname = c.relname and i.schemaname = n.nspname
      where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') order by 1, 2`,
  );

describe.skipIf(missing !== null)(`ours and the real Flyway${missing === null ? "" : `: ${missing}`}`, () => {
  beforeAll(start, 120_000);
  afterAll(stop, 120_000);

  test.each(Object.entries(SCENARIOS))(
    "%s: same rows, and either takes over from the other",
    async (_, scenario) => {
      const dir = folderOf(scenario.files);
      const [byThem, byUs] = [await freshDatabase(), await freshDatabase()];
      if (scenario.before !== undefined)
        for (const url of [byThem, byUs]) await statement(url, scenario.before);

      const [theirRun] = await flyway(byThem, dir, ["migrate"], scenario.theirs);
      const ourRun = await ours("migrate", byUs, [dir], scenario.ours);
      expect(theirRun?.error).toBe(undefined);
      expect(ourRun.json.error).toBe(undefined);
      const rows = await historyOf(byThem, places(scenario));
      expect(await historyOf(byUs, places(scenario))).toEqual(rows);
      expect(await logged(byUs)).toEqual(await logged(byThem));
      expect(await tables(byUs)).toEqual(await tables(byThem));

      const [validated, again] = await flyway(byUs, dir, ["validate", "migrate"], scenario.theirs);
      expect(validated).toMatchObject({ validationSuccessful: true });
      expect(again).toMatchObject({ migrationsExecuted: 0 });
      expect((await ours("plan", byThem, [dir], scenario.ours)).json).toMatchObject({
        pending: [],
        problems: [],
      });
      expect((await ours("migrate", byThem, [dir], scenario.ours)).json).toMatchObject({ applied: [] });
      expect(await historyOf(byThem, places(scenario))).toEqual(rows);
    },
  );
});
