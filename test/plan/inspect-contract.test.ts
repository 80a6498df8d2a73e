import { expect, test } from "vitest";
import { loadCatalogue } from "../../src/adapters/catalogue-files.ts";
import { inspectPlanText } from "../../src/plan/inspect.ts";
import { inspectPlanPieces } from "../../src/plan/inspect-pieces.ts";
import { changeEntry, planText } from "./plan-document.ts";

const catalogue = await loadCatalogue();

/** As a whole and in pieces, which must tell the same. */
const inspected = (parts: object) => {
  const text = planText(parts);
  const whole = inspectPlanText(text, catalogue);
  expect(inspectPlanPieces(() => [new TextEncoder().encode(text)], catalogue)).toEqual(whole);
  return whole;
};

const DB = "aws_db_instance.a";
const values = { before: { id: "1" }, after: { id: "1" } };
const moved = { previous_address: "aws_db_instance.b" };
const importing = { ...values, importing: { id: "1" } };

/** What it is, its entry, then action, class, stateful, destructive, rules and the counts that are not zero. */
type Row = readonly [string, object, string, string, boolean, boolean, readonly string[], object];
const ROWS: readonly Row[] = [
  [
    "create",
    changeEntry(DB, ["create"], { after: {} }),
    "create",
    "R1",
    true,
    false,
    ["create"],
    { create: 1 },
  ],
  ["update", changeEntry(DB, ["update"], values), "update", "R1", true, false, ["update"], { update: 1 }],
  [
    "delete",
    changeEntry(DB, ["delete"], { before: {} }),
    "delete",
    "R4",
    true,
    true,
    ["destroy"],
    { delete: 1 },
  ],
  ["no-op", changeEntry(DB, ["no-op"], values), "no-op", "R0", true, false, [], { noop: 1 }],
  ...(
    [
      ["delete", "create"],
      ["create", "delete"],
      ["create", "forget"],
      ["forget", "create"],
    ] as const
  ).map(
    (actions): Row => [
      `replace by ${actions.join(", ")}`,
      changeEntry(DB, actions, { ...values, replace_paths: [["engine"]] }),
      "replace",
      "R4",
      true,
      true,
      ["replace"],
      { replace: 1 },
    ],
  ),
  [
    "forget, whose reason reads like a delete",
    changeEntry(DB, ["forget"], { before: {} }, { action_reason: "delete_because_no_resource_config" }),
    "forget",
    "R3",
    true,
    false,
    ["forget"],
    { forget: 1 },
  ],
  [
    "a move alone",
    changeEntry(DB, ["no-op"], values, moved),
    "move",
    "R0",
    true,
    false,
    ["move"],
    { move: 1 },
  ],
  [
    "an import alone",
    changeEntry(DB, ["no-op"], importing),
    "import",
    "R0",
    true,
    false,
    ["import"],
    { import: 1 },
  ],
  [
    "a move that imports",
    changeEntry(DB, ["no-op"], importing, moved),
    "move",
    "R0",
    true,
    false,
    ["move"],
    { move: 1, import: 1 },
  ],
  [
    "an import that changes",
    changeEntry(DB, ["update"], { ...importing, after: { id: "1", port: 2 } }),
    "update",
    "R2",
    true,
    false,
    ["update"],
    { update: 1, import: 1 },
  ],
  [
    "a move that replaces",
    changeEntry(DB, ["delete", "create"], values, moved),
    "replace",
    "R4",
    true,
    true,
    ["replace"],
    { replace: 1, move: 1 },
  ],
  [
    "an import by identity that is not known yet",
    changeEntry(DB, ["no-op"], { ...values, importing: { unknown: true } }),
    "import",
    "R0",
    true,
    false,
    ["import"],
    { import: 1 },
  ],
  [
    "a deposed object",
    changeEntry(DB, ["delete"], { before: {} }, { deposed: "ab12" }),
    "delete",
    "R4",
    true,
    true,
    ["destroy"],
    { delete: 1 },
  ],
  [
    "a data source",
    changeEntry("aws_db_instance.a", ["read"], { after: {} }, { mode: "data" }),
    "read",
    "R0",
    true,
    false,
    [],
    { read: 1 },
  ],
  [
    "OpenTofu's ephemeral resource",
    changeEntry("aws_kms_secrets.a", ["open"], {}, { mode: "ephemeral" }),
    "read",
    "R0",
    false,
    false,
    [],
    {},
  ],
  [
    "an action of tomorrow",
    changeEntry(DB, ["defer"], values),
    "unknown",
    "R4",
    true,
    true,
    ["unknown-action"],
    {},
  ],
  [
    "a pair of tomorrow",
    changeEntry(DB, ["update", "delete"], values),
    "unknown",
    "R4",
    true,
    true,
    ["unknown-action"],
    {},
  ],
  [
    "a value that only comes at apply counts as the worse one",
    changeEntry(DB, ["update"], {
      before: { backup_retention_period: 7 },
      after: {},
      after_unknown: { backup_retention_period: true },
    }),
    "update",
    "R4",
    true,
    false,
    ["update", "backup-retention-lowered"],
    { update: 1 },
  ],
];

test.each(ROWS)("%s", (_what, entry, action, level, stateful, destructive, rules, counts) => {
  const { changes, counts: counted, class: all } = inspected({ resource_changes: [entry] });
  const [change] = changes;
  expect(change).toMatchObject({ action, class: level, stateful, destructive });
  expect(change?.reasons.map(({ rule }) => rule)).toEqual(rules);
  expect(Object.fromEntries(Object.entries(counted).filter(([, count]) => count > 0))).toEqual(counts);
  expect(all).toBe(level);
});

test("every field of the contract, by name", () => {
  const told = inspected({
    format_version: "0.2",
    errored: true,
    applyable: false,
    resource_changes: [
      changeEntry(
        'module.x["a.b"].aws_db_instance.a[0]',
        ["update"],
        {
          before: { deletion_protection: true, password: "s3cret" },
          after: { deletion_protection: false, password: "0ther" },
          before_sensitive: { password: true },
          after_sensitive: { password: true },
        },
        { provider_name: "registry.opentofu.org/hashicorp/aws", type: "aws_db_instance", deposed: "d1" },
      ),
    ],
    resource_drift: [
      changeEntry("aws_s3_bucket.b", ["update"], {
        before: { tags: { "a.b": "1" } },
        after: { tags: { "a.b": "2" } },
      }),
      changeEntry("aws_s3_bucket.gone", ["delete"], { before: {}, after: null }),
    ],
  });
  expect(told).toEqual({
    formatVersion: "0.2",
    errored: true,
    counts: {
      ...{ create: 0, update: 1, delete: 0, replace: 0, forget: 0, read: 0 },
      ...{ noop: 0, move: 0, import: 0, drift: 2 },
    },
    class: "R3",
    changes: [
      {
        address: 'module.x["a.b"].aws_db_instance.a[0]',
        deposed: "d1",
        type: "aws_db_instance",
        provider: "registry.opentofu.org/hashicorp/aws",
        actions: ["update"],
        action: "update",
        class: "R3",
        stateful: true,
        destructive: false,
        reasons: [
          { rule: "update", message: expect.any(String) },
          {
            rule: "deletion-protection-off",
            message: expect.any(String),
            path: "deletion_protection",
            wayOut: expect.any(String),
          },
        ],
      },
    ],
    drift: [
      { address: "aws_s3_bucket.b", type: "aws_s3_bucket", action: "update", paths: ['tags["a.b"]'] },
      { address: "aws_s3_bucket.gone", type: "aws_s3_bucket", action: "delete", paths: [""] },
    ],
    revertsDrift: [],
  });
  expect(JSON.stringify(told)).not.toMatch(/s3cret|0ther/);
});

test.each(["0.1", "1.0", "1.2"])("a plan of format %s that holds drift alone", (format) => {
  const drift = [changeEntry("aws_s3_bucket.gone", ["delete"], { before: {} })];
  expect(inspected({ format_version: format, resource_drift: drift })).toMatchObject({
    formatVersion: format,
    errored: false,
    class: "R0",
    changes: [],
    counts: { drift: 1, delete: 0 },
  });
});

test("a sensitive value that changes is told by its rule, never by its value", () => {
  const { changes } = inspected({
    resource_changes: [
      changeEntry("aws_db_instance.a", ["update"], {
        before: { kms_key_id: "old-key" },
        after: { kms_key_id: "new-key" },
        before_sensitive: { kms_key_id: true },
        after_sensitive: true,
      }),
    ],
  });
  expect(changes[0]?.reasons.map(({ rule }) => rule)).toContain("key-changed");
  expect(JSON.stringify(changes)).not.toMatch(/old-key|new-key/);
});
