import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openTarget } from "../../src/adapters/pg-target.ts";
import { cli, folder } from "./world.ts";

const folderOf = (files: Readonly<Record<string, string>>) => {
  const dir = join(folder(), "migrations");
  mkdirSync(dir);
  const write = (name: string, text: string) => writeFileSync(join(dir, name), text);
  for (const [name, text] of Object.entries(files)) write(name, text);
  return {
    dir,
    write,
    files: () => readdirSync(dir).toSorted(),
    read: (name: string) => readFileSync(join(dir, name), "utf8"),
  };
};

const V1 = `create table users (id int primary key, name varchar(20), n int);
insert into users values (1, 'a', 2);
create view names as select name from users;`;

test("sql drift --formalize: shown, then written; it runs where the change was made by hand and leaves no drift", async () => {
  const { dir, files, read } = folderOf({ "V001__a.sql": V1 });
  const url = `pglite:${join(folder(), "db")}`;
  const ask = (command: string, ...more: readonly string[]) =>
    cli(["sql", command, dir, "--url", url, ...more]);
  await ask("migrate");
  const target = await openTarget(url);
  await target.run(`drop view names; alter table users alter name type text, add extra int default 4, drop n;
    create view names as select name from users; create index hot on users (extra);`);
  await target.close();
  const shown = await ask("drift", "--formalize");
  expect(shown).toMatchObject({ code: 0 });
  for (const line of [
    "Destroys the column public.users.n with its values.",
    "Class R4",
    "live schema: proven",
  ])
    expect(shown.out).toContain(line);
  expect(files()).toEqual(["V001__a.sql"]);
  const { code, out } = await ask("drift", "--formalize", "--write", "--json");
  const side = { proven: true, left: [], error: null };
  expect([code, JSON.parse(out)]).toMatchObject([
    0,
    { written: true, proof: { elsewhere: side, live: side } },
  ]);
  expect(files()).toEqual(["V001__a.sql", "V002__formalize_drift.sql", "V003__formalize_drift_indexes.sql"]);
  expect(read("V003__formalize_drift_indexes.sql")).toContain(
    "CREATE INDEX CONCURRENTLY IF NOT EXISTS hot ON",
  );
  expect(await ask("migrate")).toMatchObject({ code: 0 });
  expect(await ask("drift")).toMatchObject({ code: 0, out: expect.stringContaining("no drift") });
}, 120_000);

test.each([
  ["drift", "--url", "pglite:", "--formalize", "--revert"],
  ["drift", "--url", "pglite:", "--write"],
])("sql %s is refused with %s %s %s", async (command, ...more) => {
  expect(await cli(["sql", command, folderOf({}).dir, ...more])).toMatchObject({ code: 64 });
});

test("sql propose: from the folder's end to schema.sql; a rename is told, not guessed", async () => {
  const { dir, write, read, files } = folderOf({
    "V1__a.sql": V1,
    "schema.sql": `create table users (id int primary key, full_name varchar(20), n int); create index by_n on users (n);
      create view names as select full_name as name from users;`,
  });
  const propose = (...more: readonly string[]) => cli(["sql", "propose", dir, ...more]);
  const { code, out } = await propose("--write");
  expect(code).toBe(0);
  expect(out).toContain(
    "If that is a rename, write: ALTER TABLE public.users RENAME COLUMN name TO full_name;",
  );
  expect(out).toContain("Replayed from nothing: proven");
  expect(files()).toEqual([
    "V1__a.sql",
    "V2__desired_schema.sql",
    "V3__desired_schema_indexes.sql",
    "schema.sql",
  ]);
  expect(read("V2__desired_schema.sql")).toContain("ALTER TABLE public.users DROP COLUMN name;");
  expect(await propose()).toMatchObject({ code: 0, out: expect.stringContaining("Nothing to propose") });
  write("schema.sql", "create tabel users ();");
  expect(await propose()).toMatchObject({ code: 1, err: expect.stringContaining("schema.sql:1:8") });
  expect(await propose("--desired", "none.sql")).toMatchObject({ code: 1 });
}, 120_000);
