// biome-ignore-all lint/suspicious/noTemplateCurlyInString: HCL holds templates of its own.
import { type Entry, rule } from "./cases.ts";
import { bucket, type Part, setBucket, setGroup, setTable } from "./structure.ts";

const table = (name: string, body: string): string =>
  `resource "aws_dynamodb_table" "${name}" {\n  name     = "${name}"\n  hash_key = "id"\n${body}}\n`;
const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;
const jsonBucket = (name: string, body: object): string =>
  json({ resource: { aws_s3_bucket: { [name]: { bucket: `${name}-bucket`, ...body } } } });
const days = (id: string, count: number): Entry => ({ id, enabled: true, expiration: [{ days: count }] });
const index = (name: string, more: Entry = {}): Entry => ({
  name,
  hash_key: "id",
  projection_type: "ALL",
  ...more,
});

/** Nested blocks in HCL: where they come, go and change. */
export const BLOCK_PARTS: readonly Part[] = [
  {
    id: "b1",
    form: "first nested block: after the arguments, before lifecycle and depends_on",
    code: `${bucket("b1", '  acl    = "private" # closed\n\n  depends_on = [aws_s3_bucket.b1_other]\n\n  lifecycle {\n    prevent_destroy = true\n  }\n')}${bucket("b1_other", "")}`,
    console: setBucket("b1", { versioning: [{ enabled: true }] }),
    has: [
      '  acl    = "private" # closed\n\n  versioning {\n    enabled = true\n  }\n\n  depends_on = [aws_s3_bucket.b1_other]\n\n  lifecycle {',
    ],
  },
  {
    id: "b2",
    form: "first nested block in a block on one line",
    code: 'resource "aws_s3_bucket" "b2" { bucket = "b2-bucket" }\n',
    console: setBucket("b2", { versioning: [{ enabled: true }] }),
    has: ['{\n  bucket = "b2-bucket"\n\n  versioning {\n    enabled = true\n  }\n}\n'],
  },
  {
    id: "b3",
    form: "nested block on one line: an argument more",
    code: bucket("b3", "  versioning { enabled = true }\n"),
    console: setBucket("b3", { versioning: [{ enabled: true, mfa_delete: true }] }),
    has: ["mfa_delete = true"],
  },
  {
    id: "b4",
    form: "nested block with comments inside, removed",
    loses: ["# keep for audits", "# inner", "# why", "/* block\n       comment */"],
    code: bucket(
      "b4",
      '\n  # keep for audits\n  lifecycle_rule {\n    # inner\n    id      = "one" # why\n    enabled = true\n    /* block\n       comment */\n    expiration { days = 3 }\n  }\n\n  # stays\n  lifecycle_rule {\n    id      = "two"\n    enabled = true\n  }\n',
    ),
    console: setBucket("b4", { lifecycle_rule: [{ id: "two", enabled: true }] }),
    has: ['bucket = "b4-bucket"\n\n  # stays\n  lifecycle_rule {'],
    hasNot: ["audits", "inner", "comment", '"one"'],
  },
  {
    id: "b5",
    form: "inner block of a block removed, another added in its place",
    code: bucket(
      "b5",
      '  lifecycle_rule {\n    id      = "x"\n    enabled = true\n\n    expiration {\n      days = 90\n    }\n  }\n',
    ),
    console: setBucket("b5", {
      lifecycle_rule: [{ id: "x", enabled: true, noncurrent_version_expiration: [{ days: 5 }] }],
    }),
    has: ["noncurrent_version_expiration {\n      days = 5\n    }"],
    hasNot: ["    expiration {"],
  },
  {
    id: "b6",
    form: "list blocks: one put first, one in the middle",
    code: bucket(
      "b6",
      '\n  lifecycle_rule {\n    id      = "b"\n    enabled = true\n  }\n\n  lifecycle_rule {\n    id      = "d"\n    enabled = true\n  }\n',
    ),
    console: setBucket("b6", {
      lifecycle_rule: ["a", "b", "c", "d"].map((id) => ({ id, enabled: true })),
    }),
    has: ['"a"', '"c"'],
  },
  {
    id: "b7",
    form: "list blocks: two changed places",
    code: bucket(
      "b7",
      '\n  lifecycle_rule {\n    id      = "a"\n    enabled = true\n  }\n\n  lifecycle_rule {\n    id      = "b"\n    enabled = true\n  }\n',
    ),
    console: setBucket("b7", { lifecycle_rule: ["b", "a"].map((id) => ({ id, enabled: true })) }),
  },
  {
    id: "b8",
    form: "several equal list blocks, one removed",
    loses: ["# second"],
    code: bucket(
      "b8",
      '\n  # first\n  lifecycle_rule {\n    id      = "a"\n    enabled = true\n  }\n\n  # second\n  lifecycle_rule {\n    id      = "a"\n    enabled = true\n  }\n',
    ),
    console: setBucket("b8", { lifecycle_rule: [{ id: "a", enabled: true }] }),
  },
  {
    id: "b9",
    form: "unset argument adopted inside a nested block",
    code: bucket(
      "b9",
      '\n  lifecycle_rule {\n    id      = "logs"\n    enabled = true # yes\n\n    expiration {\n      days = 30\n    }\n  }\n',
    ),
    console: setBucket("b9", { lifecycle_rule: [{ ...days("logs", 30), prefix: "logs/" }] }),
    has: ['    enabled = true # yes\n    prefix  = "logs/"\n'],
  },
  {
    id: "b10",
    form: "three levels of blocks: changed deep inside",
    code: bucket(
      "b10",
      '  server_side_encryption_configuration {\n    rule {\n      apply_server_side_encryption_by_default {\n        sse_algorithm = "AES256"\n      }\n    }\n  }\n',
    ),
    console: setBucket("b10", {
      server_side_encryption_configuration: [
        {
          rule: [
            {
              bucket_key_enabled: true,
              apply_server_side_encryption_by_default: [
                { sse_algorithm: "aws:kms", kms_master_key_id: "k1" },
              ],
            },
          ],
        },
      ],
    }),
    has: ['sse_algorithm     = "aws:kms"', "bucket_key_enabled = true"],
  },
  {
    id: "b11",
    form: "three levels of blocks: added as a whole",
    code: bucket("b11", ""),
    console: setBucket("b11", {
      server_side_encryption_configuration: [
        { rule: [{ apply_server_side_encryption_by_default: [{ sse_algorithm: "AES256" }] }] },
      ],
    }),
    has: [
      '      apply_server_side_encryption_by_default {\n        sse_algorithm = "AES256"\n      }\n    }\n  }\n}\n',
    ],
  },
  {
    id: "b12",
    form: "set of blocks, written and dynamic together: one of each goes, one comes",
    code: `locals {
  b12 = {
    two   = "INCLUDE"
    three = "ALL"
  }
}
${table(
  "b12",
  `
  global_secondary_index {
    name            = "one"
    hash_key        = "id"
    projection_type = "ALL"
  }
  dynamic "global_secondary_index" {
    for_each = local.b12
    content {
      name            = global_secondary_index.key
      hash_key        = "id"
      projection_type = global_secondary_index.value
    }
  }
`,
)}`,
    console: setTable("b12", {
      global_secondary_index: [index("three"), index("four", { read_capacity: 5 })],
    }),
    has: ['"four"', "three = "],
    hasNot: ["two "],
  },
  {
    id: "b13",
    form: "set of blocks: several alike, one changed, one gone, one new",
    loses: ["# b"],
    code: table(
      "b13",
      ["a", "b", "c"]
        .map(
          (name, at) =>
            `\n  # ${name}\n  global_secondary_index {\n    name            = "${name}"\n    hash_key        = "id"\n    projection_type = "ALL"\n    read_capacity   = ${at + 1}\n  }\n`,
        )
        .join(""),
    ),
    console: setTable("b13", {
      global_secondary_index: [
        index("a", { read_capacity: 1 }),
        index("c", { read_capacity: 9 }),
        index("z", { range_key: "r", projection_type: "KEYS_ONLY" }),
      ],
    }),
    has: ["read_capacity   = 9", '"z"', "# a", "# c"],
  },
  {
    id: "b14",
    form: "nested block in an override file: changed; one that only the base has: removed",
    files: {
      "b14.tf": `${bucket("b14", "  versioning {\n    enabled = true\n  }\n")}`,
      "b14_override.tf":
        'resource "aws_s3_bucket" "b14" {\n  lifecycle_rule {\n    id      = "x"\n    enabled = true # over\n  }\n}\n',
    },
    console: setBucket("b14", { lifecycle_rule: [{ id: "x", enabled: false }], versioning: [] }),
    has: ["enabled = false # over"],
    hasNot: ["versioning"],
  },
  {
    id: "b15",
    form: "nested block added: CRLF and tabs stay",
    code: 'resource "aws_s3_bucket" "b15" {\n\tbucket = "b15-bucket"\n\n\tlifecycle_rule {\n\t\tid      = "a"\n\t\tenabled = true\n\t}\n}\n'.replaceAll(
      "\n",
      "\r\n",
    ),
    console: setBucket("b15", {
      lifecycle_rule: [
        { id: "a", enabled: true },
        { id: "b", enabled: true },
      ],
    }),
    has: ['\tlifecycle_rule {\r\n\t\tid      = "b"\r\n\t\tenabled = true\r\n\t}\r\n}\r\n'],
  },
  {
    id: "b16",
    form: "dynamic block behind a switch: switched off in the console",
    code: `variable "b16_on" {\n  type    = bool\n  default = true\n}\n${bucket(
      "b16",
      '  dynamic "versioning" {\n    for_each = var.b16_on ? [1] : []\n    content {\n      enabled = true\n    }\n  }\n',
    )}`,
    console: setBucket("b16", { versioning: [] }),
    has: ["default = false", "var.b16_on ? [1] : []"],
  },
  {
    id: "b17",
    form: "dynamic block behind a switch: switched on in the console",
    code: `variable "b17_on" {\n  type    = bool\n  default = false\n}\n${bucket(
      "b17",
      '  dynamic "versioning" {\n    for_each = var.b17_on ? [1] : []\n    content {\n      enabled = true\n    }\n  }\n',
    )}`,
    console: setBucket("b17", { versioning: [{ enabled: true }] }),
    has: ["default = true", "var.b17_on ? [1] : []"],
  },
  {
    id: "b18",
    form: "dynamic block over a map in tfvars: an entry removed",
    loses: ["# shorter"],
    files: {
      "b18.tf": `variable "b18" {\n  type = map(number)\n}\n${bucket(
        "b18",
        '  dynamic "lifecycle_rule" {\n    for_each = var.b18\n    content {\n      id      = lifecycle_rule.key\n      enabled = true\n      expiration {\n        days = lifecycle_rule.value\n      }\n    }\n  }\n',
      )}`,
      "terraform.tfvars": "b18 = {\n  logs = 30 # short\n  tmp  = 1  # shorter\n}\n",
    },
    console: setBucket("b18", { lifecycle_rule: [days("logs", 30)] }),
    has: ["logs = 30 # short"],
    hasNot: ["tmp"],
  },
  {
    id: "b19",
    form: "dynamic block with blocks inside: an element more",
    code: `locals {\n  b19 = [\n    { id = "a", days = 1 },\n  ]\n}\n${bucket(
      "b19",
      '  dynamic "lifecycle_rule" {\n    for_each = local.b19\n    content {\n      id      = lifecycle_rule.value.id\n      enabled = true\n      expiration {\n        days = lifecycle_rule.value.days\n      }\n    }\n  }\n',
    )}`,
    console: setBucket("b19", { lifecycle_rule: [days("a", 1), days("b", 7)] }),
    has: ['{ id = "b", days = 7 }'],
  },
  {
    id: "b20",
    form: "nested dynamic blocks: an inner and an outer element more",
    code: `locals {\n  b20 = {\n    a = { 30 = "GLACIER" }\n  }\n}\n${bucket(
      "b20",
      '  dynamic "lifecycle_rule" {\n    for_each = local.b20\n    content {\n      id      = lifecycle_rule.key\n      enabled = true\n      dynamic "transition" {\n        for_each = lifecycle_rule.value\n        content {\n          days          = transition.key\n          storage_class = transition.value\n        }\n      }\n    }\n  }\n',
    )}`,
    console: setBucket("b20", {
      lifecycle_rule: [
        {
          id: "a",
          enabled: true,
          transition: [
            { days: 30, storage_class: "GLACIER" },
            { days: 90, storage_class: "DEEP_ARCHIVE" },
          ],
        },
        { id: "b", enabled: true, transition: [{ days: 10, storage_class: "STANDARD_IA" }] },
      ],
    }),
    has: ['"DEEP_ARCHIVE"', '"STANDARD_IA"'],
  },
  {
    id: "b21",
    form: "rule that a dynamic block has no place for: written out beside it",
    code: `locals {\n  b21 = ["a"]\n}\n${bucket(
      "b21",
      '  dynamic "lifecycle_rule" {\n    for_each = local.b21\n    content {\n      id      = lifecycle_rule.value\n      enabled = true\n    }\n  }\n',
    )}`,
    console: setBucket("b21", {
      lifecycle_rule: [
        { id: "a", enabled: true },
        { id: "b", enabled: true, prefix: "tmp/" },
      ],
    }),
    has: ['  lifecycle_rule {\n    id      = "b"\n    enabled = true\n    prefix  = "tmp/"\n  }'],
  },
  {
    id: "b22",
    form: "objects in a set attribute matched in part: one changed, one gone, one new",
    code: `resource "aws_security_group" "b22" {
  name = "b22"
  ingress = [
    { # web
      from_port = 443, to_port = 443, protocol = "tcp", cidr_blocks = ["10.0.0.0/8"], description = "web"
      ipv6_cidr_blocks = null, prefix_list_ids = null, security_groups = null, self = false
    },
    {
      from_port = 25, to_port = 25, protocol = "tcp", cidr_blocks = ["10.0.0.0/8"], description = "mail"
      ipv6_cidr_blocks = null, prefix_list_ids = null, security_groups = null, self = false
    },
  ]
}
`,
    console: setGroup("b22", () => ({
      ingress: [
        rule(443, ["10.9.0.0/16"], { description: "web", self: false }),
        rule(22, ["10.0.0.0/8"], { description: "ssh", self: false }),
      ],
    })),
    has: ["# web", '["10.9.0.0/16"]', '"ssh"'],
    hasNot: ['"mail"'],
  },
  {
    id: "b23",
    form: "attribute as blocks: one of three changed, order and comments of the others kept",
    code: `resource "aws_security_group" "b23" {
  name = "b23"

${[443, 80, 22]
  .map(
    (port) =>
      `  # ${port}\n  ingress {\n    from_port   = ${port}\n    to_port     = ${port}\n    protocol    = "tcp"\n    cidr_blocks = ["10.0.0.0/8"]\n  }\n`,
  )
  .join("\n")}}
`,
    console: setGroup("b23", () => ({
      ingress: [rule(443, ["10.0.0.0/8"]), rule(80, ["10.0.0.0/8", "10.1.0.0/16"]), rule(22, ["10.0.0.0/8"])],
    })),
    has: ["# 443\n", '["10.0.0.0/8", "10.1.0.0/16"]', "# 22\n"],
  },
  {
    id: "b24",
    form: "provisioner, connection and lifecycle stay as they are",
    code: bucket(
      "b24",
      '  acl = "private"\n\n  provisioner "local-exec" {\n    command = "true # private"\n  }\n\n  lifecycle {\n    ignore_changes = [tags]\n  }\n',
    ),
    console: setBucket("b24", { acl: "public-read", versioning: [{ enabled: true }], tags: { a: "b" } }),
    has: [
      '  acl = "public-read"\n\n  versioning {\n    enabled = true\n  }\n\n  provisioner "local-exec" {\n    command = "true # private"\n  }\n\n  lifecycle {\n    ignore_changes = [tags]\n  }\n',
    ],
    hasNot: ["tags ="],
  },
];

/** Nested blocks in JSON syntax, where a block is a member: an object, a list of objects, or under `dynamic`. */
export const JSON_PARTS: readonly Part[] = [
  {
    id: "j1",
    form: ".tf.json: an argument of a nested block changed, one adopted",
    files: {
      "j1.tf.json": jsonBucket("j1", { lifecycle_rule: { id: "a", enabled: true, expiration: { days: 3 } } }),
    },
    console: setBucket("j1", { lifecycle_rule: [{ ...days("a", 5), prefix: "x/" }] }),
    has: ['"days": 5', '"prefix": "x/"'],
  },
  {
    id: "j2",
    form: ".tf.json: a nested block added to a list of them",
    files: { "j2.tf.json": jsonBucket("j2", { lifecycle_rule: [{ id: "a", enabled: true }] }) },
    console: setBucket("j2", { lifecycle_rule: [{ id: "a", enabled: true }, days("b", 2)] }),
    has: ['"id": "b"', '"days": 2'],
  },
  {
    id: "j3",
    form: ".tf.json: a second nested block makes a list of the first",
    files: { "j3.tf.json": jsonBucket("j3", { lifecycle_rule: { id: "a", enabled: true } }) },
    console: setBucket("j3", { lifecycle_rule: [{ id: "a", enabled: true }, days("b", 2)] }),
    has: ['"lifecycle_rule": [', '"id": "b"'],
  },
  {
    id: "j4",
    form: ".tf.json: the first nested block",
    files: { "j4.tf.json": jsonBucket("j4", { acl: "private" }) },
    console: setBucket("j4", { versioning: [{ enabled: true }] }),
    has: ['"versioning": {\n          "enabled": true\n        }'],
  },
  {
    id: "j5",
    form: ".tf.json: nested blocks removed, of a list and the only one",
    files: {
      "j5.tf.json": jsonBucket("j5", {
        versioning: { enabled: true },
        lifecycle_rule: [
          { id: "a", enabled: true },
          { id: "b", enabled: true },
        ],
      }),
    },
    console: setBucket("j5", { lifecycle_rule: [{ id: "b", enabled: true }], versioning: [] }),
    has: ['"id": "b"'],
    hasNot: ["versioning", '"id": "a"'],
  },
  {
    id: "j6",
    form: ".tf.json: dynamic block over a local: changed, added, removed",
    files: {
      "j6.tf.json": json({
        locals: {
          j6: [
            { id: "a", days: 1 },
            { id: "b", days: 2 },
          ],
        },
        resource: {
          aws_s3_bucket: {
            j6: {
              bucket: "j6-bucket",
              dynamic: {
                lifecycle_rule: {
                  for_each: "${local.j6}",
                  content: {
                    id: "${lifecycle_rule.value.id}",
                    enabled: true,
                    expiration: { days: "${lifecycle_rule.value.days}" },
                  },
                },
              },
            },
          },
        },
      }),
    },
    console: setBucket("j6", { lifecycle_rule: [days("a", 9), days("b", 2), days("c", 3)] }),
    has: ['"days": 9', '"id": "c"'],
  },
  {
    id: "j7",
    form: ".tf.json: set of objects that stand for blocks",
    files: {
      "j7.tf.json": json({
        resource: {
          aws_security_group: {
            j7: {
              name: "j7",
              ingress: [
                {
                  from_port: 443,
                  to_port: 443,
                  protocol: "tcp",
                  cidr_blocks: ["10.0.0.0/8"],
                  description: null,
                  ipv6_cidr_blocks: null,
                  prefix_list_ids: null,
                  security_groups: null,
                  self: null,
                },
              ],
            },
          },
        },
      }),
    },
    console: setGroup("j7", (entry) => ({
      ingress: [...(entry["ingress"] as Entry[]), rule(22, ["10.0.0.0/8"])],
    })),
    has: ["22"],
  },
  {
    id: "j8",
    form: ".tf.json: a resource deleted, and an entry of for_each",
    files: {
      "j8.tf.json": json({
        locals: { j8: { x: 1, y: 2 } },
        resource: {
          kafka_topic: {
            j8_a: { name: "j8-a", partitions: 1, replication_factor: 1 },
            j8_b: { name: "j8-b", partitions: 1, replication_factor: 1 },
            j8_c: {
              for_each: "${local.j8}",
              name: "j8-${each.key}",
              partitions: "${each.value}",
              replication_factor: 1,
            },
          },
        },
      }),
    },
    console: (cloud) => {
      cloud.remove("kafka_topic", "j8-a");
      cloud.remove("kafka_topic", "j8-y");
    },
    has: ['"x": 1', "j8-b"],
    hasNot: ['"y"', "j8-a"],
  },
  {
    id: "j9",
    form: ".tf.json: argument of a module that is called in JSON",
    files: {
      "j9.tf.json": json({ module: { j9: { source: "./j9m", name: "j9-bucket" } } }),
      "j9m/main.tf":
        'variable "name" {}\nvariable "versioned" { default = false }\nresource "aws_s3_bucket" "this" {\n  bucket = var.name\n  versioning {\n    enabled = var.versioned\n  }\n}\n',
    },
    console: setBucket("j9", { versioning: [{ enabled: true }] }),
    has: ['"versioned": true'],
  },
];
