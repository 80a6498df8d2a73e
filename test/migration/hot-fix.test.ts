import { afterAll, beforeAll, expect, test } from "vitest";
import { loadSqlParser } from "../../src/adapters/libpg.ts";
import { hotFixOf } from "../../src/migration/hot-fix.ts";
import { nextPaths } from "../../src/migration/next-version.ts";
import { placeholdersOf } from "../../src/migration/placeholders.ts";
import { resolveMigrations } from "../../src/migration/resolve.ts";
import { openSchemaWorld, type SchemaWorld } from "./schema-world.ts";

let world: SchemaWorld;
beforeAll(async () => {
  world = await openSchemaWorld();
});
afterAll(() => world.close());

const folder = (...paths: readonly string[]) =>
  resolveMigrations(
    paths.map((path) => ({ path, text: "", settings: null })),
    placeholdersOf({}),
  );
const V1 = "create table users (id int primary key);";
const ADD = "alter table users add column hot int;";

test.each([
  ["nothing was done", "create table aside (a int);", ADD, null, ""],
  ["all was done", ADD, ADD, "matches", "Guard"],
  ["something else was done", "alter table users add hot text;", ADD, "collides", "something else"],
  ["part was done", ADD, `${ADD} create table more (a int);`, "collides", "part of"],
  [
    "all was done, but the file changes data too",
    ADD,
    `${ADD} update users set hot = 1;`,
    "matches",
    "by hand",
  ],
])("a pending file where %s", async (_, byHand, text, state, advice) => {
  const parse = await loadSqlParser();
  const [before, after] = [await world.made(V1), await world.made(`${V1} ${text}`)];
  const [migration] = folder("V2__hot.sql").migrations;
  if (!migration) throw new Error("no migration");
  const stage = { migration: { ...migration, text }, before, after };
  const fix = hotFixOf(stage, await world.made(`${V1} ${byHand}`), parse);
  expect(fix?.state ?? null).toBe(state);
  expect((fix?.advice ?? "").toLowerCase()).toContain(advice.toLowerCase());
});

test.each([
  [[], ["V1__x.sql"]],
  [["V9__a.sql", "V010__b.sql", "R__z.sql"], ["V011__x.sql"]],
  [["V1_9__a.sql", "V1.10__b.sql"], ["V1.11__x.sql"]],
  [["sub/V3__a.sql", "B2__b.sql"], ["sub/V4__x.sql"]],
  [["V20260101120000__a.sql"], ["V20261121170000__x.sql"]],
  [["V202601011200__a.sql"], ["V202611211700__x.sql"]],
  [["V20270101120000__a.sql"], ["V20270101120001__x.sql"]],
])("after %j comes %j", (paths, next) => {
  expect(nextPaths(folder(...paths), ["x"], new Date("2026-11-21T17:00:00Z"))).toEqual(next);
});
