import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterAll, describe, expect, test } from "vitest";
import { openDatabase } from "../../src/adapters/database.ts";
import { migrationNames } from "../../src/adapters/database-migrate.ts";
import { createLedger } from "../../src/adapters/ledger.ts";
import { server } from "../contract/databases.ts";

const folder = mkdtempSync(join(tmpdir(), "plumbline-database-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a directory", () => {
  const dataDir = join(folder, "data");

  test("one process at a time; what was stored is there after a restart; closing twice is fine", async () => {
    const first = await openDatabase({ url: null, dataDir });
    await expect(openDatabase({ url: null, dataDir })).rejects.toMatchObject({ code: "database-locked" });
    await createLedger(first).meta.set("a", 1);
    await first.close();
    await first.close();
    const second = await openDatabase({ url: null, dataDir });
    expect(await createLedger(second).meta.get("a")).toBe(1);
    await second.close();
  });

  test("a process that is killed leaves no lock, and loses nothing that it was told is stored", async () => {
    const script = join(folder, "writer.ts");
    const at = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
    writeFileSync(
      script,
      `import { openDatabase } from ${at("../../src/adapters/database.ts")};
       import { createLedger } from ${at("../../src/adapters/ledger.ts")};
       const ledger = createLedger(await openDatabase({ url: null, dataDir: ${JSON.stringify(dataDir)} }));
       for (let n = 1; ; n += 1) { await ledger.meta.set("n", n); console.log(n); }`,
    );
    const child = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
    let told = 0;
    for await (const chunk of child.stdout) {
      told = Number(String(chunk).trim().split("\n").at(-1)) || told;
      if (told > 20) break;
    }
    child.kill("SIGKILL");
    await once(child, "exit");
    const database = await openDatabase({ url: null, dataDir });
    expect(await createLedger(database).meta.get("n")).toBeGreaterThanOrEqual(told);
    await database.close();
  });

  test("its own process dies: the transaction in it fails, the next one finds what was stored", async () => {
    const database = await openDatabase({ url: null, dataDir });
    const ledger = createLedger(database);
    await ledger.meta.set("kept", "stored");
    const broken = ledger.transaction(async (inside) => {
      await inside.meta.set("kept", "lost");
      killDatabaseProcess();
      await inside.meta.get("kept");
    });
    await expect(broken).rejects.toMatchObject({ code: "database-unavailable" });
    expect(await ledger.meta.get("kept")).toBe("stored");
    await database.close();
  });

  test("its own process is gone, which nobody has told yet: a question fails, this process goes on", async () => {
    const database = await openDatabase({ url: null, dataDir });
    const ledger = createLedger(database);
    await ledger.meta.set("kept", "stored");
    killDatabaseProcess();
    // The pipe to it breaks before Node gives the news of its end.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    const asked = await Promise.allSettled([ledger.meta.get("kept"), ledger.meta.get("kept")]);
    expect(asked.map(({ status }) => status)).toContain("rejected");
    expect(await ledger.meta.get("kept")).toBe("stored");
    await database.close();
  });

  test("one that a newer version wrote is refused and left alone", async () => {
    const database = await openDatabase({ url: null, dataDir });
    await sql`insert into schema_migrations values ('9999-future', '2030-01-01')`.execute(database.kysely);
    await database.close();
    const attempt = openDatabase({ url: null, dataDir });
    await expect(attempt).rejects.toMatchObject({
      code: "database-newer",
      detail: { migrations: ["9999-future"] },
    });
    await expect(openDatabase({ url: null, dataDir })).rejects.toMatchObject({ code: "database-newer" });
  });

  test.skipIf(process.getuid?.() === 0)("one that cannot be written", async () => {
    const closed = mkdtempSync(join(folder, "closed-"));
    chmodSync(closed, 0o500);
    const attempt = openDatabase({ url: null, dataDir: join(closed, "data") });
    await expect(attempt).rejects.toMatchObject({ code: "not-writable" });
  });

  test("a file in its place", async () => {
    writeFileSync(join(folder, "file"), "");
    const attempt = openDatabase({ url: null, dataDir: join(folder, "file") });
    await expect(attempt).rejects.toMatchObject({ code: "not-writable" });
  });
});

const killDatabaseProcess = (): void => {
  const processes = execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" }).split("\n");
  const ours = processes
    .map((line) => /^\s*(\d+)\s+(\d+)\s.*database-process-main/.exec(line))
    .find((found) => found?.[2] === String(process.pid));
  process.kill(Number(ours?.[1]), "SIGKILL");
};

test("a server that is not there, without its password in the message", async () => {
  const failure = await openDatabase({ url: "postgres://me:hunter2@127.0.0.1:1/x", dataDir: null }).catch(
    (thrown: unknown) => thrown,
  );
  expect(failure).toMatchObject({ code: "database-unavailable" });
  expect(String(failure)).not.toContain("hunter2");
});

describe.skipIf(server.missing !== null)(`a server${server.missing ? ` (${server.missing})` : ""}`, () => {
  test("replicas that start at once migrate it once; an older one that starts later is refused", async () => {
    const home = await server.start();
    await home.clear();
    const all = await Promise.all([1, 2, 3, 4].map(() => home.reopen()));
    const { rows } = await sql<{ name: string }>`select name from schema_migrations`.execute(all[0]!.kysely);
    expect(rows).toEqual(migrationNames().map((name) => ({ name })));
    await sql`insert into schema_migrations values ('9999-future', '2030-01-01')`.execute(all[0]!.kysely);
    await expect(home.reopen()).rejects.toMatchObject({ code: "database-newer" });
    for (const database of all) await database.close();
    await home.stop();
  });
});
