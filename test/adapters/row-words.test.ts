import { expect, test } from "vitest";
import { runScript } from "../../src/adapters/flyway-statements.ts";
import { loadSqlParser } from "../../src/adapters/libpg.ts";
import { withScratch } from "../../src/adapters/pg-scratch.ts";
import { hidingRows } from "../../src/adapters/pg-session.ts";
import { parseScript } from "../../src/migration/parse-script.ts";
import { withoutRows, withoutRowsIn } from "../../src/migration/row-words.ts";

const SCHEMA = `create table people (a text, b int);
insert into people values ('of-a-row', 7), ('of-a-row', 7);
create function refuses() returns trigger language plpgsql as $$
begin raise exception 'not %', old.a using errcode = 'check_violation'; end $$;
create function runs_it(what text) returns void language plpgsql as $$
begin execute format('drop table %I', what); end $$;
create trigger t before update on people for each row execute function refuses();`;
const MENDS_ITSELF = "may quote a row and are left out";

// [statement, what is said where rows are hidden]
const FAILING = [
  [
    "alter table people alter a type int using a::int",
    `a text cannot be read as its type (the server's own words ${MENDS_ITSELF})`,
  ],
  ["update people set b = 1", `a check constraint refuses it (the server's own words ${MENDS_ITSELF})`],
  [
    "do $$ begin raise exception 'of-a-row' using errcode = 'ZZ001'; end $$",
    `failed (the server's own words ${MENDS_ITSELF})`,
  ],
  [
    "do $$ begin raise exception 'of-a-row' using errcode = '42P01'; end $$",
    `undefined table (the server's own words ${MENDS_ITSELF})`,
  ],
  [
    "do $$ declare r record; begin for r in select * from people loop execute format('drop table %I', r.a); end loop; end $$",
    `undefined table (the server's own words ${MENDS_ITSELF})`,
  ],
  [
    "do $$ begin execute 'select 1 from ' || (select quote_ident(a) from people limit 1); end $$",
    `undefined table (the server's own words ${MENDS_ITSELF})`,
  ],
  [
    "do $$ begin execute 'selec ' || (select a from people limit 1); end $$",
    `a syntax error (the server's own words ${MENDS_ITSELF})`,
  ],
  ["select a::regclass from people", `undefined table (the server's own words ${MENDS_ITSELF})`],
  ["select runs_it(a) from people", `undefined table (the server's own words ${MENDS_ITSELF})`],
  ["do $$ begin execute format('drop table %I', 'nowhere'); end $$", 'table "nowhere" does not exist'],
  ["do $$ begin perform count(wrong) from people; end $$", 'column "wrong" does not exist'],
  ["drop table people_of_old", 'table "people_of_old" does not exist'],
  ["alter table people drop column c", 'column "c" of relation "people" does not exist'],
  ["alter table people add column a text", 'column "a" of relation "people" already exists'],
  ["create unique index u on people (a)", 'could not create unique index "u"'],
  [
    "alter table people add constraint few check (b < 5)",
    'check constraint "few" of relation "people" is violated by some row',
  ],
  ["select 'seven'::int", 'invalid input syntax for type integer: "seven"'],
  ["select wrong from people", 'column "wrong" does not exist'],
] as const;

test("a failing statement is told without a row's values where rows are real, in the server's words where none are", async () => {
  const parse = await loadSqlParser();
  const said: string[] = [];
  const open: string[] = [];
  await withScratch(null, async (scratch) => {
    await scratch.run(SCHEMA);
    for (const [text] of FAILING)
      for (const [target, into] of [
        [hidingRows(scratch), said],
        [scratch, open],
      ] as const)
        await runScript(target, "V2__x.sql", parseScript(text, parse)).catch(({ words }) => into.push(words));
  });
  expect(said).toEqual(FAILING.map(([, words]) => words));
  expect(said.join()).not.toContain("of-a-row");
  expect(open.filter((words) => words.includes("of-a-row"))).toHaveLength(8);
});

test("where nobody knows who wrote the words, a violated constraint is not quoted; a lost connection is", () => {
  const said = { message: "of-a-row", pointed: false, raised: null, text: "" };
  expect(withoutRows({ ...said, state: "23514" })).not.toContain("of-a-row");
  expect(withoutRows({ ...said, state: null })).toBe("of-a-row");
});

test.each([
  ['ERROR: type "no_such" does not exist Position: 17', 'type "no_such" does not exist'],
  ['ERROR: column "a" of relation "b" already exists', 'column "a" of relation "b" already exists'],
  [
    'ERROR: could not create unique index "u" Detail: Key (a)=(of-a-row) is duplicated.',
    'could not create unique index "u"',
  ],
  ["Validation Failed: 1 changesets", "Validation Failed: 1 changesets"],
])("of a tool's sentence %s stays what names no value", (reason, told) => {
  expect(withoutRowsIn(reason, "")).toBe(told);
});

test("another sentence of the server is left out where a tool does not tell its SQLSTATE", () => {
  expect(withoutRowsIn('ERROR: table "t" does not exist', "drop table t")).toBe('table "t" does not exist');
  for (const said of [
    'relation "of-a-row" does not exist',
    'invalid input syntax for type integer: "of-a-row"',
    "no of-a-row here Where: at RAISE",
  ])
    expect(withoutRowsIn(`ERROR: ${said}`, "drop table t")).not.toContain("of-a-row");
});
