import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { openTarget } from "../../src/adapters/pg-target.ts";
import { binaries, startServer } from "../contract/databases.ts";
import { cli, folder, folderOf } from "./world.ts";

const BASE = `
create schema app;
create type app.mood as enum ('a', 'b');
create table app.u (id bigint generated always as identity primary key, name varchar(20) not null default 'x',
  created timestamptz default now(), constraint pos check (id > 0));
create index u_name on app.u (lower(name));
create table app.o (id serial primary key, u bigint references app.u (id) on delete cascade, v numeric(10,2), tags text[]);
create view app.w as select u.id, count(*) as n from app.u u join app.o o on o.u = u.id where u.name like 'a%' group by u.id;
create function app.f(a int) returns int language sql immutable as $$ select a + 1 $$;
create function app.tg() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger g before insert on app.u for each row execute function app.tg();
alter table app.u enable row level security;
create policy p on app.u for select using (name <> 'z');
create sequence app.s increment 5;
create domain app.email as text check (value like '%@%');
create table app.part (a int, b date) partition by range (b);
create table app.part1 partition of app.part for values from ('2026-01-01') to ('2027-01-01');
create extension if not exists pgcrypto;
grant select on app.o to public;
create view app.between as select a from app.part where a between 1 and 2 and a > 0;
create rule r as on delete to app.part do instead nothing;
`;

/** By hand: what changes, and the finding that must tell it. */
const CHANGES: readonly (readonly [change: string, address: string, path: string, cause: string])[] = [
  ["alter table app.u alter name set default 'y'", "table app.u", "columns.name.default", "console"],
  ["alter table app.u alter name drop not null", "table app.u", "columns.name.not_null", "console"],
  ["alter table app.o alter v type numeric(12,2)", "table app.o", "columns.v.type", "console"],
  ["alter table app.u add column extra text", "table app.u", "columns.extra", "unmanaged"],
  ["alter table app.u drop column created", "table app.u", "columns.created", "vanished"],
  ["alter table app.u drop constraint pos", "table app.u", "constraints.pos", "vanished"],
  ["drop index app.u_name", "table app.u", "indexes.u_name", "vanished"],
  ["create index hot on app.o (v)", "table app.o", "indexes.hot", "unmanaged"],
  ["alter table app.u enable replica trigger g", "table app.u", "triggers.g.enabled", "console"],
  ["alter table app.u disable row level security", "table app.u", "row_security", "vanished"],
  ["alter policy p on app.u using (true)", "table app.u", "policies.p.using", "console"],
  ["revoke select on app.o from public", "table app.o", "grants.PUBLIC", "vanished"],
  [
    "create or replace view app.w as select 1::bigint as id, 2::bigint as n",
    "view app.w",
    "definition",
    "console",
  ],
  [
    "create or replace function app.f(a int) returns int language sql as 'select 2'",
    "function app.f(a integer)",
    "definition",
    "console",
  ],
  ["alter type app.mood add value 'c'", "type app.mood", "values", "console"],
  ["alter sequence app.s increment 6", "sequence app.s", "step", "console"],
  [
    "alter domain app.email add constraint x check (value <> '')",
    "type app.email",
    "constraints.x",
    "unmanaged",
  ],
  ["create table public.stray (a int)", "table public.stray", "", "unmanaged"],
  ["drop table app.part1", "table app.part1", "", "vanished"],
  ["drop extension pgcrypto", "extension pgcrypto", "", "vanished"],
  ["grant usage on sequence app.s to public", "sequence app.s", "grants.PUBLIC", "unmanaged"],
  ["grant update (v) on app.o to public", "table app.o", "column_grants.v", "unmanaged"],
  ["revoke usage on schema public from public", "schema public", "grants.PUBLIC", "vanished"],
  ["revoke usage on type app.mood from public", "type app.mood", "grants.PUBLIC", "vanished"],
  ["alter table app.part disable rule r", "table app.part", "rules.r.enabled", "console"],
  [
    "create aggregate app.mysum(int) (sfunc = int4pl, stype = int)",
    "aggregate app.mysum(integer)",
    "",
    "unmanaged",
  ],
  ["comment on sequence app.s is 's'", "sequence app.s", "comment", "unmanaged"],
  [
    "comment on constraint o_pkey on app.o is 'c'",
    "table app.o",
    'comments["constraint o_pkey"]',
    "unmanaged",
  ],
  ["comment on column app.u.name is 'n'", "table app.u", "columns.name.comment", "unmanaged"],
];

const byHand = async (url: string, ...statements: readonly string[]): Promise<void> => {
  const target = await openTarget(url);
  for (const statement of statements) await target.run(statement);
  await target.close();
};
const drift = async (dir: string, url: string) => {
  const { code, out } = await cli(["sql", "drift", dir, "--url", url, "--json"]);
  return { code, report: JSON.parse(out) };
};
const migrate = (dir: string, url: string) => cli(["sql", "migrate", dir, "--url", url]);

const servers: { url: string; stop(): Promise<void> }[] = [];
const homes = [
  { name: "PGlite", missing: false, fresh: async () => `pglite:${join(folder(), "db")}` },
  {
    name: "PostgreSQL (skipped: no server here)",
    missing: binaries() === null,
    fresh: async () => {
      const started = servers[0] ?? (await startServer(binaries() ?? ""));
      servers[0] = started;
      const name = `d${Math.random().toString(36).slice(2)}`;
      await byHand(started.url, `create database ${name}`);
      return started.url.replace(/\/postgres$/, `/${name}`);
    },
  },
];
afterAll(async () => {
  await servers.pop()?.stop();
}, 120_000);

describe.each(homes)("sql drift on $name", ({ missing, fresh }) => {
  describe.skipIf(missing)("", () => {
    test("nothing after a run; then every change by hand, and nothing else", async () => {
      const url = await fresh();
      const dir = folderOf({ "V1__base.sql": BASE });
      expect((await migrate(dir, url)).code).toBe(0);
      expect(await drift(dir, url)).toMatchObject({ code: 0, report: { findings: [], summary: {} } });
      await byHand(url, ...CHANGES.map(([change]) => change));
      const { code, report } = await drift(dir, url);
      expect(code).toBe(2);
      const told = report.findings.map(
        (f: Record<string, string>) => `${f["address"]} | ${f["path"]} | ${f["cause"]}`,
      );
      expect(told.toSorted()).toEqual(CHANGES.map(([, ...where]) => where.join(" | ")).toSorted());
      expect(report.findings[0]).toMatchObject({ sensitive: false });
      expect(report.workspace).toMatch(/^local\/\//);
    }, 120_000);
  });
});

describe.skipIf(binaries() === null)("sql drift of a server with an owner of its own", () => {
  test("grants to the owner are no drift, and a view by hand can be formalized", async () => {
    const [, server] = homes;
    const admin = await server?.fresh();
    if (admin === undefined) throw new Error("no server");
    const name = new URL(admin).pathname.slice(1);
    await byHand(admin, "create role app login superuser", `alter database ${name} owner to app`);
    const own = new URL(admin);
    own.username = "app";
    const dir = folderOf({
      "V1__a.sql": `create table t (id int); create role ro; alter default privileges for role app grant select on tables to ro;
        create table other (id int, d int); grant select, insert on all tables in schema public to app;
        grant all on t to ${new URL(admin).username || "postgres"};`,
    });
    expect((await migrate(dir, own.href)).code).toBe(0);
    expect(await drift(dir, own.href)).toMatchObject({ code: 0, report: { findings: [] } });
    await byHand(
      own.href,
      "create view hv as select * from other where d between 1 and 2 and id > 0",
      "grant insert on t to app",
    );
    const written = await cli(["sql", "drift", dir, "--url", own.href, "--formalize", "--write"]);
    expect(written.out).not.toMatch(/Not written|still differs|REVOKE|TABLE public.t /);
    expect(written.code).toBe(0);
    expect((await migrate(dir, own.href)).code).toBe(0);
    expect(await drift(dir, own.href)).toMatchObject({ code: 0, report: { findings: [] } });
  }, 120_000);
});

describe("sql drift", () => {
  test("a pending migration is unapplied; a hot fix that matches it is told with both values alike", async () => {
    const url = `pglite:${join(folder(), "db")}`;
    const dir = folderOf({ "V1__a.sql": "create table a (id int);" });
    await migrate(dir, url);
    writeFileSync(join(dir, "V2__b.sql"), "alter table a add column n int; create table b (id int);");
    const before = await drift(dir, url);
    expect(before.report.summary).toEqual({ unapplied: 2 });
    await byHand(url, "alter table a add column n int");
    const { report } = await drift(dir, url);
    const fix = report.findings.find((f: Record<string, string>) => f["path"] === "columns.n");
    expect(fix).toMatchObject({ cause: "console", recorded: null });
    expect(fix.actual).toEqual(fix.desired);
  }, 120_000);

  test("a pending file that cannot be replayed is a note, and hides no change by hand", async () => {
    const url = `pglite:${join(folder(), "db")}`;
    const dir = folderOf({ "V1__a.sql": "create table a (id int);" });
    await migrate(dir, url);
    await byHand(url, "create table b (id int)");
    writeFileSync(join(dir, "V2__b.sql"), "select 1;\ncreate extension postgis;");
    const { code, report } = await drift(dir, url);
    expect([code, report.summary]).toEqual([2, { unmanaged: 1 }]);
    expect(report.note).toContain("V2__b.sql:2");
  }, 120_000);

  test("an applied file that cannot be replayed is an error with its place", async () => {
    const url = `pglite:${join(folder(), "db")}`;
    const dir = folderOf({ "V1__a.sql": "create table a (id int);" });
    await migrate(dir, url);
    writeFileSync(join(dir, "V1__a.sql"), "select 1;\ncreate extension postgis;");
    const { code, report } = await drift(dir, url);
    expect(code).toBe(1);
    expect(report.error.message).toContain("V1__a.sql:2");
    expect(report.error.hint).toContain("--rehearsal-url");
  }, 120_000);
});
