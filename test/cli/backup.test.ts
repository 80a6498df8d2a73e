import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDirectoryArtifacts, createDirectoryStore } from "../../src/adapters/artifacts-directory.ts";
import type { SealedStore } from "../../src/adapters/artifacts-sealed.ts";
import { type Database, openDatabase } from "../../src/adapters/database.ts";
import { openInstance } from "../../src/adapters/instance.ts";
import { createLedger } from "../../src/adapters/ledger.ts";
import { type StartedHome, server } from "../contract/databases.ts";
import { allRows, fillSystem, WORKSPACE } from "../contract/small-system.ts";
import { cli, type Ran } from "./world.ts";

const root = mkdtempSync(join(tmpdir(), "plumbline-backup-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const embeddedAt = (data: string): Promise<Database> =>
  openDatabase({ url: null, dataDir: join(data, "database") });

const bytesOf = async (store: SealedStore): Promise<Record<string, string>> => {
  const found: Record<string, string> = {};
  for await (const { key } of store.list(""))
    found[key] = Buffer.from((await store.get(key)) ?? []).toString("base64");
  return found;
};
const artifactsAt = (data: string): Promise<Record<string, string>> =>
  bytesOf(createDirectoryStore(join(data, "artifacts")));

/** What a restore changes on purpose: dead runs are settled, and the audit and the outbox tell of it. */
const SETTLED = ["audit", "leases", "meta", "outbox", "replicas", "runs"];
const untouched = (rows: Record<string, readonly string[]>): Record<string, readonly string[]> =>
  Object.fromEntries(Object.entries(rows).filter(([table]) => !SETTLED.includes(table)));

const source = join(root, "source");
const file = join(root, "one.backup");
let rows: Record<string, readonly string[]>;
let created: Ran;

beforeAll(async () => {
  const { keys } = await openInstance(source, []);
  const database = await embeddedAt(source);
  await fillSystem(database, createDirectoryArtifacts(join(source, "artifacts"), keys));
  rows = await allRows(database);
  await database.close();
  created = await cli(["backup", "create", file, "--data", source, "--json"]);
}, 120_000);

const onServer = (data: string, url: string): { env: Record<string, string> } => ({
  env: {
    PLUMBLINE_DATA: data,
    PLUMBLINE_DATABASE_URL: url,
    PLUMBLINE_REPO_ALLOWLIST: "acme/*",
    PLUMBLINE_POLLING: "on",
    PLUMBLINE_GITHUB_TOKEN: "t",
  },
});

describe("backup create", () => {
  test("tells what the file holds; the file is its owner's, and overwrites nothing", async () => {
    expect(created.code).toBe(0);
    expect(JSON.parse(created.out)).toMatchObject({
      withKey: false,
      artifacts: 4,
      tables: { runs: 2, locks: 2, audit: 2, jobs: 1, outbox: 1, workspaces: 2 },
      auditBrokenAt: null,
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const again = await cli(["backup", "create", file, "--data", source]);
    expect([again.code, again.err]).toEqual([1, expect.stringContaining("exists already")]);
    const nowhere = await cli(["backup", "create", join(root, "no/such"), "--data", source]);
    expect([nowhere.code, nowhere.err]).toEqual([1, expect.stringContaining("cannot be written")]);
  });

  test("holds no key and nothing legible of the artifacts", async () => {
    const key = (await readFile(join(source, "key"), "utf8")).trim();
    const content = readFileSync(file);
    expect(content.includes(key)).toBe(false);
    expect(content.includes("a plan")).toBe(false);
  });
});

describe("backup restore", () => {
  test("an empty system is the same afterwards: rows, counters, artifacts, audit; what ran is in doubt", async () => {
    const data = join(root, "restored");
    const withKey = join(root, "with-key.backup");
    await cli(["backup", "create", withKey, "--data", source, "--with-key"]);
    const ran = await cli(["backup", "restore", withKey, "--data", data, "--json"]);
    expect([ran.code, JSON.parse(ran.out)]).toMatchObject([2, { keys: "restored", inDoubt: ["run_apply"] }]);
    expect(await artifactsAt(data)).toEqual(await artifactsAt(source));
    const { keys } = await openInstance(data, []);
    const database = await embeddedAt(data);
    try {
      const restored = await allRows(database);
      expect(Object.keys(rows).filter((table) => rows[table]?.length === 0)).toEqual([]);
      expect(untouched(restored)).toEqual(untouched(rows));
      const facts = (of: typeof rows) => of["meta"]?.filter((row) => !row.startsWith("(freeze,"));
      expect(facts(restored)).toEqual(facts(rows));
      for (const table of ["leases", "runs"]) expect(restored[table]).toHaveLength(rows[table]?.length ?? 0);
      // None of them lives in the restored system.
      expect(restored["replicas"]).toEqual([]);
      expect(restored["audit"]?.slice(0, 2)).toEqual(rows["audit"]);
      expect(restored["outbox"]).toEqual(expect.arrayContaining([...(rows["outbox"] ?? [])]));
      const ledger = createLedger(database);
      expect(await ledger.audit.verify()).toBeNull();
      expect((await ledger.audit.list({})).map(({ action }) => action)).toEqual([
        "approve",
        "applied",
        "apply-unknown",
        "backup-restored",
      ]);
      expect(await ledger.runs.get("run_apply")).toMatchObject({ state: "unknown" });
      expect(await ledger.runs.get("run_plan")).toMatchObject({ state: "interrupted" });
      // The one in doubt keeps its workspace; the token of the other has not gone back.
      expect(await ledger.leases.get(WORKSPACE)).toMatchObject({ run: "run_apply", token: 1 });
      expect((await ledger.outbox.take(10)).map(({ followUp }) => followUp.job.kind).sort()).toEqual([
        "assess",
        "publish",
        "publish",
        "reconcile",
        "sweep",
      ]);
      const plan = await ledger.plans.ofRun("run_apply");
      const artifacts = createDirectoryArtifacts(join(data, "artifacts"), keys);
      expect(plan?.planArtifact && Buffer.from(await artifacts.get(plan.planArtifact)).toString()).toBe(
        "a plan",
      );
      await expect(sql`delete from audit`.execute(database.kysely)).rejects.toThrow("append-only");
      await ledger.locks.request("new", { repo: "a/b", number: 1 }, "x", new Date());
    } finally {
      await database.close();
    }
    const freeze = JSON.parse(await readFile(join(data, "freeze.json"), "utf8")) as unknown;
    expect(freeze).toMatchObject([{ target: WORKSPACE, reason: "incident" }]);
    const twice = await cli(["backup", "restore", withKey, "--data", data]);
    expect([twice.code, twice.err]).toEqual([1, expect.stringContaining("Nothing was restored")]);
    const key = await readFile(join(data, "key"), "utf8");
    expect(key).toBe(await readFile(join(source, "key"), "utf8"));
  }, 120_000);

  test("says where the system has another key, and where it has none", async () => {
    const other = join(root, "other-key");
    await openInstance(other, []);
    const differs = await cli(["backup", "restore", file, "--data", other]);
    expect([differs.code, differs.out]).toEqual([2, expect.stringContaining("do not open all artifacts")]);
    const missing = await cli(["backup", "restore", file, "--data", join(root, "no-key"), "--json"]);
    expect([missing.code, JSON.parse(missing.out)]).toMatchObject([2, { keys: "missing" }]);
  }, 120_000);

  test("a store that holds something else is left alone; what a broken-off restore left is taken", async () => {
    const data = join(root, "half");
    const store = createDirectoryStore(join(data, "artifacts"));
    const [first] = Object.entries(await artifactsAt(source));
    if (!first) throw new Error("no artifact");
    await store.putOnce("foreign", Buffer.from("x"));
    const refused = await cli(["backup", "restore", file, "--data", data]);
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("holds foreign")]);
    await store.delete("foreign");
    await store.putOnce(first[0], Buffer.from(first[1], "base64"));
    expect((await cli(["backup", "restore", file, "--data", data])).code).toBe(2);
    expect(await artifactsAt(data)).toEqual(await artifactsAt(source));
  }, 120_000);
});

describe("a backup that is not what was written is refused before anything is", () => {
  const refusal = async (change: (content: Buffer) => Buffer): Promise<Ran> => {
    const broken = join(root, "broken.backup");
    writeFileSync(broken, change(readFileSync(file)));
    const verified = await cli(["backup", "verify", broken]);
    const restored = await cli(["backup", "restore", broken, "--data", join(root, "never")]);
    expect(restored).toEqual(verified);
    expect(() => statSync(join(root, "never"))).toThrow("ENOENT");
    return verified;
  };
  const flipped = (content: Buffer, at: number): Buffer => {
    content[at] = (content[at] ?? 0) ^ 1;
    return content;
  };

  test.each([
    ["empty", () => Buffer.alloc(0), "no backup"],
    ["something else", () => Buffer.from("PK\u0003\u0004 a zip file\n"), "no backup"],
    ["only its first line", (content: Buffer) => content.subarray(0, content.indexOf(10) + 1), "cut off"],
    ["cut in the middle", (content: Buffer) => content.subarray(0, content.length >> 1), "cut off"],
    ["without its last byte", (content: Buffer) => content.subarray(0, -1), "cut off"],
    [
      "without its trailer",
      (content: Buffer) => content.subarray(0, content.lastIndexOf('{"part":"end"')),
      "cut off",
    ],
    ["longer", (content: Buffer) => Buffer.concat([content, Buffer.from("x\n")]), "cannot be used"],
    ["with a changed bit", (content: Buffer) => flipped(content, content.length >> 1), "cannot be used"],
    [
      "without one artifact",
      (content: Buffer) => {
        const from = content.indexOf('{"part":"artifact"');
        const to = content.indexOf('{"part":"artifact"', from + 1);
        return Buffer.concat([content.subarray(0, from), content.subarray(to)]);
      },
      "parts",
    ],
  ])("%s", async (_what, change, said) => {
    const { code, err } = await refusal(change);
    expect([code, err]).toEqual([1, expect.stringContaining(said)]);
  });

  test("every single byte counts", async () => {
    const { verifyBackup } = await import("../../src/adapters/backup-restore.ts");
    const content = readFileSync(file);
    const broken = join(root, "byte.backup");
    const step = Math.ceil(content.length / 200);
    for (let at = 0; at < content.length; at += step) {
      writeFileSync(broken, flipped(Buffer.from(content), at));
      await expect(verifyBackup(broken), `byte ${at}`).rejects.toMatchObject({
        code: expect.stringMatching(/^backup-(corrupt|newer)$/),
      });
    }
  });

  test("a newer form", async () => {
    const { code, err } = await refusal((content) =>
      Buffer.from(content.toString("latin1").replace("BACKUP 1", "BACKUP 2"), "latin1"),
    );
    expect([code, err]).toEqual([1, expect.stringContaining("form 2")]);
  });

  test("a file that is not there", async () => {
    const { code, err } = await cli(["backup", "verify", join(root, "absent")]);
    expect([code, err]).toEqual([64, expect.stringContaining("absent")]);
  });
});

describe.skipIf(server.missing !== null)(
  `between PGlite and PostgreSQL (${server.missing ?? "both here"})`,
  () => {
    let home: StartedHome;
    beforeAll(async () => {
      home = await server.start();
      await home.clear();
    }, 120_000);
    afterAll(() => home?.stop());

    test("there and back, row by row and byte by byte", async () => {
      const there = join(root, "there");
      await openInstance(there, []);
      const moved = await cli(["backup", "restore", file, "--json"], onServer(there, home.url));
      expect([moved.code, moved.err]).toEqual([2, ""]);
      const database = await home.reopen();
      const onPostgres = await allRows(database);
      expect(untouched(onPostgres)).toEqual(untouched(rows));
      expect(onPostgres["audit"]?.slice(0, 2)).toEqual(rows["audit"]);
      expect(onPostgres["meta"]).toEqual(rows["meta"]);
      expect(await createLedger(database).audit.verify()).toBeNull();
      await database.close();
      expect(await artifactsAt(there)).toEqual(await artifactsAt(source));

      const second = join(root, "two.backup");
      const taken = await cli(["backup", "create", second], onServer(there, home.url));
      expect([taken.code, taken.err]).toEqual([0, ""]);
      const back = join(root, "back");
      expect((await cli(["backup", "restore", second, "--data", back])).code).toBe(2);
      const returned = await embeddedAt(back);
      const rowsBack = await allRows(returned);
      expect(untouched(rowsBack)).toEqual(untouched(rows));
      expect(rowsBack["runs"]).toEqual(onPostgres["runs"]);
      await returned.close();
      expect(await artifactsAt(back)).toEqual(await artifactsAt(source));
      const again = await cli(["backup", "restore", second], onServer(join(root, "third"), home.url));
      expect([again.code, again.err]).toEqual([1, expect.stringContaining("the database holds rows")]);
    }, 120_000);
  },
);
