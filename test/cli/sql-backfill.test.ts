import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Target } from "../../src/adapters/pg-session.ts";
import { openTarget } from "../../src/adapters/pg-target.ts";
import { binaries, startServer } from "../contract/databases.ts";
import { BIN, cli, folder } from "./world.ts";

const folderOf = (files: Readonly<Record<string, string>>): string => {
  const dir = join(folder(), "migrations");
  mkdirSync(dir);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  return dir;
};
const COUNT = `after: 1
table: t
key: id
batch: 20
throttle: { replication_lag: 10s, active_sessions: 50, rest: 1ms }
statement: UPDATE t SET n = n + 1 WHERE id BETWEEN $1 AND $2
`;

test("it waits for its version, runs, and says so; a wrong file and a wrong name are refused", async () => {
  const dir = folderOf({
    "V1__t.sql":
      "create table t (id int primary key, n int not null default 0); insert into t select generate_series(1, 50);",
    "count.backfill.yaml": COUNT,
  });
  const url = `pglite:${join(folder(), "db")}`;
  const ask = (command: string, ...more: readonly string[]) =>
    cli(["sql", command, dir, "--url", url, ...more]);
  expect(await ask("backfill")).toMatchObject({
    code: 2,
    out: expect.stringContaining("version 1 is not applied"),
  });
  await ask("migrate");
  const { code, out, err } = await ask("backfill");
  expect([code, out]).toEqual([0, expect.stringContaining("count: done, 50")]);
  expect(err).toContain("count: 20");
  const told = JSON.parse((await ask("backfill", "--status", "--json")).out);
  expect(told.backfills).toMatchObject([{ name: "count", state: "done", done: 50, deadLetters: [] }]);
  expect(await ask("drift")).toMatchObject({ code: 0 });
  writeFileSync(join(dir, "count.backfill.yaml"), `${COUNT}# more`);
  writeFileSync(join(dir, "after.backfill.yaml"), COUNT);
  writeFileSync(join(dir, "before.backfill.yaml"), COUNT.replace("key: id", "key: n"));
  const others = await ask("backfill", "--json");
  expect(others).toMatchObject({
    code: 1,
    err: expect.stringContaining("before: Backfill before: no index"),
  });
  const all = JSON.parse((await ask("backfill", "--status", "--json")).out).backfills;
  expect(all.map(({ name, state }: { name: string; state: string }) => [name, state])).toEqual([
    ["after", "done"],
    ["before", "new"],
    ["count", "done"],
  ]);
  for (const name of ["after", "before"]) rmSync(join(dir, `${name}.backfill.yaml`));
  writeFileSync(join(dir, "count.backfill.yaml"), COUNT);
  writeFileSync(
    join(dir, "halve.backfill.yaml"),
    `table: t\nkey: id\nstatement: UPDATE t SET n = 100 / (id - 7) WHERE id BETWEEN $1 AND $2\nverify: {where: n < -99}\n`,
  );
  const halve = (...more: readonly string[]) => ask("backfill", "--name", "halve", ...more);
  expect(await halve()).toMatchObject({ code: 2, out: expect.stringContaining("halve: stopped (1 keys") });
  expect(await halve("--retry", "--status")).toMatchObject({ code: 64 });
  expect(await halve("--retry")).toMatchObject({ code: 2, out: expect.stringContaining("key 7:") });
  const other = await openTarget(url);
  await other.run("update t set id = 70 where id = 7; update plumbline_backfill_dead set key = '70'");
  await other.close();
  expect(await halve("--retry")).toMatchObject({
    code: 2,
    out: expect.stringContaining("verify counts 1 rows that are left"),
  });
  const mended = await openTarget(url);
  await mended.run("update t set n = 0 where n < -99");
  await mended.close();
  await halve("--resume");
  expect(await halve()).toMatchObject({ code: 0, out: expect.stringContaining("halve: done, 50") });
  expect(await ask("backfill", "--name", "other")).toMatchObject({ code: 64 });
  writeFileSync(join(dir, "bad.backfill.yaml"), "table: t\n");
  expect(await ask("backfill")).toMatchObject({
    code: 1,
    err: expect.stringContaining("bad.backfill.yaml: key"),
  });
}, 120_000);

describe.skipIf(binaries() === null)(`on PostgreSQL${binaries() === null ? ": no server here" : ""}`, () => {
  let server: { readonly url: string; stop(): Promise<void> };
  let target: Target;
  beforeAll(async () => {
    server = await startServer(binaries() ?? "");
    target = await openTarget(server.url);
  }, 120_000);
  afterAll(async () => {
    await target.close();
    await server.stop();
  }, 120_000);

  test("killed again and again it does no row twice and leaves none out", async () => {
    await target.run("create table t (id bigint primary key, n int not null default 0)");
    await target.run("insert into t select generate_series(1, 4000)");
    const dir = folderOf({ "count.backfill.yaml": COUNT.replace("after: 1\n", "") });
    const argv = [BIN, "sql", "backfill", dir, "--url", server.url];
    // However late this process reads what the other says, the other does not come to the end.
    const holder = await openTarget(server.url);
    const [own] = await holder.query("select pg_backend_pid() as pid");
    await holder.run("begin; select from t where id = 3000 for update");
    for (const rows of [100, 1000, 2000]) {
      const child = spawn(process.execPath, argv, { stdio: ["ignore", "ignore", "pipe"] });
      let told = "";
      for await (const part of child.stderr) {
        told += String(part);
        if (Number(/(\d+)(?: of about \d+)? keys[^\n]*\n$/.exec(told)?.[1] ?? 0) >= rows) break;
      }
      child.kill("SIGKILL");
      await once(child, "exit").catch(() => undefined);
      await target.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'plumbline sql' and pid not in (pg_backend_pid(), $1)",
        [own?.["pid"]],
      );
    }
    await holder.run("commit");
    await holder.close();
    const [half] = await target.query("select done::int as done, state from plumbline_backfill");
    expect(half).toMatchObject({ state: "running" });
    expect(Number(half?.["done"])).toBeLessThan(4000);
    const rest = await cli(["sql", "backfill", dir, "--url", server.url]);
    expect([rest.code, rest.out]).toEqual([0, expect.stringContaining("count: done, 4000")]);
    expect(await target.query("select n, count(*)::int as rows from t group by n")).toEqual([
      { n: 1, rows: 4000 },
    ]);
  }, 120_000);

  test("a second process is told that it runs elsewhere; --pause from there ends it", async () => {
    const dir = folderOf({
      "other.backfill.yaml": COUNT.replace("after: 1\n", "").replace("batch: 20", "batch: 1"),
    });
    const ask = (...more: readonly string[]) => cli(["sql", "backfill", dir, "--url", server.url, ...more]);
    let second: Promise<unknown> | null = null;
    const first = await cli(["sql", "backfill", dir, "--url", server.url], {
      onErr: () => {
        second ??= ask().then(async (busy) => [busy, await ask("--pause")]);
      },
    });
    expect(first).toMatchObject({ code: 2, out: expect.stringContaining("paused at the terminal") });
    expect(await second).toMatchObject([
      { code: 1, err: expect.stringContaining("another session") },
      { code: 0 },
    ]);
    expect(await ask("--resume")).toMatchObject({ code: 0, out: expect.stringContaining("other: running") });
  }, 120_000);
});
