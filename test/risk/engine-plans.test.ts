import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadCatalogue } from "../../src/adapters/catalogue-files.ts";
import { loadHcl } from "../../src/adapters/hcl-wasm.ts";
import type { InspectedChange } from "../../src/model/plan.ts";
import { inspectPlanText } from "../../src/plan/inspect.ts";
import type { EngineDistribution } from "../../src/ports/engine.ts";
import { guardFindings } from "../../src/risk/prevent-destroy.ts";
import { type Bench, createWorkshop, foundHere, mustWork, type Workshop } from "../contract/engine-bench.ts";

const catalogue = await loadCatalogue();
const PROVIDERS = `terraform {
  required_providers {
    aws   = { source = "hashicorp/aws" }
    kafka = { source = "mongey/kafka" }
  }
}
`;

const trust = (...accounts: readonly string[]): string =>
  `jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = ${JSON.stringify(accounts.map((account) => `arn:aws:iam::${account}:root`))} } }] })`;

const topic = (name: string, partitions: number, more = ""): string => `resource "kafka_topic" "${name}" {
  name               = "${name}"
  partitions         = ${partitions}
  replication_factor = 3
  ${more}
}
`;
const database = (name: string, more: string): string => `resource "aws_db_instance" "${name}" {
  identifier     = "${name}"
  engine         = "postgres"
  instance_class = "db.r6g.large"
  ${more}
}
`;
const bucket = (name: string): string => `resource "aws_s3_bucket" "docs" {
  bucket = "${name}"
  lifecycle { create_before_destroy = true }
}
`;

/** Protected and kept long. */
const BEFORE = [
  PROVIDERS,
  database(
    "orders",
    'allocated_storage = 100\n  deletion_protection = true\n  backup_retention_period = 14\n  engine_version = "15.8"\n  kms_key_id = "alias/old"\n  lifecycle { prevent_destroy = true }',
  ),
  database("shrunk", "allocated_storage = 100"),
  database("gone", "allocated_storage = 20\n  skip_final_snapshot = true"),
  topic("events", 6, 'config = { "retention.ms" = "604800000", "min.insync.replicas" = "2" }'),
  topic("fewer", 6),
  topic("replaced", 1),
  'resource "aws_kms_key" "left" {}\n',
  'resource "aws_kms_key" "lost" {}\n',
  `resource "aws_iam_role" "ci" {\n  name = "ci"\n  assume_role_policy = ${trust("111122223333")}\n}\n`,
  `resource "aws_security_group" "web" {\n  name = "web"\n  ingress = [{ from_port = 443, to_port = 443, protocol = "tcp", cidr_blocks = ["10.0.0.0/8"], ipv6_cidr_blocks = null, prefix_list_ids = null, security_groups = null, self = null, description = null }]\n}\n`,
  'resource "aws_dynamodb_table" "carts" {\n  name = "carts"\n  hash_key = "id"\n  attribute {\n    name = "id"\n    type = "S"\n  }\n  point_in_time_recovery { enabled = true }\n}\n',
];

/** OpenTofu alone leaves the old one of a replacement behind. */
const leftBehind = (engine: EngineDistribution, size: number): string =>
  engine === "tofu"
    ? `resource "aws_ebs_volume" "kept" {\n  availability_zone = "us-east-1a"\n  size = ${size}\n  lifecycle { destroy = false }\n}\n`
    : "";

/** Everything that can be done to it. */
const AFTER = [
  PROVIDERS,
  'resource "aws_kms_key" "fresh" {}\n',
  database(
    "orders",
    'allocated_storage = 200\n  deletion_protection = false\n  backup_retention_period = 7\n  engine_version = "16.4"\n  kms_key_id = "alias/old"\n  parameter_group_name = aws_kms_key.fresh.id',
  ),
  database("shrunk", "allocated_storage = 50"),
  topic("events", 12, 'config = { "retention.ms" = "86400000", "min.insync.replicas" = "1" }'),
  topic("fewer", 3),
  topic("replaced", 1).replace("replication_factor = 3", "replication_factor = 2"),
  "removed {\n  from = aws_kms_key.left\n  lifecycle { destroy = false }\n}\n",
  `resource "aws_iam_role" "ci" {\n  name = "ci"\n  assume_role_policy = ${trust("111122223333", "444455556666")}\n}\n`,
  `resource "aws_security_group" "web" {\n  name = "web"\n  ingress = [{ from_port = 443, to_port = 443, protocol = "tcp", cidr_blocks = ["0.0.0.0/0"], ipv6_cidr_blocks = null, prefix_list_ids = null, security_groups = null, self = null, description = null }]\n}\n`,
  'resource "aws_dynamodb_table" "carts" {\n  name = "carts"\n  hash_key = "id"\n  attribute {\n    name = "id"\n    type = "S"\n  }\n  point_in_time_recovery { enabled = aws_kms_key.fresh.arn == "never" }\n}\n',
];

const ENGINES: readonly EngineDistribution[] = ["terraform", "tofu"];
const found = await Promise.all(ENGINES.map(async (name) => [name, await foundHere(name)] as const));

describe.each(found)("plans of %s", (name, engine) => {
  let workshop: Workshop;
  beforeAll(async () => {
    if (engine) workshop = await createWorkshop(engine.binary);
  });
  afterAll(() => workshop?.close());

  test.skipIf(!engine)(
    "what a real plan does to durable state, in every form",
    { timeout: 120_000 },
    async () => {
      const bench = await workshop.open();
      await bench.write("main.tf", [...BEFORE, bucket("docs-one"), leftBehind(name, 100)].join(""));
      await mustWork(bench.engine.init(bench.call));
      await applied(bench, false);
      // The old bucket cannot be deleted once its successor is there: it stays as a deposed object.
      bench.cloud.edit((account) =>
        Object.assign(account, { faults: { "aws_s3_bucket.delete": "BucketNotEmpty" } }),
      );
      await bench.write("main.tf", [...BEFORE, bucket("docs-two"), leftBehind(name, 100)].join(""));
      await applied(bench, true);
      await bench.write("main.tf", [...AFTER, bucket("docs-three"), leftBehind(name, 50)].join(""));

      const told = await inspected(bench);
      const of = (address: string, deposed = false): InspectedChange | undefined =>
        told.find((one) => one.address === address && (one.deposed !== undefined) === deposed);
      const rulesOf = (address: string): readonly string[] =>
        (of(address)?.reasons ?? []).map(({ rule }) => rule);

      expect(of("aws_db_instance.gone")).toMatchObject({ action: "delete", class: "R4", destructive: true });
      expect(rulesOf("aws_db_instance.gone")).toEqual(
        expect.arrayContaining(["destroy", "no-final-snapshot"]),
      );
      expect(of("aws_kms_key.lost")).toMatchObject({ action: "delete", class: "R5" });
      expect(of("aws_kms_key.left")).toMatchObject({ action: "forget", class: "R3", destructive: false });
      expect(of("aws_db_instance.shrunk")).toMatchObject({
        actions: ["delete", "create"],
        action: "replace",
        class: "R4",
      });
      expect(of("aws_s3_bucket.docs")).toMatchObject({ actions: ["create", "delete"], class: "R4" });
      expect(rulesOf("aws_s3_bucket.docs")).toEqual(
        expect.arrayContaining(["replace", "forces-replacement"]),
      );
      expect(of("aws_s3_bucket.docs", true)).toMatchObject({ action: "delete", class: "R4", stateful: true });
      expect(of("aws_s3_bucket.docs", true)?.reasons[0]?.message).toContain("deposed");
      expect(rulesOf("aws_db_instance.orders")).toEqual(
        expect.arrayContaining([
          "deletion-protection-off",
          "backup-retention-lowered",
          "major-upgrade",
          "storage-grown",
        ]),
      );
      expect(rulesOf("kafka_topic.events")).toEqual(
        expect.arrayContaining(["partitions-raised", "retention-lowered", "min-insync-lowered"]),
      );
      expect(rulesOf("kafka_topic.fewer")).toEqual(expect.arrayContaining(["replace", "partitions-lowered"]));
      expect(rulesOf("kafka_topic.replaced")).toEqual(
        expect.arrayContaining(["forces-replacement", "replication-lowered"]),
      );
      expect(rulesOf("aws_iam_role.ci")).toContain("trust-widened");
      expect(rulesOf("aws_security_group.web")).toContain("open-to-world");
      expect(
        of("aws_dynamodb_table.carts")
          ?.reasons.map(({ message }) => message)
          .join(" "),
      ).toContain("known only after apply");
      expect(rulesOf("aws_dynamodb_table.carts")).toContain("backup-off");
      if (name === "tofu") {
        expect(of("aws_ebs_volume.kept")).toMatchObject({
          actions: ["forget", "create"],
          action: "replace",
          class: "R4",
        });
      }
      expect(of("aws_kms_key.fresh")).toMatchObject({ action: "create", class: "R1" });
    },
  );
});

test("the same code tells what plan JSON does not: prevent_destroy is gone", async () => {
  const change = { path: "main.tf", before: BEFORE.join(""), after: AFTER.join("") };
  expect(guardFindings([change], await loadHcl())).toMatchObject([
    { subject: "aws_db_instance.orders", rule: "prevent-destroy-removed", class: "R3" },
  ]);
});

const inspected = async ({ engine, call, path }: Bench): Promise<readonly InspectedChange[]> => {
  await mustWork(engine.plan(call, { out: path("look.plan"), lock: false }));
  const { json } = await engine.show(call, path("look.plan"));
  return inspectPlanText(json, catalogue).changes;
};

const applied = async ({ engine, call, path }: Bench, fails: boolean): Promise<void> => {
  await mustWork(engine.plan(call, { out: path("apply.plan"), lock: true }));
  expect((await engine.apply(call, path("apply.plan"))).failed).toBe(fails);
};
