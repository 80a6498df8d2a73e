import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadCatalogue } from "../../src/adapters/catalogue-files.ts";
import { contextCommand } from "../../src/adapters/context-command.ts";
import { createRedactor } from "../../src/adapters/redactor.ts";
import { readResourceContext } from "../../src/config/resource-context.ts";
import { readClaims } from "../../src/config/stateful-change.ts";
import { missingProof } from "../../src/gate/backup-proof.ts";
import { DEFAULT_GOVERNANCE } from "../../src/model/governance.ts";
import { isCovered, type ResourceContext, SENSITIVE_DATA } from "../../src/model/resource-context.ts";
import { inspectPlan } from "../../src/plan/inspect.ts";
import { readPlan } from "../../src/plan/read.ts";
import type { Git } from "../../src/ports/git.ts";
import { findingsByContext, judgedByContext } from "../../src/risk/context-judgement.ts";
import { classifyFiles } from "../../src/risk/files.ts";
import { resourceContext } from "../../src/run/resource-context.ts";

const catalogue = await loadCatalogue();
const redactor = createRedactor();

/** As the course that the format is taken from writes it, with addresses. */
const CONTEXT = `resource_context:
  resources: ["aws_db_instance.*"]
  workspaces: ["prod*"]
  database: customer-prod
  engine: postgres
  region: ap-southeast-1
  size_gb: 310
  table_stats:
    customer: { estimated_rows: 420000000, size_gb: 310, criticality: tier-0 }
  data_classification: { customer: pii }
  service_owner: customer-platform
  restore_test: { latest_success: "2026-07-02T11:30:00+07:00", duration: 2h, size_gb: 155 }
  observed_at: 2026-07-03
`;
const EMPTY = `resource_context: [{ resources: [aws_s3_bucket.a], bucket_stats: { objects: 0, size_gb: 0 }, observed_at: 2026-07-03 }]`;

const context = (text: string, problem: string | null = null): ResourceContext => {
  const read = readResourceContext(text, "context.yaml");
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return { entries: read.value, sensitive: SENSITIVE_DATA, problem };
};
const NOTHING = context("resource_context: []");

const judge = (
  known: ResourceContext,
  address: string,
  actions: readonly string[],
  before: object,
  after: object | null,
) => {
  const [type = "", name] = address.split(".");
  const entry = {
    address,
    mode: "managed",
    type,
    name,
    provider_name: "x",
    change: { actions, before, after },
  };
  const plan = readPlan(JSON.stringify({ format_version: "1.2", resource_changes: [entry] }));
  const told = judgedByContext(inspectPlan(plan, catalogue), known);
  const reasons = told.changes[0]?.reasons.filter(({ rule }) => rule.startsWith("resource-")) ?? [];
  return { class: told.class, said: reasons.map(({ message }) => message).join(" ") };
};
const unprotected = (known: ResourceContext) =>
  judge(
    known,
    "aws_db_instance.a",
    ["update"],
    { deletion_protection: true },
    { deletion_protection: false },
  );

describe("what a resource holds", () => {
  test("raises R3 to R4 where it is sensitive, and says why", () => {
    expect(unprotected(NOTHING).class).toBe("R3");
    const told = unprotected(context(CONTEXT));
    expect(told.class).toBe("R4");
    expect(told.said).toContain("It holds pii data: R3 counts as R4.");
    expect(told.said).toContain("420,000,000 rows in customer");
  });
  test("raises nothing where it is not, nor what is harmless, nor another resource", () => {
    expect(unprotected(context(CONTEXT.replace("pii", "public").replace("tier-0", "tier-2"))).class).toBe(
      "R3",
    );
    const tagged = judge(
      context(CONTEXT),
      "aws_db_instance.a",
      ["update"],
      { tags: {} },
      { tags: { a: "b" } },
    );
    expect(tagged).toEqual({ class: "R1", said: "" });
    expect(unprotected(context(CONTEXT.replace("aws_db_instance.*", "aws_db_instance.b"))).class).toBe("R3");
  });
  test("that it is empty is said, and lowers no class", () => {
    const told = judge(context(EMPTY), "aws_s3_bucket.a", ["delete"], { bucket: "a" }, null);
    expect(told.class).toBe("R4");
    expect(told.said).toMatch(/was empty, as of 2026-07-03 .*the class stays/);
    const held = EMPTY.replace("objects: 0, size_gb: 0", "objects: 12");
    expect(judge(context(held), "aws_s3_bucket.a", ["delete"], {}, null).said).toMatch(/holds 12 objects/);
  });
  test("that cannot be read counts as the worse case, and says so", () => {
    const told = unprotected({ ...NOTHING, problem: "it gave no answer" });
    expect(told.class).toBe("R4");
    expect(told.said).toContain("it gave no answer");
  });
});

test("a finding in a file is judged by the table that it names", () => {
  const told = (sql: string, known: ResourceContext) =>
    findingsByContext(
      classifyFiles([{ path: "db/migration/V2__x.sql", before: null, after: sql }]),
      known,
    ).map((one) => `${one.class} ${one.rule}`);
  const index = "CREATE INDEX i ON customer (name);\n";
  const [plain = ""] = told(index, NOTHING);
  expect(plain).toMatch(/^R2 /);
  expect(told(index, context(CONTEXT))).toEqual([plain.replace("R2", "R3")]);
  expect(told(index.replace("customer", "customers"), context(CONTEXT))).toEqual([plain]);
  const type = "ALTER TABLE public.customer ALTER COLUMN name TYPE bigint;\n";
  const before = told(type, NOTHING);
  expect(before.some((one) => one.startsWith("R3"))).toBe(true);
  expect(told(type, context(CONTEXT))).toEqual(before.map((one) => one.replace("R3", "R4")));
});

test("a proof of backup that contradicts what was measured proves nothing", () => {
  const claim = (at: string, rto: string) =>
    readClaims(
      `stateful_change:\n  backup: { id: b, taken_at: 2026-07-02, restore_test: { id: t, at: ${at}, result: passed }, rto: ${rto}, rpo: 5m, owner: lee, restore_realistic: true, decision: A }\n`,
      [],
    ).claim;
  const gaps = (at: string, rto: string) => {
    const said = claim(at, rto);
    if (!said) throw new Error("no claim");
    const now = new Date("2026-07-05T00:00:00Z");
    return missingProof({ governance: DEFAULT_GOVERNANCE, now, context: context(CONTEXT).entries }, said);
  };
  expect(gaps("2026-07-02", "5h")).toEqual([]);
  expect(gaps("2026-07-04", "5h")).toEqual([
    expect.stringMatching(/restore_test.at: 2026-07-04 is said.*2026-07-02/),
  ]);
  // Twice as much as at the last restore, which took two hours.
  expect(gaps("2026-07-02", "3h")).toEqual([expect.stringMatching(/rto: 180 min are said.*240 min/)]);
});

describe("where it comes from", () => {
  const git = {
    readFiles: async (_repo: string, commit: string, paths: readonly string[]) =>
      new Map(
        paths
          .filter((path) => commit === "base" && path === "context.yaml")
          .map((path) => [path, new TextEncoder().encode(CONTEXT)]),
      ),
  } as unknown as Git;
  const wish = (files: readonly string[], dir = "prod/db") => ({
    repo: "acme/infra",
    base: "base",
    rules: { resourceContext: { files, sensitive: SENSITIVE_DATA } },
    workspace: { key: `acme/infra//${dir}#default`, dir, name: "default" },
    plan: readPlan(
      JSON.stringify({
        format_version: "1.2",
        resource_changes: [
          {
            address: "aws_db_instance.a",
            mode: "managed",
            type: "aws_db_instance",
            name: "a",
            provider_name: "x",
            change: { actions: ["delete"], before: { id: "db-1", password: "hunter22" }, after: null },
          },
        ],
      }),
    ),
  });
  let clock = 0;
  const command = (script: string, more: { names?: readonly string[]; timeoutMs?: number } = {}) => {
    const file = join(mkdtempSync(join(tmpdir(), "plumbline-context-")), "context.mjs");
    writeFileSync(file, script);
    const env = { PATH: process.env["PATH"], TOKEN: "for the command", OTHER: "not for it" };
    return contextCommand({
      command: [process.execPath, file],
      names: [],
      timeoutMs: 20_000,
      keepMs: 60_000,
      now: () => new Date(clock),
      env,
      redactor,
      ...more,
    });
  };

  test("a file of the protected branch, for the workspaces that it names", async () => {
    const known = await resourceContext({ git, redactor }, wish(["context.yaml"]));
    expect(known).toMatchObject({
      problem: null,
      entries: [{ database: "customer-prod", source: "context.yaml" }],
    });
    expect((await resourceContext({ git, redactor }, wish(["context.yaml"], "stage"))).entries).toEqual([]);
    expect((await resourceContext({ git, redactor }, wish(["none.yaml"]))).problem).toMatch(/none\.yaml/);
  });

  test("a command, which is asked without values and sees what it may", async () => {
    const source = command(
      `let text = ""; for await (const piece of process.stdin) text += piece;
       const seen = JSON.parse(text);
       console.log(JSON.stringify({ resource_context: [{ resources: [seen.resources[0].address],
         database: [process.env.TOKEN, process.env.OTHER, seen.resources[0].id, text.includes("hunter22")].join("/") }] }));`,
      { names: ["TOKEN"] },
    );
    const known = await resourceContext({ git, redactor, contextSource: source }, wish([]));
    expect(known).toMatchObject({
      problem: null,
      entries: [{ database: "for the command//db-1/false", source: "command" }],
    });
  });

  test("a command's answer counts for the same question for a while, and no longer", async () => {
    const count = join(mkdtempSync(join(tmpdir(), "plumbline-context-")), "count");
    const contextSource = command(
      `import { appendFileSync } from "node:fs"; appendFileSync(${JSON.stringify(count)}, "x");
       console.log('{"resource_context": []}');`,
    );
    const asked = async (dir: string) => {
      await resourceContext({ git, redactor, contextSource }, wish([], dir));
      return readFileSync(count, "utf8").length;
    };
    expect([await asked("a"), await asked("a"), await asked("b")]).toEqual([1, 1, 2]);
    clock += 60_001;
    expect(await asked("a")).toBe(3);
  });

  test.each<[string, string, RegExp, number?]>([
    ["that fails", "console.error('no route to host'); process.exit(3)", /ended with 3: no route to host/],
    ["that does not end", "setInterval(() => {}, 1000)", /no answer within 0\.3 s/, 300],
    ["that prints something else", 'console.log(\'{"resource_context": {"sizes": 3}}\')', /command.*sizes/],
    ["that prints no JSON", "console.log('{')", /command/],
  ])("a command %s is a problem, never an error", async (_what, script, message, timeoutMs = 20_000) => {
    const source = command(script, { timeoutMs });
    const known = await resourceContext({ git, redactor, contextSource: source }, wish([]));
    expect(known.entries).toEqual([]);
    expect(known.problem).toMatch(message);
  });
});

test.each([
  ["aws_db_instance.*", "aws_db_instance.a", true],
  ["*", "x", true],
  ["module.*.aws_s3_bucket.b", 'module.a["x"].aws_s3_bucket.b', true],
  ["a*a", "a", false],
  ["*.b", "a.c", false],
  ["a.b", "a.b[0]", false],
])("%s covers %s: %s", (pattern, text, expected) => {
  expect(isCovered(pattern, text)).toBe(expected);
});
