import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { refuseOld } from "../../src/adapters/pg-target-server.ts";
import { embedded, rows, server } from "./sql-homes.ts";
import { cli, folderOf } from "./world.ts";

const home = server.missing ? embedded : server;
beforeAll(home.start, 120_000);
afterAll(home.stop, 120_000);

const A = "create table a (id int);\n";
const HISTORY = "flyway_schema_history";

interface Bad {
  /** Applied before anything else. */
  readonly applied?: Readonly<Record<string, string>>;
  /** Then run in the database. */
  readonly before?: string;
  /** Then the folder is this. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly link?: { readonly name: string; readonly to: string };
  /** What `plan` and `migrate` say: what is wrong and where, and what to do. */
  readonly says: RegExp;
  readonly fix: RegExp;
  /** 2: the plan is shown, and denied. 1: nothing could be planned. */
  readonly plan: 1 | 2;
  /** Asked as this role, which only a server knows. */
  readonly as?: string;
}

const BAD: Readonly<Record<string, Bad>> = {
  "a file that does not parse": {
    files: { "V1__a.sql": A, "V2__b.sql": "create table b (id int);\n\n  selec 1;\n" },
    says: /^V2__b\.sql:3:3: syntax error at or near "selec"\.$/,
    fix: /Mend the /,
    plan: 2,
  },
  "versions that are one by value": {
    files: { "V1__a.sql": A, "sub/V01__b.sql": A },
    says: /^Two files have version 1: V1__a\.sql and sub\/V01__b\.sql\.$/,
    fix: /next free version/,
    plan: 2,
  },
  "repeatables of one description": {
    files: { "R__a.sql": "select 1", "sub/R__a.sql": "select 2" },
    says: /^Two repeatable migrations are called a: R__a\.sql and sub\/R__a\.sql\.$/,
    fix: /another description/,
    plan: 2,
  },
  "an applied file that changed": {
    applied: { "V1__a.sql": A },
    files: { "V1__a.sql": `${A}-- more` },
    says: /^V1__a\.sql changed after it was applied/,
    fix: /Put V1__a\.sql back/,
    plan: 2,
  },
  "an applied file that is gone": {
    applied: { "V1__a.sql": A, "V2__b.sql": "select 1;" },
    files: { "V2__b.sql": "select 1;" },
    says: /^V1__a\.sql was applied, but is no longer in the folder\.$/,
    fix: /Bring the file back/,
    plan: 2,
  },
  "a version that comes late": {
    applied: { "V1__a.sql": A, "V3__c.sql": "select 1;" },
    files: { "V1__a.sql": A, "V2__b.sql": "select 1;", "V3__c.sql": "select 1;" },
    says: /^V2__b\.sql is older than what was applied already/,
    fix: /version above the newest, or run with --out-of-order/,
    plan: 2,
  },
  "a setting that is not followed": {
    files: { "V1__a.sql": A, "V1__a.sql.conf": "# off\nexecuteInTransaction=true\nshouldExecute = false\n" },
    says: /^V1__a\.sql:1:1: its settings file has shouldExecute, which is not followed here/,
    fix: /Mend the (file|migrations)/,
    plan: 2,
  },
  "a placeholder without a value": {
    files: { "V1__a.sql": `-- one\ncreate table \${name} (id int);` },
    says: /^V1__a\.sql:2:14: there is no value for \$\{name\}\.$/,
    fix: /--placeholder name=VALUE/,
    plan: 2,
  },
  "a placeholder that is not closed": {
    files: { "V1__a.sql": `select '\${one';\nselect '\${two}';` },
    says: /^V1__a\.sql:1:9: a \$\{ is not closed where a name ends/,
    fix: /placeholderReplacement=false` in V1__a\.sql\.conf/,
    plan: 2,
  },
  "UTF-16": {
    files: { "V1__a.sql": Buffer.from(`\uFEFF${A}`, "utf16le") },
    says: /^V1__a\.sql is no UTF-8 text: it begins as UTF-16 does\.$/,
    fix: /encoding=UTF-16LE/,
    plan: 1,
  },
  "Latin-1": {
    files: { "V1__a.sql": Buffer.from("-- 1\nselect 'é';", "latin1") },
    says: /^V1__a\.sql:2:9 is no UTF-8 text\.$/,
    fix: /Save it as UTF-8/,
    plan: 1,
  },
  "a zero byte": {
    files: { "V1__a.sql": "select 1; \0select 2;" },
    says: /^V1__a\.sql:1:11: a zero byte in the text/,
    fix: /Mend the /,
    plan: 2,
  },
  "more statements than anybody reads": {
    files: { "V1__a.sql": `${A}select '${"x".repeat(8_000_000)}';\nselect 1;` },
    says: /^V1__a\.sql:2:1: more than 8 million characters of statements/,
    fix: /Mend the /,
    plan: 2,
  },
  "a link in the place of a file": {
    files: { "V2__b.sql": A },
    link: { name: "V1__a.sql", to: "/etc/hostname" },
    says: /^V1__a\.sql is a symbolic link, and only files are run\.$/,
    fix: /Put the file itself there/,
    plan: 2,
  },
  "a history that is none": {
    before: `create table ${HISTORY} (version text)`,
    files: { "V1__a.sql": A },
    says: /^public\.flyway_schema_history is no history of migrations: it has no column installed_rank, description/,
    fix: /--table NAME, or history_table/,
    plan: 1,
  },
  "a view in the place of the history": {
    before: `create view ${HISTORY} as select 1 as version`,
    files: { "V1__a.sql": A },
    says: /^public\.flyway_schema_history is no table\.$/,
    fix: /--table NAME/,
    plan: 1,
  },
  "a row of a type that nobody knows": {
    applied: { "V1__a.sql": A },
    before: `update ${HISTORY} set type = 'WONDER'`,
    files: { "V1__a.sql": A },
    says: /installed_rank 1 has the type "WONDER"/,
    fix: /Find out who wrote it/,
    plan: 1,
  },
  "a row whose version is none": {
    applied: { "V1__a.sql": A },
    before: `update ${HISTORY} set version = '1.x'`,
    files: { "V1__a.sql": A },
    says: /installed_rank 1 has the version "1\.x"/,
    fix: /Find out who wrote it/,
    plan: 1,
  },
  "a failed run": {
    applied: { "V1__a.sql": A },
    before: `update ${HISTORY} set success = false`,
    files: { "V1__a.sql": A },
    says: /^The history holds a failed run of V1__a\.sql/,
    fix: /put the database right by hand/,
    plan: 2,
  },
  "a schema of which no history tells": {
    before: "create table other (id int)",
    files: { "V1__a.sql": A },
    says: /^Schema public holds something, but no flyway_schema_history says/,
    fix: /--baseline-version VERSION/,
    plan: 2,
  },
  "a role without rights": {
    applied: { "V1__a.sql": A },
    before: "create role weak login",
    files: { "V1__a.sql": A },
    says: /^127\.0\.0\.1:\d+\/\w+ refuses: permission denied for table flyway_schema_history\.$/,
    fix: /GRANT/,
    plan: 1,
    as: "weak",
  },
};

/** The database and the folder of a case. */
const worldOf = async ({ applied, before, files, link, as }: Bad) => {
  const url = await home.fresh();
  if (applied) expect((await cli(["sql", "migrate", folderOf(applied), "--url", url])).code).toBe(0);
  if (before) await rows(url, before);
  const dir = folderOf(files);
  if (link) symlinkSync(link.to, join(dir, link.name));
  return { dir, url: as ? url.replace("//test@", `//${as}@`) : url };
};

describe("bad input is told with what, where and what to do, and nothing runs", () => {
  test.for(Object.entries(BAD).filter(([, { as }]) => !as || home === server))(
    "%s",
    { timeout: 120_000 },
    async ([, bad]) => {
      const { dir, url } = await worldOf(bad);
      const plan = await cli(["sql", "plan", dir, "--url", url, "--json"]);
      expect(plan.code).toBe(bad.plan);
      const { error, problems } = JSON.parse(plan.out);
      const told = error ? [{ message: error.message, fix: error.hint }] : problems;
      const found = told.find(({ message }: { message: string }) => bad.says.test(message));
      expect(found, plan.out.slice(0, 2000)).toMatchObject({ fix: expect.stringMatching(bad.fix) });
      const shown = await cli(["sql", "plan", dir, "--url", url]);
      expect(shown.code).toBe(bad.plan);
      expect(shown.out + shown.err).toContain(found.message);

      const run = await cli(["sql", "migrate", dir, "--url", url, "--json"]);
      const ran = JSON.parse(run.out);
      expect([run.code, ran.error.message]).toEqual([1, expect.stringMatching(withRest(bad.says))]);
      expect(ran.error.hint).toMatch(bad.fix);
      expect(run.out + run.err + shown.out).not.toMatch(/own mistake|\.ts:\d|node:internal/);
    },
  );
});

/** `migrate` tells the first problem, and how many others there are. */
const withRest = ({ source }: RegExp): RegExp => new RegExp(source.replace(/\$$/, "( And \\d+ more\\.)?$"));

describe("what is no error is told too", () => {
  test("names that are nearly those of migrations are passed over, and said", async () => {
    const url = await home.fresh();
    const dir = folderOf({
      ...Object.fromEntries(
        ["v1__x.sql", "V1_x.sql", "V1.a__x.sql", "V5__x.SQL", "beforemigrate.sql", "view.sql"].map((name) => [
          name,
          "select 1;",
        ]),
      ),
      "V9__a.sql": `\uFEFF${A.replace("\n", "\r\n")}`,
      "V10__nothing.sql": "",
      "V11__words.sql": "-- nothing\n/* here */",
    });
    mkdirSync(join(dir, "V7__folder.sql"));
    const plan = JSON.parse((await cli(["sql", "plan", dir, "--url", url, "--json"])).out);
    expect(plan.problems).toEqual([]);
    expect(plan.pending.map(({ script }: { script: string }) => script)).toEqual([
      ...["V5__x.SQL", "V9__a.sql", "V10__nothing.sql", "V11__words.sql"],
    ]);
    expect(plan.passedOver).toEqual([
      { path: "V1.a__x.sql", why: expect.stringContaining('"1.a" is no version') },
      { path: "V1_x.sql", why: expect.stringContaining("two underscores") },
      { path: "V7__folder.sql", why: "it is a folder" },
      { path: "beforemigrate.sql", why: "the event is written beforeMigrate" },
      { path: "v1__x.sql", why: expect.stringContaining("V is meant") },
    ]);
    const run = await cli(["sql", "migrate", dir, "--url", url]);
    expect([run.code, run.err]).toEqual([
      0,
      expect.stringContaining("passed over: V1_x.sql: two underscores"),
    ]);
    writeFileSync(join(dir, "V12__c.sql"), "select 1 +;");
    expect((await cli(["sql", "lint", dir])).code).toBe(2);
    const none = folderOf({ "README.md": "nothing" });
    expect((await cli(["sql", "plan", none, "--url", url])).err).toContain("holds no migration");
  }, 60_000);

  test("a server that is too old", () => {
    expect(() => refuseOld(11, "db:5432/orders")).toThrow("db:5432/orders is PostgreSQL 11.");
    expect(() => refuseOld(12, "db:5432/orders")).not.toThrow();
  });
});

describe.skipIf(home !== server)("a database that does not do as it should", () => {
  test("only reads, is not there, does not let in: never Plumbline's own mistake", async () => {
    const url = await home.fresh();
    await rows(
      url,
      `alter database ${new URL(url).pathname.slice(1)} set default_transaction_read_only = on`,
    );
    const dir = folderOf({ "V1__a.sql": A });
    const said = async (what: string, at: string) => {
      const { code, out } = await cli(["sql", what, dir, "--url", at, "--json"]);
      return { code, ...JSON.parse(out).error };
    };
    expect(await said("migrate", url)).toEqual({
      ...{ code: "database-refused", hint: expect.stringContaining("Migrations want the primary") },
      message: expect.stringMatching(/refuses: cannot execute CREATE TABLE in a read-only transaction\.$/),
    });
    for (const [at, message] of [
      [url.replace(/\/\w+$/, "/nowhere"), /database "nowhere" does not exist/],
      [url.replace("test@", "nobody:secret@"), /role "nobody" does not exist/],
      ["postgres://x:secret@127.0.0.1:1/x", /127\.0\.0\.1:1\/x cannot be reached/],
    ] as const) {
      const { code, message: told, hint } = await said("plan", at);
      expect([code, told, hint]).toEqual([
        "database-unavailable",
        expect.stringMatching(message),
        expect.stringContaining("Check the URL"),
      ]);
      expect(told).not.toContain("secret");
    }
  }, 60_000);

  test("a connection that is lost in the middle: nobody guesses, and the next plan says where it stands", async () => {
    const url = await home.fresh();
    const dir = folderOf({
      "V1__a.sql": A,
      "V2__b.sql": "create table b (id int);\nselect pg_terminate_backend(pg_backend_pid());",
    });
    const lost = JSON.parse((await cli(["sql", "migrate", dir, "--url", url, "--json"])).out).error;
    expect(lost).toMatchObject({ code: "sql-failed", hint: expect.stringContaining("sql drift") });
    expect(lost.message).toMatch(
      /^V2__b\.sql:2:1: .*The connection was lost: what was done has to be looked at\.$/,
    );
    const after = JSON.parse((await cli(["sql", "plan", dir, "--url", url, "--json"])).out);
    expect([after.version, after.problems]).toEqual(["1", []]);
    writeFileSync(join(dir, "V2__b.sql.conf"), "executeInTransaction=false");
    expect((await cli(["sql", "migrate", dir, "--url", url])).code).toBe(1);
    const half = await cli(["sql", "plan", dir, "--url", url]);
    expect([half.code, half.out]).toEqual([2, expect.stringContaining("failed run of V2__b.sql")]);
  }, 60_000);
});
