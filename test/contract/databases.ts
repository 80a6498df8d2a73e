import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { type Database, openDatabase } from "../../src/adapters/database.ts";
import { freePort } from "./free-port.ts";
import { openTestDatabase } from "./test-database.ts";

/** Where a contract runs: `clear` leaves an empty database, `open` a fresh one; `reopen` connects to what is there. */
export interface DatabaseHome {
  readonly name: string;
  /** Why it cannot be had here; null where it can. */
  readonly missing: string | null;
  start(): Promise<StartedHome>;
}

export interface StartedHome {
  /** Its address; empty where it is embedded. */
  readonly url: string;
  clear(): Promise<void>;
  open(): Promise<Database>;
  reopen(): Promise<Database>;
  stop(): Promise<void>;
}

const run = promisify(execFile);

export const embedded: DatabaseHome = {
  name: "PGlite",
  missing: null,
  start: async () => {
    const open = openTestDatabase;
    return { url: "", clear: async () => {}, open, reopen: open, stop: async () => {} };
  },
};

const given = process.env["PLUMBLINE_TEST_DATABASE_URL"] ?? null;
export const binaries = (): string | null => {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root) : [];
  const found = versions
    .map((version) => join(root, version, "bin"))
    .filter((bin) => existsSync(join(bin, "initdb")));
  return found.at(-1) ?? null;
};

export const server: DatabaseHome = {
  name: "PostgreSQL",
  missing:
    (given ?? binaries()) === null
      ? "no PostgreSQL server here: install one or set PLUMBLINE_TEST_DATABASE_URL"
      : null,
  start: async () => {
    const { url, stop } =
      given === null ? await startServer(binaries() ?? "") : { url: given, stop: async () => {} };
    const name = `plumbline_test_${process.pid}_${Date.now()}`;
    const own = new URL(url);
    own.pathname = `/${name}`;
    const clear = async () => {
      await query(url, `drop database if exists ${name} with (force)`);
      await query(url, `create database ${name}`);
    };
    const reopen = () => openDatabase({ url: own.href, dataDir: null });
    return {
      url: own.href,
      clear,
      open: () => clear().then(reopen),
      reopen,
      stop: async () => {
        await query(url, `drop database if exists ${name} with (force)`);
        await stop();
      },
    };
  },
};

const query = async (url: string, text: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(text);
  await client.end();
};

/** A server of its own in a temporary folder; it refuses to run as root, so it runs as `postgres` then. */
export const startServer = async (
  bin: string,
  onLog: (text: string) => void = () => {},
): Promise<{ url: string; stop(): Promise<void> }> => {
  const asRoot = userInfo().uid === 0;
  const folder = mkdtempSync(join(tmpdir(), "plumbline-postgres-"));
  const as = (command: string, args: readonly string[]): [string, string[]] =>
    asRoot ? ["runuser", ["-u", "postgres", "--", command, ...args]] : [command, [...args]];
  if (asRoot) await run("chown", ["postgres", folder]);
  const data = join(folder, "data");
  await run(...as(join(bin, "initdb"), ["-D", data, "-U", "test", "-A", "trust", "-N", "-E", "UTF8"]), {
    cwd: folder,
  });
  const port = await freePort();
  const settings = [
    "-c",
    "fsync=off",
    "-c",
    "listen_addresses=127.0.0.1",
    "-c",
    `unix_socket_directories=${folder}`,
  ];
  const child = spawn(...as(join(bin, "postgres"), ["-D", data, "-p", String(port), ...settings]), {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = once(child, "exit");
  await new Promise<void>((resolve, reject) => {
    child.stderr.on("data", (text: Buffer) => {
      onLog(String(text));
      if (String(text).includes("ready to accept connections")) resolve();
    });
    void ended.then(() => reject(new Error("the test's PostgreSQL did not start")));
  });
  const stop = async (): Promise<void> => {
    await run(...as(join(bin, "pg_ctl"), ["-D", data, "-m", "immediate", "stop"]), { cwd: folder });
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  return { url: `postgres://test@127.0.0.1:${port}/postgres`, stop };
};
