import { describe, expect, test } from "vitest";
import { databaseUrls } from "../../src/adapters/database-urls.ts";
import { createRedactor } from "../../src/adapters/redactor.ts";
import { databaseRulesOf } from "../../src/config/database-schema.ts";
import { parseRepoConfig } from "../../src/config/repo-config.ts";

const read = (database: string) =>
  parseRepoConfig(
    `version: 1\nworkspaces:\n  - dir: db\n    kind: postgres-migrations\n    database: ${database}\n`,
    { file: "plumbline.yaml" },
  );
const databaseIn = (text: string) => {
  const parsed = read(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const [workspace] = parsed.value.workspaces;
  if (!workspace?.database) throw new Error("no database");
  return workspace.database;
};

describe("database: of a workspace", () => {
  test("every default is filled in", () => {
    expect(databaseIn("{url: {read_only: {env: READ}, migration: {file: /etc/db/write}}}")).toEqual({
      tool: "builtin",
      url: {
        ...{ read_only: { env: "READ" }, migration: { file: "/etc/db/write" } },
        ...{ backfill: null, rehearsal: null },
      },
      schemas: [],
      historyTable: null,
      placeholders: {},
      outOfOrder: false,
      baselineVersion: null,
      changelog: null,
      lockTimeout: "5s",
      statementTimeout: "1h",
      rehearsal: { enabled: true, rowLimit: 10_000, timeoutSeconds: 600 },
    });
  });

  test.each([
    ["url: {migration: 'postgres://me:pa55word@host/db'}", "workspaces[0].database.url.migration"],
    ["url: {migration: {}}", "workspaces[0].database.url.migration"],
    ["url: {read_only: {env: A, file: /b}}", "workspaces[0].database.url.read_only"],
    ["url: {read_only: {file: ../b}}", "workspaces[0].database.url.read_only"],
    ["lock_timeout: soon", "workspaces[0].database.lock_timeout"],
    ["baseline_version: one", "workspaces[0].database.baseline_version"],
    ["schema: 'a; drop'", "workspaces[0].database.schema"],
    ["changelog: ../c.xml", "workspaces[0].database.changelog"],
  ])("%s is refused, and no secret is repeated", (text, path) => {
    const parsed = read(`{${text}}`);
    const problems = parsed.ok ? [] : parsed.problems;
    expect(problems.map((one) => one.path.slice(0, path.length))).toContain(path);
    expect(JSON.stringify(problems)).not.toContain("pa55word");
  });
});

describe("connections", () => {
  const redactor = createRedactor();
  const urls = databaseUrls({
    rules: databaseRulesOf([
      {
        workspaces: ["acme/infra//db/*"],
        migration: { env: ["WRITE", "EMPTY", "WRONG"], files: ["/etc/db/"] },
      },
    ]),
    env: {
      WRITE: "postgres://me:s%40fe-word@db:5432/orders",
      EMPTY: "",
      WRONG: "mysql://x",
      ADMIN: "postgres://root@db/x",
    },
    redactor,
  });
  const ask = (held: string, workspace = "acme/infra//db/orders#default") =>
    urls.resolve(workspace, databaseIn(`{url: {migration: ${held}, read_only: ${held}}}`), "migration");

  test("come from what the operator allows, and are kept out of every text", async () => {
    expect(await ask("{env: WRITE}")).toContain("@db:5432/orders");
    expect(redactor.redact("it is s@fe-word, or s%40fe-word")).not.toMatch(/fe-word/);
  });

  test.each([
    ["{env: ADMIN}", "may not take"],
    ["{env: EMPTY}", "no connection"],
    ["{env: WRONG}", "no URL"],
    ["{file: /etc/passwd}", "may not take"],
    ["{file: /etc/db/nothing-here}", "no connection"],
  ])("%s is refused", async (held, why) => {
    await expect(ask(held)).rejects.toMatchObject({
      code: "credentials-failed",
      message: expect.stringContaining(why),
    });
  });

  test("are not for another identity or another workspace", async () => {
    await expect(ask("{env: WRITE}", "acme/infra//network#default")).rejects.toMatchObject({
      code: "credentials-failed",
    });
    const database = databaseIn("{url: {read_only: {env: WRITE}}}");
    await expect(urls.resolve("acme/infra//db/a#default", database, "read_only")).rejects.toMatchObject({
      code: "credentials-failed",
    });
  });
});
