import { beforeAll, describe, expect, test } from "vitest";
import { loadCatalogue } from "../../src/adapters/catalogue-files.ts";
import type { Catalogue } from "../../src/model/catalogue.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";
import type { Risk } from "../../src/model/plan.ts";
import { inspectPlanText } from "../../src/plan/inspect.ts";
import { inspectPlanPieces } from "../../src/plan/inspect-pieces.ts";
import { changeOf } from "../plan/plan-document.ts";

let catalogue: Catalogue;
beforeAll(async () => {
  catalogue = await loadCatalogue();
});

const risk = (type: string, actions: readonly string[], change: object, entry: object = {}): Risk =>
  catalogue.classify(changeOf(`${type}.a`, actions, change, entry));
const updated = (type: string, before: object, after: object, more: object = {}): Risk =>
  risk(type, ["update"], { before, after, ...more });
const rules = ({ reasons }: Risk): readonly string[] => reasons.map((reason) => reason.rule);

describe("actions", () => {
  test.each([
    ["aws_db_instance", ["create"], "R1", false],
    ["aws_db_instance", ["delete"], "R4", true],
    ["aws_db_instance", ["delete", "create"], "R4", true],
    ["aws_db_instance", ["create", "delete"], "R4", true],
    ["aws_db_instance", ["create", "forget"], "R4", true],
    ["aws_db_instance", ["forget", "create"], "R4", true],
    ["aws_db_instance", ["forget"], "R3", false],
    ["aws_db_instance", ["no-op"], "R0", false],
    ["aws_db_instance", ["wat"], "R4", true],
    ["aws_kms_key", ["delete"], "R5", true],
    ["aws_kms_key", ["wat"], "R5", true],
    ["aws_lb_listener", ["create"], "R1", false],
    ["aws_lb_listener", ["update"], "R1", false],
    ["aws_lb_listener", ["delete"], "R3", true],
    ["aws_lb_listener", ["forget"], "R2", false],
    ["null_resource", ["delete", "create"], "R2", true],
  ])("%s %j is %s", (type, actions, expected, destructive) => {
    expect(risk(type, actions, { before: { id: "1" }, after: { id: "1" } })).toMatchObject({
      class: expected,
      destructive,
    });
  });

  test("a deposed object is destroyed like the current one", () => {
    const deposed = risk("aws_db_instance", ["delete"], { before: { id: "1" } }, { deposed: "0a1b" });
    expect(deposed).toMatchObject({ class: "R4", stateful: true });
    expect(deposed.reasons[0]!.message).toContain("0a1b");
  });

  test("a data source is never at risk", () => {
    const read = risk("aws_db_instance", ["read"], { after: {} }, { mode: "data" });
    expect(read).toMatchObject({ class: "R0", reasons: [] });
  });

  test("what loses something says what to do instead", () => {
    for (const actions of [["delete"], ["delete", "create"], ["create", "forget"], ["forget"], ["wat"]])
      expect(risk("aws_db_instance", actions, { before: { id: "1" } }).reasons[0]?.wayOut).toMatch(/\w/);
    expect(risk("aws_lb_listener", ["delete"], { before: { id: "1" } }).reasons[0]).not.toHaveProperty(
      "wayOut",
    );
  });

  test("a replace names what forces it", () => {
    const { reasons } = risk("aws_db_instance", ["delete", "create"], {
      before: { engine: "a" },
      after: { engine: "b" },
      replace_paths: [["engine"]],
    });
    expect(reasons[0]).toMatchObject({ rule: "replace", path: "engine" });
    expect(reasons[0]!.message).toContain("because engine changed");
  });

  test("a new tag on a database is not like a new size", () => {
    expect(updated("aws_db_instance", { tags: {} }, { tags: { a: "b" } }).class).toBe("R1");
    expect(updated("aws_db_instance", { port: 1 }, { port: 2 }).class).toBe("R2");
  });
});

describe("what is public from its first day", () => {
  const made = (type: string, after: Json, expressions?: JsonObject) => {
    const text = JSON.stringify({
      format_version: "1.2",
      resource_changes: [
        {
          address: `module.a["x"].${type}.it[0]`,
          mode: "managed",
          type,
          name: "it",
          provider_name: "p",
          change: { actions: ["create"], before: null, after, after_unknown: {} },
        },
      ],
      ...(expressions
        ? {
            configuration: {
              root_module: {
                module_calls: {
                  a: { module: { resources: [{ address: `${type}.it`, expressions }] } },
                },
              },
            },
          }
        : {}),
    });
    const whole = inspectPlanText(text, catalogue);
    expect(inspectPlanPieces(() => [new TextEncoder().encode(text)], catalogue)).toEqual(whole);
    return whole.changes[0]?.reasons.map(({ rule }) => rule);
  };
  const sql = (on: boolean) => ({ settings: [{ ip_configuration: [{ ipv4_enabled: on }] }] });

  test("counts where the code says so", () => {
    expect(made("aws_db_instance", { publicly_accessible: true })).toEqual(["create", "public-on"]);
    const azure = { public_network_access_enabled: true };
    expect(made("azurerm_cosmosdb_account", azure, { public_network_access_enabled: {} })).toContain(
      "public-on",
    );
    expect(
      made("google_sql_database_instance", sql(true), {
        settings: [{ ip_configuration: [{ ipv4_enabled: { constant_value: true } }] }],
      }),
    ).toContain("public-on");
    expect(
      made("aws_security_group", {
        ingress: [{ from_port: 5432, to_port: 5432, cidr_blocks: ["0.0.0.0/0"] }],
      }),
    ).toContain("open-to-world");
    expect(made("aws_s3_bucket_acl", { acl: "public-read" })).toContain("public-access");
  });

  test("does not where a provider merely defaults to it, or it is off", () => {
    const azure = { public_network_access_enabled: true };
    expect(made("azurerm_cosmosdb_account", azure, { location: {} })).toEqual(["create"]);
    expect(made("azurerm_cosmosdb_account", azure)).toEqual(["create"]);
    expect(made("aws_redshift_cluster", { publicly_accessible: true }, {})).toEqual(["create"]);
    expect(made("google_sql_database_instance", sql(true), { settings: [{ tier: {} }] })).toEqual(["create"]);
    expect(made("aws_db_instance", { publicly_accessible: false })).toEqual(["create"]);
  });
});

describe("databases", () => {
  const before = {
    deletion_protection: true,
    skip_final_snapshot: false,
    backup_retention_period: 14,
    engine_version: "14.9",
    allocated_storage: 100,
    storage_encrypted: true,
    kms_key_id: "k1",
    publicly_accessible: false,
    multi_az: true,
    apply_immediately: false,
  };

  test.each([
    ["deletion-protection-off", "R3", { deletion_protection: false }],
    ["skip-final-snapshot", "R3", { skip_final_snapshot: true }],
    ["backup-retention-lowered", "R4", { backup_retention_period: 1 }],
    ["backup-retention-lowered", "R4", { backup_retention_period: 0 }],
    ["major-upgrade", "R3", { engine_version: "15.2" }],
    ["downgrade", "R4", { engine_version: "13.4" }],
    ["storage-shrunk", "R4", { allocated_storage: 50 }],
    ["storage-grown", "R2", { allocated_storage: 200 }],
    ["encryption-off", "R4", { storage_encrypted: false }],
    ["key-changed", "R3", { kms_key_id: "k2" }],
    ["public-on", "R3", { publicly_accessible: true }],
    ["availability-lowered", "R3", { multi_az: false }],
    ["immediate", "R2", { apply_immediately: true }],
  ])("%s", (rule, expected, after) => {
    const found = updated("aws_db_instance", before, { ...before, ...after });
    expect(rules(found)).toEqual(["update", rule]);
    expect(found.class).toBe(expected);
    expect(found.reasons[1]!.path).toBe(Object.keys(after)[0]);
  });

  test.each([
    ["a minor version", { engine_version: "14.11" }],
    ["a longer retention", { backup_retention_period: 30 }],
    ["nothing at all", {}],
  ])("%s fires no rule", (_name, after) => {
    expect(rules(updated("aws_db_instance", before, { ...before, ...after }))).toEqual(["update"]);
  });

  test.each([
    ["5.7.44", "8.0.35", true],
    ["5.6.51", "5.7.44", true],
    ["8.0.35", "8.0.36", false],
    ["9.5", "9.6", true],
    ["5.7.mysql_aurora.2.11.2", "8.0.mysql_aurora.3.04.0", true],
    ["13.9", "13.13", false],
  ])("%s to %s is a major upgrade: %s", (from, to, expected) => {
    const found = rules(updated("aws_rds_cluster", { engine_version: from }, { engine_version: to }));
    expect(found.includes("major-upgrade")).toBe(expected);
  });

  test("a destroy without a final snapshot says so", () => {
    const gone = risk("aws_db_instance", ["delete"], { before: { skip_final_snapshot: true } });
    expect(rules(gone)).toContain("no-final-snapshot");
    const kept = risk("aws_db_instance", ["delete"], { before: { skip_final_snapshot: false } });
    expect(rules(kept)).not.toContain("no-final-snapshot");
  });
});

describe("values that are known only after apply", () => {
  test("count as the worse case, and say so", () => {
    const found = updated(
      "aws_db_instance",
      { deletion_protection: true, backup_retention_period: 7 },
      {},
      { after_unknown: { deletion_protection: true, backup_retention_period: true } },
    );
    expect(rules(found)).toEqual(["update", "deletion-protection-off", "backup-retention-lowered"]);
    for (const reason of found.reasons.slice(1)) expect(reason.message).toContain("known only after apply");
    expect(found.class).toBe("R4");
  });

  test("count for a whole block that is unknown", () => {
    const found = updated("aws_security_group", { ingress: [] }, {}, { after_unknown: { ingress: true } });
    expect(rules(found)).toContain("open-to-world");
  });

  test("do not, where there was nothing to lose", () => {
    const found = updated(
      "aws_db_instance",
      { deletion_protection: false },
      {},
      { after_unknown: { deletion_protection: true } },
    );
    expect(rules(found)).not.toContain("deletion-protection-off");
  });

  const made = (type: string, unknown: object, written: JsonObject | undefined): readonly string[] => {
    const change = changeOf(`${type}.a`, ["create"], { after: {}, after_unknown: { id: true, ...unknown } });
    return rules(catalogue.classify(written ? { ...change, written } : change));
  };
  const from = (...references: string[]): JsonObject => ({ references });

  test("count for a new object too, where its code opens something by them", () => {
    const addresses = { ingress: [{ cidr_blocks: [true] }] };
    const office = { ingress: [{ cidr_blocks: from("var.office") }] };
    expect(made("aws_security_group", addresses, office)).toEqual(["create", "open-to-world"]);
    expect(made("aws_security_group", addresses, {})).toEqual(["create", "open-to-world"]);
    const policy = { assume_role_policy: from("data.aws_iam_policy_document.trust.json") };
    expect(made("aws_iam_role", { assume_role_policy: true }, policy)).toEqual(["create", "policy-public"]);
    const member = { member: from("var.reader") };
    expect(made("google_storage_bucket_iam_member", { member: true }, member)).toContain("public-access");
    expect(made("aws_db_instance", { publicly_accessible: true }, undefined)).toContain("public-on");
  });

  test("hide nothing of what is known beside them", () => {
    const found = risk("aws_s3_bucket_lifecycle_configuration", ["create"], {
      after: { bucket: "docs", rule: [{ id: "a", status: "Enabled", expiration: [{ days: 1 }] }] },
      after_unknown: { id: true, rule: [{ prefix: true }] },
    });
    expect(rules(found)).toContain("expiry-set");
  });

  test("of a new object do not, where nobody wrote them or they are ids of what is made with it", () => {
    expect(made("aws_security_group", { ingress: true }, { name: { constant_value: "web" } })).toEqual([
      "create",
    ]);
    const reader = from("google_service_account.reader.email", "google_service_account.reader");
    expect(made("google_storage_bucket_iam_member", { member: true }, { member: reader })).toEqual([
      "create",
    ]);
    expect(made("aws_db_instance", { backup_retention_period: true }, undefined)).toEqual(["create"]);
  });

  test("count where what was there before was kept without anybody writing so", () => {
    const unknown = (type: string, before: object, marks: object): readonly string[] =>
      rules(updated(type, before, {}, { after_unknown: marks }));
    expect(
      unknown("aws_cloudwatch_log_group", { retention_in_days: 0 }, { retention_in_days: true }),
    ).toContain("retention-lowered");
    expect(unknown("aws_s3_bucket_lifecycle_configuration", { rule: [] }, { rule: true })).toContain(
      "expiry-shortened",
    );
    expect(unknown("aws_db_instance", { kms_key_id: null }, { kms_key_id: true })).toContain("key-changed");
  });

  test("of a new security group's other parts open nothing", () => {
    const found = risk("aws_security_group", ["create"], {
      after: { ingress: [{ from_port: 1, cidr_blocks: ["10.0.0.0/8"] }] },
      after_unknown: { id: true, ingress: [{ security_groups: [true] }] },
    });
    expect(rules(found)).toEqual(["create"]);
  });
});

describe("a secret value", () => {
  test("is not told in a reason", () => {
    const found = updated(
      "google_sql_user",
      { password: "old-secret" },
      { password: "new-secret" },
      { before_sensitive: { password: true }, after_sensitive: { password: true } },
    );
    expect(rules(found)).toContain("secret-regenerated");
    expect(JSON.stringify(found)).not.toMatch(/old-secret|new-secret/);
    const topic = updated(
      "kafka_topic",
      { partitions: 12 },
      { partitions: 6 },
      { before_sensitive: { partitions: true }, after_sensitive: { partitions: true } },
    );
    expect(JSON.stringify(topic.reasons)).not.toMatch(/12|"6|\b6\b/);
  });
});

describe("opened to the world", () => {
  const world = "0.0.0.0/0";
  const ingress = (cidr: string, more: object = {}) => ({
    ingress: [{ from_port: 22, to_port: 22, protocol: "tcp", cidr_blocks: [cidr], description: "", ...more }],
  });
  const opens = (type: string, before: object | null, after: object): boolean =>
    rules(risk(type, [before === null ? "create" : "update"], { before, after })).includes("open-to-world");

  test.each([
    ["aws_security_group", ingress("10.0.0.0/8"), ingress(world)],
    ["aws_security_group", { ingress: [] }, ingress("10.0.0.0/8", { ipv6_cidr_blocks: ["::/0"] })],
    ["aws_security_group", ingress(world), ingress(world, { from_port: 0 })],
    ["aws_security_group", { ingress: [] }, { ingress: [{ cidr_blocks: ["0.0.0.0/1", "128.0.0.0/1"] }] }],
    ["aws_security_group", null, ingress(world)],
    ["aws_security_group_rule", null, { type: "ingress", cidr_blocks: [world] }],
    ["aws_security_group_rule", null, { type: "ingress", ipv6_cidr_blocks: ["::/0"] }],
    ["aws_vpc_security_group_ingress_rule", null, { cidr_ipv4: world }],
    ["aws_vpc_security_group_ingress_rule", { cidr_ipv6: "fd00::/8" }, { cidr_ipv6: "::/0" }],
    ["aws_network_acl_rule", null, { egress: false, rule_action: "allow", cidr_block: world }],
    ["google_compute_firewall", null, { direction: "INGRESS", allow: [{}], source_ranges: [world] }],
    [
      "azurerm_network_security_rule",
      null,
      { direction: "Inbound", access: "Allow", source_address_prefix: "*" },
    ],
    [
      "azurerm_network_security_rule",
      null,
      { direction: "Inbound", access: "Allow", source_address_prefix: "Internet" },
    ],
    [
      "azurerm_network_security_group",
      { security_rule: [] },
      { security_rule: [{ direction: "Inbound", access: "Allow", source_address_prefix: "*" }] },
    ],
    [
      "google_sql_database_instance",
      { settings: [{ ip_configuration: [{ authorized_networks: [] }] }] },
      { settings: [{ ip_configuration: [{ authorized_networks: [{ name: "all", value: world }] }] }] },
    ],
    ["digitalocean_firewall", null, { inbound_rule: [{ port_range: "22", source_addresses: [world] }] }],
  ])("%s %j to %j", (type, before, after) => {
    expect(opens(type, before, after)).toBe(true);
  });

  test.each([
    ["a private network", "aws_security_group", ingress("10.0.0.0/8"), ingress("10.0.0.0/16")],
    ["what was open already", "aws_security_group", ingress(world), ingress(world, { description: "web" })],
    ["closing it", "aws_security_group", ingress(world), ingress("10.0.0.0/8")],
    [
      "a private neighbour of an open network",
      "aws_security_group",
      ingress(world),
      { ingress: [{ ...ingress(world).ingress[0], cidr_blocks: [world, "10.0.0.0/8"] }] },
    ],
    ["the way out", "aws_security_group", { egress: [] }, { egress: [{ cidr_blocks: [world] }] }],
    ["the way out by rule", "aws_security_group_rule", null, { type: "egress", cidr_blocks: [world] }],
    ["the way out by new rule", "aws_vpc_security_group_egress_rule", null, { cidr_ipv4: world }],
    ["a refusal", "aws_network_acl_rule", null, { egress: false, rule_action: "deny", cidr_block: world }],
    ["a refusal by firewall", "google_compute_firewall", null, { deny: [{}], source_ranges: [world] }],
    [
      "the way out by firewall",
      "google_compute_firewall",
      null,
      { direction: "EGRESS", allow: [{}], source_ranges: [world] },
    ],
    [
      "a refusal in a group",
      "azurerm_network_security_group",
      { security_rule: [] },
      { security_rule: [{ direction: "Inbound", access: "Deny", source_address_prefix: "*" }] },
    ],
  ])("not by %s", (_name, type, before, after) => {
    expect(opens(type, before, after)).toBe(false);
  });
});

describe("buckets", () => {
  test.each([
    [
      "versioning-suspended",
      "aws_s3_bucket_versioning",
      ["Enabled", "Suspended"],
      "versioning_configuration",
      "status",
    ],
    ["versioning-suspended", "aws_s3_bucket", [true, false], "versioning", "enabled"],
    ["versioning-suspended", "google_storage_bucket", [true, false], "versioning", "enabled"],
  ])("%s of %s", (rule, type, [from, to], block, key) => {
    const found = updated(type, { [block]: [{ [key]: from }] }, { [block]: [{ [key]: to }] });
    expect(rules(found)).toContain(rule);
  });

  test("removing the public access block is a risk though it holds no data", () => {
    expect(
      risk("aws_s3_bucket_public_access_block", ["delete"], { before: { block_public_acls: true } }).class,
    ).toBe("R3");
  });

  const s3 = (...rule: object[]) => ({ rule });
  const expiring = (days: number, more: object = {}) => ({
    id: "logs",
    status: "Enabled",
    filter: [{ prefix: "logs/" }],
    expiration: [{ days }],
    ...more,
  });

  test.each([
    ["a shorter expiry", s3(expiring(90)), s3(expiring(30))],
    ["a new rule that expires", s3(), s3(expiring(30))],
    ["a rule that is enabled", s3(expiring(30, { status: "Disabled" })), s3(expiring(30))],
    ["a wider scope", s3(expiring(30)), s3(expiring(30, { filter: [{ prefix: "" }] }))],
    [
      "old versions kept shorter",
      s3({ status: "Enabled", noncurrent_version_expiration: [{ noncurrent_days: 90 }] }),
      s3({ status: "Enabled", noncurrent_version_expiration: [{ noncurrent_days: 7 }] }),
    ],
    ["a date", s3(), s3({ status: "Enabled", expiration: [{ days: 0, date: "2026-01-01T00:00:00Z" }] })],
  ])("%s deletes", (_name, before, after) => {
    const found = updated("aws_s3_bucket_lifecycle_configuration", before, after);
    expect(rules(found)).toContain("expiry-shortened");
    expect(found.class).toBe("R4");
  });

  test.each([
    ["a longer expiry", s3(expiring(30)), s3(expiring(90))],
    ["a rule that is disabled", s3(expiring(30)), s3(expiring(30, { status: "Disabled" }))],
    [
      "a rule put before another",
      s3(expiring(30)),
      s3({ status: "Enabled", transition: [{ days: 5 }] }, expiring(30)),
    ],
    ["a new name", s3(expiring(30)), s3(expiring(30, { id: "renamed" }))],
    ["a rule that is dropped", s3(expiring(30)), s3()],
  ])("%s does not", (_name, before, after) => {
    const found = updated("aws_s3_bucket_lifecycle_configuration", before, after);
    expect(rules(found)).not.toContain("expiry-shortened");
  });

  test("Google's and Azure's lifecycle rules are read too", () => {
    const google = (type: string, age: number) => ({
      lifecycle_rule: [{ action: [{ type }], condition: [{ age, matches_prefix: [] }] }],
    });
    expect(rules(updated("google_storage_bucket", google("Delete", 90), google("Delete", 30)))).toContain(
      "expiry-shortened",
    );
    expect(rules(updated("google_storage_bucket", google("Delete", 30), google("Delete", 90)))).not.toContain(
      "expiry-shortened",
    );
    expect(
      rules(updated("google_storage_bucket", google("SetStorageClass", 90), google("SetStorageClass", 30))),
    ).not.toContain("expiry-shortened");
    const azure = (days: number) => ({
      rule: [
        {
          name: "r",
          enabled: true,
          filters: [{ prefix_match: ["a"] }],
          actions: [{ base_blob: [{ delete_after_days_since_modification_greater_than: days }] }],
        },
      ],
    });
    expect(rules(updated("azurerm_storage_management_policy", azure(90), azure(30)))).toContain(
      "expiry-shortened",
    );
    expect(rules(updated("azurerm_storage_management_policy", azure(90), azure(-1)))).not.toContain(
      "expiry-shortened",
    );
  });
});

describe("topics and queues", () => {
  const topic = (config: object, more: object = {}) => ({
    partitions: 6,
    replication_factor: 3,
    config,
    ...more,
  });
  test.each([
    ["partitions-raised", topic({}), topic({}, { partitions: 12 })],
    ["partitions-lowered", topic({}), topic({}, { partitions: 3 })],
    ["replication-lowered", topic({}), topic({}, { replication_factor: 1 })],
    ["retention-lowered", topic({ "retention.ms": "604800000" }), topic({ "retention.ms": "3600000" })],
    ["retention-lowered", topic({ "retention.ms": "-1" }), topic({ "retention.ms": "604800000" })],
    ["retention-lowered", topic({}), topic({ "retention.ms": "3600000" })],
    ["cleanup-policy-changed", topic({ "cleanup.policy": "compact" }), topic({ "cleanup.policy": "delete" })],
    ["min-insync-lowered", topic({ "min.insync.replicas": "2" }), topic({ "min.insync.replicas": "1" })],
  ])("%s", (rule, before, after) => {
    expect(rules(updated("kafka_topic", before, after))).toContain(rule);
  });

  test.each([
    ["a longer retention", topic({ "retention.ms": "3600000" }), topic({ "retention.ms": "604800000" })],
    ["endless retention", topic({ "retention.ms": "3600000" }), topic({ "retention.ms": "-1" })],
    ["more than the default", topic({}), topic({ "retention.ms": "1209600000" })],
    ["more insync replicas", topic({ "min.insync.replicas": "1" }), topic({ "min.insync.replicas": "2" })],
  ])("%s loses nothing", (_name, before, after) => {
    expect(rules(updated("kafka_topic", before, after))).toEqual(["update"]);
  });

  test("durations and days are compared in their units", () => {
    const hub = (text: string) => ({ message_retention_duration: text });
    expect(rules(updated("google_pubsub_topic", hub("2678400s"), hub("86400s")))).toContain(
      "retention-lowered",
    );
    const bus = (text: string) => ({ default_message_ttl: text });
    expect(rules(updated("azurerm_servicebus_queue", bus("P14D"), bus("PT12H")))).toContain(
      "retention-lowered",
    );
    expect(rules(updated("azurerm_servicebus_queue", bus("PT24H"), bus("P1D")))).not.toContain(
      "retention-lowered",
    );
  });

  test("logs that were kept for ever", () => {
    expect(
      rules(updated("aws_cloudwatch_log_group", { retention_in_days: 0 }, { retention_in_days: 30 })),
    ).toContain("retention-lowered");
    expect(
      rules(updated("aws_cloudwatch_log_group", { retention_in_days: 30 }, { retention_in_days: 0 })),
    ).toEqual(["update"]);
  });
});

describe("policies", () => {
  const policy = (...statements: object[]) => ({ policy: JSON.stringify({ Statement: statements }) });
  const allow = (principal: unknown, more: object = {}) => ({
    Effect: "Allow",
    Principal: principal,
    Action: "s3:*",
    ...more,
  });
  const mine = { AWS: "arn:aws:iam::1:root" };

  test.each([
    ["*", "*"],
    ["every account", { AWS: "*" }],
    ["every account in a list", { AWS: ["arn:aws:iam::1:root", "*"] }],
  ])("%s is everybody", (_name, principal) => {
    expect(rules(updated("aws_s3_bucket_policy", policy(allow(mine)), policy(allow(principal))))).toContain(
      "policy-public",
    );
  });

  test.each([
    ["bound to an account", allow("*", { Condition: { StringEquals: { "AWS:SourceAccount": "1" } } })],
    ["a refusal", { ...allow("*"), Effect: "Deny" }],
    ["a service", allow({ Service: "logs.amazonaws.com" })],
  ])("%s is not", (_name, statement) => {
    expect(rules(updated("aws_s3_bucket_policy", policy(allow(mine)), policy(statement)))).not.toContain(
      "policy-public",
    );
  });

  test("a condition that binds nobody does not help", () => {
    const condition = { Condition: { Bool: { "aws:SecureTransport": "true" } } };
    const found = updated("aws_s3_bucket_policy", policy(allow(mine)), policy(allow("*", condition)));
    expect(rules(found)).toContain("policy-public");
  });

  test("what was public already is not told again for a new Sid", () => {
    const found = updated("aws_s3_bucket_policy", policy(allow("*")), policy(allow("*", { Sid: "x" })));
    expect(rules(found)).not.toContain("policy-public");
  });

  test("trust is widened by a principal and by a condition that goes", () => {
    const trust = (...statements: object[]) => ({
      assume_role_policy: JSON.stringify({ Statement: statements }),
    });
    const oidc = { Federated: "arn:aws:iam::1:oidc-provider/x" };
    const bound = { Condition: { StringEquals: { "x:sub": "repo:a/b" } } };
    const widened = (before: object, after: object) =>
      rules(updated("aws_iam_role", before, after)).includes("trust-widened");
    expect(widened(trust(allow(mine)), trust(allow(mine), allow(oidc)))).toBe(true);
    expect(widened(trust(allow(oidc, bound)), trust(allow(oidc)))).toBe(true);
    expect(widened(trust(allow(oidc)), trust(allow(oidc, bound)))).toBe(false);
    expect(widened(trust(allow(mine), allow(oidc)), trust(allow(mine)))).toBe(false);
  });
});

describe("Kubernetes and Helm", () => {
  test("a manifest is what its kind is", () => {
    const manifest = (kind: string) => ({ before: { manifest: { kind } } });
    expect(risk("kubernetes_manifest", ["delete"], manifest("ConfigMap"))).toMatchObject({
      class: "R3",
      stateful: false,
    });
    expect(risk("kubernetes_manifest", ["delete"], manifest("PersistentVolumeClaim"))).toMatchObject({
      class: "R4",
      stateful: true,
    });
    expect(risk("kubernetes_manifest", ["delete"], manifest("SomethingNew"))).toMatchObject({
      class: "R4",
      stateful: true,
    });
  });

  test("a volume claim that shrinks, a policy that deletes", () => {
    const claim = (size: string) => ({ spec: [{ resources: [{ requests: { storage: size } }] }] });
    expect(rules(updated("kubernetes_persistent_volume_claim", claim("1Ti"), claim("500Gi")))).toContain(
      "storage-shrunk",
    );
    expect(rules(updated("kubernetes_persistent_volume_claim", claim("500Gi"), claim("1Ti")))).toContain(
      "storage-grown",
    );
    const volume = (policy: string) => ({ spec: [{ persistent_volume_reclaim_policy: policy }] });
    expect(rules(updated("kubernetes_persistent_volume", volume("Retain"), volume("Delete")))).toContain(
      "reclaim-changed",
    );
  });

  test("chart values count where they keep data", () => {
    const release = (text: string) => ({ values: [text] });
    const from = "image: {tag: 1}\npersistence: {size: 8Gi}\n";
    expect(
      rules(updated("helm_release", release(from), release("image: {tag: 2}\npersistence: {size: 8Gi}\n"))),
    ).toEqual(["update"]);
    expect(
      rules(
        updated("helm_release", release(from), release("image: {tag: 1}\npersistence: {enabled: false}\n")),
      ),
    ).toContain("persistence-changed");
    expect(rules(updated("helm_release", release(from), release("{ not yaml")))).toContain(
      "persistence-changed",
    );
  });
});

describe("replicas", () => {
  const table = (...regions: string[]) => ({
    replica: regions.map((region_name) => ({ region_name, kms_key_arn: "" })),
  });
  test("one of two that goes is told, an edited one is not", () => {
    expect(rules(updated("aws_dynamodb_table", table("a", "b"), table("a")))).toContain("replica-removed");
    expect(rules(updated("aws_dynamodb_table", table("a"), table("a", "b")))).not.toContain(
      "replica-removed",
    );
    const edited = { replica: [{ region_name: "a", kms_key_arn: "k" }] };
    expect(rules(updated("aws_dynamodb_table", table("a"), edited))).not.toContain("replica-removed");
  });
});
