import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { jsonSchemas } from "../../src/config/json-schema.ts";
import { readClaims } from "../../src/config/stateful-change.ts";

const BLOCK = `stateful_change:
  class: R3
  durable_systems:
    - postgres.customer
    - service.customer-api
  compatibility:
    old_app_reads_new_schema: true
    new_app_reads_old_schema: true
    rollback_safe_until: "2026-07-17T00:00:00+07:00"
  backup:
    required: true
    restore_tested: true
  migration:
    tool: flyway
    estimated_runtime: "8m"
    lock_risk: "low"
    backfill_strategy: "batched"
  contract_step:
    expand_contract_phase: "expand"
`;
const METADATA = `change_id: CHG-2026-0712
service: case-management
database: case-management-prod
classification: R3
phase: expand
expected_runtime: 3m
requires_backup: true
backup_restore_test: restore-test-20260702
compatibility:
  old_app_works_after: true
  old_app_works_after_contract: false
observability:
  required_metrics:
    - assignee_fallback_read_total
    - assignee_backfill_mismatch_total
approvals:
  required:
    - service-owner
    - db-owner
`;

test.each([
  ["in a fence", `Rename the column.\n\n\`\`\`yaml\n${BLOCK}\`\`\`\n\nThanks!`],
  ["in a fence of tildes, with Windows line ends", `~~~\n${BLOCK}~~~\n`.replaceAll("\n", "\r\n")],
  ["bare, text around it", `Rename.\n\n${BLOCK}\nThanks!`],
  ["in a fence in a list", `- this:\n  \`\`\`yml\n${BLOCK.replaceAll(/^(?=.)/gm, "  ")}  \`\`\`\n`],
  ["in a fence that is never closed", `\`\`\`yaml\n${BLOCK}`],
])("a block %s is read", (_where, body) => {
  const { claim, problems } = readClaims(body, []);
  expect(problems).toEqual([]);
  expect(claim).toMatchObject({
    class: "R3",
    phases: ["expand"],
    durableSystems: ["postgres.customer", "service.customer-api"],
    compatibility: {
      oldReadsNew: true,
      newReadsOld: true,
      rollbackSafeUntil: new Date("2026-07-16T17:00:00Z"),
    },
    backup: { restoreTest: { passed: true } },
    migration: { tool: "flyway", estimatedRuntime: "8m", lockRisk: "low" },
  });
});

test.each([
  ["no block at all", "Only words about a stateful_change: nothing else."],
  ["an example in the template's comment", `<!--\n${BLOCK}-->\nText.`],
  ["another fence", "```yaml\nkind: Deployment\n```"],
])("%s is no claim", (_what, body) => {
  expect(readClaims(body, [])).toEqual({ claim: null, problems: [] });
});

test("a metadata file says the same with its own names", () => {
  const { claim, problems } = readClaims("", [{ path: "db/migration-metadata.yaml", text: METADATA }]);
  expect(problems).toEqual([]);
  expect(claim).toMatchObject({
    sources: ["db/migration-metadata.yaml"],
    class: "R3",
    changeId: "CHG-2026-0712",
    phases: ["expand"],
    durableSystems: ["case-management-prod"],
    compatibility: { oldReadsNew: true },
    backup: { restoreTest: { id: "restore-test-20260702" } },
    migration: { estimatedRuntime: "3m" },
    metrics: ["assignee_fallback_read_total", "assignee_backfill_mismatch_total"],
    approvals: ["service-owner", "db-owner"],
  });
});

test("of several claims the worst class and every phase count, and a no outweighs a yes", () => {
  const file = "class: R4\nphase: contract\ncompatibility: { old_app_works_after: false }\n";
  const { claim } = readClaims(BLOCK, [{ path: "db/migration-metadata.yaml", text: file }]);
  expect(claim).toMatchObject({
    class: "R4",
    phases: ["expand", "contract"],
    compatibility: { oldReadsNew: false },
  });
  expect(claim?.migration.tool).toBe("flyway");
});

describe("what cannot be read", () => {
  test("is told with the line of the description that it stands on", () => {
    const { claim, problems } = readClaims("One\nTwo\n\n```yaml\nstateful_change:\n  class: [R3\n```\n", []);
    expect(claim).toBeNull();
    expect(problems[0]?.path).toMatch(/^description: line [67], column/);
  });
  test.each([
    ["a class that there is not", "stateful_change:\n  class: R9\n", /R0, R1, R2, R3, R4, R5/],
    ["a word that says nothing", "stateful_change:\n  backup: { owner: TBD }\n", /says nothing/],
    ["a key that is misspelt", "stateful_change:\n  clas: R3\n", /class/],
    ["a date that is none", "stateful_change:\n  backup: { taken_at: yesterday }\n", /no date/],
    ["a list where a mapping belongs", "stateful_change:\n  - R3\n", /mapping/],
    ["nothing after the key", "stateful_change:\n", /required|mapping/],
    ["deep nesting", `stateful_change: ${"[".repeat(500)}`, /YAML|nested/],
  ])("%s", (_what, body, message) => {
    const { claim, problems } = readClaims(body, []);
    expect(claim).toBeNull();
    expect(problems.map((problem) => problem.message).join(" ")).toMatch(message);
  });
  test("a metadata file names itself and the line", () => {
    const { problems } = readClaims("", [
      { path: "db/migration-metadata.yaml", text: "class: R3\nphase: [expand\n" },
    ]);
    expect(problems[0]?.path).toMatch(/^db\/migration-metadata.yaml: line [23]/);
  });
});

test("the published schemas agree with what is read", () => {
  const schemas = jsonSchemas();
  const ajv = new Ajv({ strict: false });
  const body = ajv.compile(JSON.parse(schemas["stateful-change.schema.json"] ?? "") as object);
  const file = ajv.compile(JSON.parse(schemas["migration-metadata.schema.json"] ?? "") as object);
  expect(body(parse(BLOCK))).toBe(true);
  expect(file(parse(METADATA))).toBe(true);
  expect(body({ stateful_change: { class: "R9" } })).toBe(false);
});
