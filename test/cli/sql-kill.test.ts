import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Target } from "../../src/adapters/pg-session.ts";
import { openTarget } from "../../src/adapters/pg-target.ts";
import { binaries, startServer } from "../contract/databases.ts";
import { BIN, folder, spawned } from "./world.ts";

const missing = binaries() === null;
let server: { url: string; stop(): Promise<void> } | null = null;

/** A folder whose second file waits in its middle for a lock that the test holds, and a session that watches. */
const openWorld = async (transactional: boolean) => {
  const admin = await openTarget(server?.url ?? "");
  const name = `k${Math.random().toString(36).slice(2)}`;
  await admin.run(`create database ${name}`);
  await admin.close();
  const url = server?.url.replace(/\/postgres$/, `/${name}`) ?? "";
  const dir = folder();
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, "V1__log.sql"), "create table log (n int);");
  const lines = ["insert into log values (1);", "select pg_advisory_lock(7);", "insert into log values (2);"];
  writeFileSync(join(dir, "V2__work.sql"), `${lines.join("\n")}\n`);
  writeFileSync(join(dir, "V2__work.sql.conf"), `executeInTransaction=${transactional}\n`);
  const watch = await openTarget(url);
  await watch.run("select pg_advisory_lock(7)");
  return { url, dir, watch };
};

const migrating = (dir: string, url: string) => {
  const child = spawn(process.execPath, [
    BIN,
    "sql",
    "migrate",
    dir,
    "--url",
    url,
    "--lock-timeout",
    "0",
    "--json",
  ]);
  let out = "";
  child.stdout.on("data", (part) => {
    out += part;
  });
  return { child, ended: once(child, "close"), said: () => JSON.parse(out) };
};

const waiting = async (watch: Target): Promise<number> => {
  const found = await vi.waitFor(
    async () => {
      const [row] = await watch.query(
        "select pid from pg_locks where locktype = 'advisory' and objid = 7 and not granted",
      );
      if (!row) throw new Error("nobody waits yet");
      return row;
    },
    { timeout: 60_000, interval: 50 },
  );
  return Number(found["pid"]);
};

const again = async (dir: string, url: string) => {
  const { code, out } = await spawned(["sql", "migrate", dir, "--url", url, "--json"]);
  return { code, json: JSON.parse(out) };
};
const numbers = async (watch: Target) =>
  (await watch.query("select n from log order by n")).map((row) => row["n"]);
const history = async (watch: Target) =>
  (await watch.query("select version, success from flyway_schema_history order by installed_rank")).map(
    (row) => `${row["version"]} ${row["success"]}`,
  );

describe.skipIf(missing)(
  `sql migrate ends in the middle${missing ? ": no PostgreSQL server here" : ""}`,
  () => {
    beforeAll(async () => {
      server = await startServer(binaries() ?? "");
    }, 120_000);
    afterAll(async () => {
      await server?.stop();
    }, 120_000);

    /** How a run is ended, and what it says of that itself. */
    const ENDS = {
      "its process is killed": async ({
        watch,
        run,
      }: {
        watch: Target;
        run: ReturnType<typeof migrating>;
      }) => {
        await waiting(watch);
        run.child.kill("SIGKILL");
        await run.ended;
      },
      "its connection is lost": async ({
        watch,
        run,
      }: {
        watch: Target;
        run: ReturnType<typeof migrating>;
      }) => {
        await watch.query("select pg_terminate_backend($1)", [await waiting(watch)]);
        await run.ended;
        expect(run.said().error).toMatchObject({
          code: "sql-failed",
          message: expect.stringContaining("connection was lost"),
        });
      },
    };

    test.each(Object.entries(ENDS))(
      "%s in a transaction: all of it was taken back, the next run does it once",
      async (_, end) => {
        const { url, dir, watch } = await openWorld(true);
        await end({ watch, run: migrating(dir, url) });
        await watch.run("select pg_advisory_unlock(7)");
        expect((await again(dir, url)).code).toBe(0);
        expect(await numbers(watch)).toEqual([1, 2]);
        expect(await history(watch)).toEqual(["1 true", "2 true"]);
        await watch.close();
      },
      120_000,
    );

    test.each(Object.entries(ENDS))(
      "%s outside of one: the history tells of it, and nothing runs twice",
      async (_, end) => {
        const { url, dir, watch } = await openWorld(false);
        await end({ watch, run: migrating(dir, url) });
        await watch.run("select pg_advisory_unlock(7)");
        const refused = await again(dir, url);
        expect([refused.code, refused.json.error.code]).toEqual([1, "sql-invalid"]);
        expect(refused.json.error.message).toContain("V2__work.sql");
        expect(await numbers(watch)).toEqual([1]);
        expect(await history(watch)).toEqual(["1 true", "2 false"]);
        await watch.close();
      },
      120_000,
    );
  },
);
