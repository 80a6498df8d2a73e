import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { loadSqlParser } from "../../src/adapters/libpg.ts";
import type { Target } from "../../src/adapters/pg-session.ts";
import { openTarget } from "../../src/adapters/pg-target.ts";
import type * as drift from "../../src/adapters/replay-drift.ts";
import { readReplay, writeReplay } from "../../src/adapters/replay-kept.ts";
import type { SqlParser } from "../../src/migration/script.ts";
import type { KeptReplays } from "../../src/ports/migrations.ts";

const MADE =
  "create table orders (id int primary key, note text);\ncreate view recent as select id from orders;";
const store = new Map<string, Uint8Array>();
const kept: KeptReplays = {
  recall: async (key) => store.get(key) ?? null,
  keep: async (key, content) => void store.set(key, content),
};

let target: Target;
let parse: SqlParser;

beforeAll(async () => {
  [target, parse] = await Promise.all([openTarget("pglite:"), loadSqlParser()]);
  await target.run(MADE);
});
afterAll(() => target?.close());

/** A process of its own remembers nothing. */
const look = async (text: string, reads: SqlParser) => {
  vi.resetModules();
  const { driftOfReplay }: typeof drift = await import("../../src/adapters/replay-drift.ts");
  const place = { schema: "public", table: "flyway_schema_history" };
  const recorded = [{ path: "V1__orders.sql", text }];
  const replayed = { place, schemas: ["public"], recorded, rest: [], changedRepeatable: false };
  const { findings } = await driftOfReplay(target, replayed, { parse: reads, rehearsal: null, kept });
  return findings.map(({ address, path, cause }) => `${cause} ${address} ${path}`);
};

const isRead = (): never => {
  throw new Error("a file was read");
};
const readsNothing: SqlParser = Object.assign(isRead, { plpgsql: isRead });

test("what one process replayed the next one compares with; other files are replayed", async () => {
  expect(await look(MADE, parse)).toEqual([]);
  expect(store.size).toBe(1);
  await target.run("alter table public.orders add column by_hand int");
  expect(await look(MADE, readsNothing)).toEqual(["unmanaged table public.orders columns.by_hand"]);
  await expect(look(`${MADE} -- more`, readsNothing)).rejects.toThrow("a file was read");
  for (const [key, content] of store) store.set(key, content.subarray(0, content.length / 2));
  await expect(look(MADE, readsNothing)).rejects.toThrow("a file was read");
});

test("only a whole replay of the same key is read back", async () => {
  const recorded = new Map([["table public.orders", { columns: { id: { type: "int" } } }]]);
  const replay = { recorded, desired: recorded, note: null, version: 18, words: new Map([["a", "b"]]) };
  const content = await writeReplay("key", replay);
  expect(await readReplay("key", content)).toEqual(replay);
  expect(await readReplay("other", content)).toBeNull();
  expect(await readReplay("key", Buffer.from("no gzip"))).toBeNull();
  for (const wrong of [
    { recorded: [["table", null]] },
    { desired: [1] },
    { words: [["a"]] },
    { version: "x" },
  ]) {
    const broken = gzipSync(JSON.stringify({ ...JSON.parse(String(gunzipSync(content))), ...wrong }));
    expect(await readReplay("key", broken), JSON.stringify(wrong)).toBeNull();
  }
  const desired = new Map([["table public.lines", {}]]);
  expect((await readReplay("key", await writeReplay("key", { ...replay, desired })))?.desired).toEqual(
    desired,
  );
});
