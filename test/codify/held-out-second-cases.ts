// biome-ignore-all lint/suspicious/noTemplateCurlyInString: HCL holds templates of its own.
import type { Console } from "../../demo/cloud/console.ts";
import { db, type Entry, rule, topic } from "./cases.ts";
import { changed, each, group, type HeldOut, role, volume, volumeTags } from "./held-out-stories.ts";

const bucket = (name: string, change: (entry: Entry) => Entry) =>
  changed("aws_s3_bucket", (entry) => entry["bucket"] === name, change);
const removed =
  (type: string, is: (entry: Entry) => boolean) =>
  (cloud: Console): void => {
    const [id] = Object.entries(cloud.read().resources[type] ?? {}).find(([, entry]) => is(entry)) ?? [];
    if (id === undefined) throw new Error(`the account has no such ${type}`);
    cloud.remove(type, id);
  };
const tagged =
  (name: string) =>
  (entry: Entry): boolean =>
    (entry["tags"] as Entry | null)?.["Name"] === name;

/** Written before the code was looked at again: structural forms and expressions as public modules mix them. */
export const SECOND: readonly HeldOut[] = [
  {
    id: "f01",
    form: "tags of a chain of merges: a member of one, a new one of the other",
    console: each(
      volumeTags("f01-data", { Name: "f01-main" }),
      volumeTags("f01-log", { Kind: "audit", Owner: "ann" }),
    ),
    has: [
      'format("%s-%s", var.f01_name, "main")',
      'Kind = "audit"',
      'Owner = "ann"',
      '"Name" = "${var.f01_name}-log"',
    ],
  },
  {
    id: "f02",
    form: "rules by name from a table, split() of a text, in a dynamic block",
    console: group("f02", [
      rule(443, ["10.10.0.0/16", "10.12.0.0/16"], { description: "HTTPS" }),
      rule(22, ["10.9.0.0/24"], { description: "bastion host" }),
    ]),
    has: ['"10.10.0.0/16,10.12.0.0/16"', '"bastion host"', "443, 443"],
  },
  {
    id: "f03",
    form: "dynamic blocks in a dynamic block over any, with try(flatten())",
    console: bucket("f03-bucket", ({ lifecycle_rule: rules }) => {
      const [log, tmp] = rules as [Entry, Entry];
      return {
        lifecycle_rule: [
          {
            ...log,
            expiration: [{ days: 120 }],
            transition: [
              { days: 45, storage_class: "STANDARD_IA" },
              { days: 60, storage_class: "GLACIER" },
            ],
          },
          { ...tmp, enabled: false },
        ],
      };
    }),
    has: ["days = 120 # the law", "days          = 45", "enabled = false", "days          = 60"],
  },
  {
    id: "f04",
    form: "dynamic blocks over a tfvars list; a boolean variable of one use",
    console: changed(
      "aws_dynamodb_table",
      ({ name }) => name === "f04",
      ({ global_secondary_index: indexes }) => ({
        read_capacity: 8,
        ttl: [{ enabled: true, attribute_name: "expires" }],
        global_secondary_index: (indexes as Entry[]).map((index) => ({ ...index, read_capacity: 25 })),
      }),
    ),
    has: ["read_capacity   = 25", "read_capacity  = 8", "default = true", "var.f04_ttl_enabled"],
  },
  {
    id: "f05",
    form: "lookup(map, each.key, default) where the map has no entry",
    console: db("f05-jobs", { allocated_storage: 60 }),
    has: ["f05-jobs", "= 60", "default = 20"],
  },
  {
    id: "f06",
    form: "conditional over two tables behind count",
    console: db("f06", { instance_class: "db.t3.medium" }),
    has: ['small = "db.t3.medium"', 'big   = "db.r6g.xlarge"'],
  },
  {
    id: "f07",
    form: "flatten() of a nested for behind for_each, one of two that share drifts",
    open: "proven by a table for both: two edits of one local are blamed together",
    console: each(topic("f07.refunds.prod", { partitions: 9 }), topic("f07.orders.prod", { partitions: 12 })),
    has: ["partitions = 9", "12"],
  },
  {
    id: "f08",
    form: "merge() with try(map[key], {})",
    console: topic("f08", {
      config: { "cleanup.policy": "compact", "retention.ms": "172800000", "segment.ms": "60000" },
    }),
    has: ['"172800000" # a day', '"compact"', '"segment.ms"', '"604800000"'],
  },
  {
    id: "f09",
    form: "jsonencode(concat()) in a block: an action added in the conditional part",
    console: role("f09", ({ inline_policy: policies }) => ({
      inline_policy: (policies as Entry[]).map(({ name, policy }) => ({
        name,
        policy: String(policy)
          .replace('["s3:PutObject"]', '["s3:PutObject","s3:DeleteObject"]')
          .replace("f09-b", "f09-c"),
      })),
    })),
    has: ['["s3:PutObject", "s3:DeleteObject"]', '["f09-a", "f09-c"]', "var.f09_allow_write ? ["],
  },
  {
    id: "f10",
    form: "merge(defaults, each.value) through two modules, one instance drifts",
    open: "an entry of the for_each of a module two calls away is not found behind merge()",
    console: each(
      db("f10-a", { instance_class: "db.t3.large" }),
      db("f10-b", { allocated_storage: 45, multi_az: true }),
    ),
    has: ['class = "db.t3.large"', "storage = 45", 'class   = "db.t3.small"', "multi_az"],
  },
  {
    id: "f11",
    form: "templatefile() with a for: an argument, a member of a list, the text",
    open: "proven in place of the call: several arguments of a template file are not told apart",
    console: changed(
      "aws_kms_key",
      ({ description }) => description === "for f11",
      ({ policy }) => ({
        policy: String(policy).replaceAll("123456789012", "210987654321").replaceAll("batch", "nightly"),
      }),
    ),
    has: ['"210987654321"', '["app", "nightly"]', '"${reader}"'],
  },
  {
    id: "f12",
    form: "csvdecode(file()) behind for_each",
    console: db("f12-b", { instance_class: "db.m5.large", allocated_storage: 35 }),
    has: ["db.m5.large", "35"],
  },
  {
    id: "f13",
    form: "for with title() over keys: changed and added",
    console: volumeTags("f13", { Owner: "zoe", Costs: "77" }),
    has: ['owner = "zoe"', '"77"'],
  },
  {
    id: "f14",
    form: "one() of a for with a condition",
    open: "proven with the value in the loop itself: its collection has optional members",
    console: db("f14", { instance_class: "db.m5.large" }),
    has: ['{ name = "db.m5.large", default = true }', '"db.t3.micro"'],
  },
  {
    id: "f15",
    form: "attributes by contains() and comparisons of a stage",
    console: db("f15-dev", {
      instance_class: "db.t3.medium",
      deletion_protection: true,
      auto_minor_version_upgrade: false,
      backup_retention_period: 3,
    }),
    has: ['"db.r6g.large" : "db.t3.medium"', "? 14 : 3", "? false : false", 'default = "dev"'],
  },
  {
    id: "f16",
    form: "objects in objects of a tfvars file; an optional member added",
    console: each(
      db("f16-main", { iops: 6000, tags: { Platform: "f16", Team: "core" } }),
      db("f16-audit", { allocated_storage: 80, tags: { Platform: "f16", Team: "audit" } }),
    ),
    has: ["iops", "6000", "gb = 80, iops = 4000 } # slow is fine", 'Team = "audit"', '"core"'],
  },
  {
    id: "f17",
    form: "an entry of for_each deleted in the console, the other one changed",
    console: each(
      removed("aws_ebs_volume", tagged("f17-archive")),
      volume("f17-data", () => ({ size: 40, type: "gp2" })),
    ),
    has: ["size = 40", "# What is used"],
    hasNot: ["f17-archive"],
  },
  {
    id: "f18",
    form: "a script in a heredoc with escapes and %{ if }: a line changed, one added",
    open: "proven as one text: a line added beside %{if} is not placed",
    console: role("f18", ({ description }) => ({
      description: String(description)
        .replace("agent-1.2", "agent-1.3 jq")
        .replace("systemctl enable agent\n", "systemctl enable agent\nsystemctl start agent\n"),
    })),
    has: [
      "    yum install -y agent-1.3 jq\n",
      "    systemctl start agent\n",
      'HOME_DIR="$${HOME:-/root}"',
      '%{if var.f18_proxy != ""}',
    ],
  },
  {
    id: "f19",
    form: "sort(values(map)): one changed; join() of a list",
    console: role("f19", () => ({
      managed_policy_arns: [
        "arn:aws:iam::aws:policy/CloudWatchLogsReadOnlyAccess",
        "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
      ],
      permissions_boundary: "arn:aws:iam::123456789012:policy/boundary-2",
    })),
    has: ['logs = "arn:aws:iam::aws:policy/CloudWatchLogsReadOnlyAccess"', '"boundary-2"'],
  },
  {
    id: "f20",
    form: "dynamic block over a map in a list; a block with its comment deleted, one changed",
    console: bucket("f20-bucket", ({ lifecycle_rule: rules }) => ({
      versioning: [{ enabled: false, mfa_delete: null }],
      lifecycle_rule: [{ ...(rules as [Entry])[0], expiration: [{ days: 400 }] }],
    })),
    has: ["enabled = false", "days = 400", "# Kept for a year"],
    hasNot: ["Uploads that nobody"],
  },
];
