import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { localServer } from "../../demo/story/local-server.ts";
import { backupSocket } from "../../src/adapters/backup-answer.ts";
import { openDatabase } from "../../src/adapters/database.ts";
import { type Service, startService } from "../../src/wire.ts";
import { allRows } from "../contract/small-system.ts";
import { cli } from "./world.ts";

// A service on its embedded database, which no other process may open: it reads its records itself.

const root = mkdtempSync(join(tmpdir(), "plumbline-running-"));
const key = new Uint8Array(32).fill(5);
const config = {
  ...localServer({
    dir: root,
    repoAllowlist: ["acme/*"],
    forge: { type: "gitea", apiUrl: "http://127.0.0.1:9", token: "t" },
    engine: null,
    env: {},
  }),
  // Not in the data folder, as where a secret manager gives them.
  keys: [key],
};
const { dataDir } = config;
const fileOf = (name: string): string => join(root, name);
const env = { PLUMBLINE_DATA: dataDir, PLUMBLINE_REPO_ALLOWLIST: "acme/*", PLUMBLINE_POLLING: "on" };
const withKeys = { env: { ...env, PLUMBLINE_GITHUB_TOKEN: "t", PLUMBLINE_KEY: hex(key) } };
let service: Service;

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

beforeAll(async () => {
  service = await startService(config, {
    ...{ version: "0.0.0", env: process.env, writeLog: () => undefined, minuteHand: false },
  });
  await service.idle();
  const { artifacts, ledger } = service.world;
  await artifacts.put("runs/one/plan", new TextEncoder().encode("a plan"));
  await artifacts.put("runs/one/plan.json", new Uint8Array(3_000_000).fill(7));
  for (let at = 0; at < 3; at += 1) await ledger.meta.set(`fact ${at}`, "x".repeat(400_000));
  await ledger.audit.append({
    ...{ at: new Date(), actor: "lee", action: "approve", subject: "a", details: null },
  });
}, 120_000);
afterAll(async () => {
  await service?.stop();
  rmSync(root, { recursive: true, force: true });
});

test("a running service gives all its records, goes on meanwhile, and nothing is left behind", async () => {
  const [ran] = await Promise.all([
    cli(["backup", "create", fileOf("one"), "--data", dataDir, "--json"]),
    service.world.ledger.meta.set("written meanwhile", 1),
  ]);
  expect([ran.code, ran.err]).toEqual([0, ""]);
  expect(JSON.parse(ran.out)).toMatchObject({ artifacts: 2, tables: { audit: 1 }, gone: 0, withKey: false });
  expect(statSync(fileOf("one")).mode & 0o777).toBe(0o600);
  expect((await cli(["backup", "verify", fileOf("one")])).code).toBe(0);
  expect(await readdir(join(dataDir, "control"))).toEqual(["backup.sock"]);
  const again = await cli(["backup", "create", fileOf("one"), "--data", dataDir]);
  expect([again.code, again.err]).toEqual([1, expect.stringContaining("exists already")]);
});

test("the keys are given to those alone who have them", async () => {
  const refused = await cli(["backup", "create", fileOf("keyless"), "--data", dataDir, "--with-key"]);
  expect([refused.code, refused.err]).toEqual([64, expect.stringContaining("not those of the running")]);
  expect(() => statSync(fileOf("keyless"))).toThrow("ENOENT");
  const ran = await cli(["backup", "create", fileOf("keys"), "--with-key"], withKeys);
  expect([ran.code, ran.err]).toEqual([0, ""]);
  expect(readFileSync(fileOf("keys")).includes("a plan")).toBe(false);
});

test("only who may enter the folder can ask; who goes away in the middle holds nothing up", async () => {
  expect(statSync(join(dataDir, "control")).mode & 0o777).toBe(0o700);
  const socket = connect(backupSocket(dataDir));
  const body = JSON.stringify({ keyProof: null });
  socket.write(`POST /backup HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
  await new Promise((read) => socket.once("data", read));
  socket.destroy();
  await service.world.ledger.meta.set("afterwards", 1);
  const ran = await cli(["backup", "create", fileOf("after"), "--data", dataDir]);
  expect([ran.code, ran.err]).toEqual([0, ""]);
});

test("what was given restores into an empty system, row by row; a service that stopped is asked no more", async () => {
  await service.idle();
  const ran = await cli(["backup", "create", fileOf("last")], withKeys);
  expect([ran.code, ran.err]).toEqual([0, ""]);
  await service.stop();
  expect(await readdir(join(dataDir, "control"))).toEqual([]);
  const rowsOf = async (data: string) => {
    const database = await openDatabase({ url: null, dataDir: join(data, "database") });
    try {
      return await allRows(database);
    } finally {
      await database.close();
    }
  };
  const [before, empty] = [await rowsOf(dataDir), join(root, "restored")];
  expect((await cli(["backup", "restore", fileOf("last"), "--data", empty])).code).toBe(2);
  const after = await rowsOf(empty);
  // What a restore writes by itself: its own entry of the audit, and what the service is to look at.
  for (const table of Object.keys(before).filter((one) => !["audit", "outbox", "meta"].includes(one)))
    expect(after[table], table).toEqual(before[table]);
  expect(after["audit"]).toEqual(expect.arrayContaining([...(before["audit"] ?? [])]));
  expect((await cli(["backup", "create", fileOf("stopped"), "--data", dataDir])).code).toBe(0);
}, 120_000);
