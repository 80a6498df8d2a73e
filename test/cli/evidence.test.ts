import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { createDirectoryArtifacts } from "../../src/adapters/artifacts-directory.ts";
import { openDatabase } from "../../src/adapters/database.ts";
import { openInstance } from "../../src/adapters/instance.ts";
import { createLedger } from "../../src/adapters/ledger.ts";
import type { Json } from "../../src/model/json.ts";
import { AT, evidence, WORKSPACE } from "../contract/evidence-sample.ts";
import { cli, folder } from "./world.ts";

let data: string;

/** A data folder as a service leaves it after one apply; `says` is what the audit tells of it. */
const records = async (says: Record<string, Json> = {}): Promise<void> => {
  const instance = await openInstance(data, []);
  const database = await openDatabase({ url: null, dataDir: join(data, "database") });
  const ledger = createLedger(database);
  const artifacts = createDirectoryArtifacts(join(data, "artifacts"), instance.keys);
  const ref = await artifacts.put("evidence/run_1.json", new TextEncoder().encode(JSON.stringify(evidence)));
  const at = new Date(AT);
  await ledger.audit.append({
    at,
    actor: "lee",
    action: "approve",
    subject: WORKSPACE,
    details: { digest: "pd1:aa" },
  });
  await ledger.audit.append({
    at,
    actor: "dana",
    action: "applied",
    subject: WORKSPACE,
    details: { run: "run_1", digest: "pd1:aa", commit: "c", verified: true, evidence: { ...ref }, ...says },
  });
  await database.close();
};

beforeEach(() => {
  data = folder();
});

describe("evidence", () => {
  test("show answers the seven questions, and prints the bundle as JSON", async () => {
    await records();
    const { code, out } = await cli(["evidence", "show", WORKSPACE, "--data", data]);
    expect(code).toBe(0);
    for (const word of [
      "Who approved",
      "lee: approve by comment at 2026-07-03T10:00:00.000Z as data-owner for commit h, plan pd1:aa",
      "let be undone: aws_s3_bucket.a: acl",
      "asked: house",
      "watch the cost",
      "durable systems: s3.exports",
      "migration by flyway 11.3: V7__drop.sql",
      "application health: passed",
      "mismatch_total: asked for, not told",
      "boundary: when it is applied; crossed",
      "code before: commit a0",
      "old version works after it: no",
      "restore test t-9 at 2026-07-03T10:00:00.000Z: passed",
      "decided in ADR-9",
      "What changed",
      "aws_s3_bucket.a",
      "database db.internal:5432/orders, PostgreSQL 15",
      "R1 V2__note.sql: verified in 40 ms (rehearsed 25 ms, acme/infra//staging#default 38 ms, retries: 1)",
      "line 2: 30 ms, rows: 12",
      "lock of public.orders: ACCESS EXCLUSIVE, 20 ms when rehearsed",
      `live schema against the files: passed, sha256 ${"e".repeat(64)}`,
      "When",
      "By which identity",
      "plumbline[bot]",
      "3 of l -> 4 of l",
      "a second plan is empty",
      "Restore of the backup b-1.",
    ])
      expect(out).toContain(word);
    const json = await cli(["evidence", "show", WORKSPACE, "--data", data, "--json"]);
    expect(JSON.parse(json.out)).toEqual(evidence);
  });

  test("verify is content where chain, bytes and bundle agree", async () => {
    await records();
    const { code, out } = await cli(["evidence", "verify", WORKSPACE, "--data", data, "--json"]);
    expect([code, JSON.parse(out)]).toMatchObject([0, { ok: true, problems: [], sequence: 2 }]);
  });

  test("verify says where the audit tells otherwise", async () => {
    await records({ commit: "another" });
    const { code, out } = await cli(["evidence", "verify", WORKSPACE, "--data", data]);
    expect([code, out]).toEqual([2, "The audit says commit another, the bundle c.\n"]);
  });

  test("verify says where the bundle is another one", async () => {
    await records();
    const path = join(data, "artifacts", "evidence", "run_1.json");
    const bytes = await readFile(path);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    await writeFile(path, bytes);
    const { code, out } = await cli(["evidence", "verify", WORKSPACE, "--data", data, "--json"]);
    expect([code, JSON.parse(out)]).toMatchObject([
      2,
      { ok: false, problems: [expect.stringContaining("evidence/run_1.json")] },
    ]);
  });

  test.each([
    [
      "a changed entry",
      [sql`update audit set details = replace(details, 'pd1:aa', 'pd1:bb') where sequence = 1`],
      1,
    ],
    ["an entry that is gone", [sql`delete from audit where sequence = 1`], 1],
    [
      "entries in another order",
      [
        sql`update audit set sequence = 9 where sequence = 1`,
        sql`update audit set sequence = 1 where sequence = 2`,
        sql`update audit set sequence = 2 where sequence = 9`,
      ],
      1,
    ],
    [
      "an entry put between",
      [
        sql`update audit set sequence = 3 where sequence = 2`,
        sql`insert into audit select 2, at, actor, action, subject, details, hash from audit where sequence = 1`,
      ],
      2,
    ],
  ])("verify finds in the audit %s", async (_what, statements, at) => {
    await records();
    const database = await openDatabase({ url: null, dataDir: join(data, "database") });
    await sql`alter table audit disable trigger all`.execute(database.kysely);
    for (const statement of statements) await statement.execute(database.kysely);
    await database.close();
    const { code, out } = await cli(["evidence", "verify", WORKSPACE, "--data", data, "--json"]);
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      problems: expect.arrayContaining([`The audit's chain is broken at entry ${at}.`]),
    });
  });

  test("export holds the bundle and the entries that speak of it", async () => {
    await records();
    const file = join(data, "out.json");
    expect((await cli(["evidence", "export", WORKSPACE, "--data", data, "--out", file])).code).toBe(0);
    const exported = JSON.parse(await readFile(file, "utf8"));
    expect(createHash("sha256").update(exported.text).digest("hex")).toBe(exported.sha256);
    expect(exported).toMatchObject({
      evidence: { run: "run_1" },
      audit: [{ action: "approve" }, { action: "applied" }],
      problems: [],
    });
  });

  test.each([
    ["what nobody applied", "acme/infra//other#default", 1],
    ["nothing", "", 64],
  ])("of %s there is none", async (_what, asked, expected) => {
    await records();
    const args = asked === "" ? [] : [asked];
    const { code, err } = await cli(["evidence", "show", ...args, "--data", data]);
    expect([code, err]).toEqual([expected, expect.stringMatching(/evidence|RUN/)]);
  });

  test("a folder that is no data folder is said so and left as it is", async () => {
    const { code, err } = await cli(["evidence", "show", "run_1", "--data", data]);
    expect([code, err]).toEqual([64, expect.stringContaining("no data folder")]);
  });
});

describe("freeze", () => {
  const run = (...args: string[]) => cli(["freeze", ...args, "--data", data]);
  beforeEach(async () => {
    await openInstance(data, []);
  });

  test("is thrown for all or one, told, and lifted", async () => {
    expect((await run("status")).out).toBe("Nothing is frozen.\n");
    expect((await run("on", "--reason", "incident 9", "--by", "lee")).code).toBe(0);
    await run("on", "--workspace", WORKSPACE, "--reason", "migration", "--by", "sam");
    const { out } = await run("status", "--json");
    expect(JSON.parse(out)).toMatchObject({
      frozen: [
        { target: "*", by: "lee", reason: "incident 9" },
        { target: WORKSPACE, by: "sam", reason: "migration" },
      ],
    });
    await run("off");
    expect((await run("status")).out).toMatch(/^acme\/infra/m);
    await run("off", "--workspace", WORKSPACE);
    expect((await run()).out).toBe("Nothing is frozen.\n");
  });

  test.each([
    ["without a reason", ["on"]],
    ["of something that is no workspace", ["on", "--workspace", "x", "--reason", "y"]],
    ["with another word", ["maybe"]],
  ])("%s is refused", async (_what, args) => {
    expect((await run(...args)).code).toBe(64);
  });

  test("a workspace that the service does not know is refused, with those that are like it", async () => {
    await writeFile(join(data, "workspaces.json"), JSON.stringify([WORKSPACE]));
    const { code, err } = await run(
      "on",
      "--workspace",
      WORKSPACE.replace("infra", "infar"),
      "--reason",
      "x",
    );
    expect([code, err]).toEqual([64, expect.stringContaining(`Did you mean ${WORKSPACE}?`)]);
    expect((await run("on", "--workspace", WORKSPACE, "--reason", "x")).code).toBe(0);
    await writeFile(join(data, "workspaces.json"), "[]");
    expect((await run("off", "--workspace", WORKSPACE)).code).toBe(0);
  });

  test("a file that cannot be read is said so, never passed over", async () => {
    await writeFile(join(data, "freeze.json"), "{ half");
    const { code, err } = await run("status");
    expect([code, err]).toEqual([1, expect.stringContaining("everything is frozen")]);
  });
});
