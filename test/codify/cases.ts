// biome-ignore-all lint/suspicious/noTemplateCurlyInString: HCL holds templates of its own.
import type { Console } from "../../demo/cloud/console.ts";
import type { Story } from "./bench.ts";

/** One story with what its files must and must not hold afterwards. */
export interface Case extends Story {
  readonly id: string;
  readonly form: string;
  /** Both unless said. */
  readonly engine?: "terraform";
  /** `proven` unless said. */
  readonly result?: "proven" | "partial" | "refused" | "clean";
  readonly has?: readonly string[];
  readonly hasNot?: readonly string[];
  /** Parts of `path reason` that some refusal must have. */
  readonly refuses?: readonly string[];
  /** What a plan still does at the end; nothing unless said. */
  readonly left?: readonly string[];
  /** How many plans the proof takes, where that is of interest. */
  readonly plans?: number;
}

export type Entry = Record<string, unknown>;
type Change = (cloud: Console) => void;
export const db =
  (id: string, attributes: Entry): Change =>
  (cloud) =>
    cloud.set("aws_db_instance", id, attributes);
export const topic =
  (id: string, attributes: Entry): Change =>
  (cloud) =>
    cloud.set("kafka_topic", id, attributes);
export const all =
  (...changes: readonly Change[]): Change =>
  (cloud) =>
    changes.forEach((change) => {
      change(cloud);
    });

/** Changes the only security group. */
export const group =
  (change: (entry: Entry) => Entry): Change =>
  (cloud) => {
    const [id, entry] = Object.entries(cloud.read().resources["aws_security_group"] ?? {})[0] ?? ["", {}];
    cloud.set("aws_security_group", id, change(entry));
  };
export const rule = (port: number, cidrs: readonly string[], more: Entry = {}): Entry => ({
  from_port: port,
  to_port: port,
  protocol: "tcp",
  cidr_blocks: cidrs,
  ...more,
});

export const TOPIC = (name: string, rest: string): string =>
  `resource "kafka_topic" "${name}" {\n  name               = "${name}"\n  partitions         = 3\n  replication_factor = 1\n${rest}}\n`;

export const MODULE = `variable "name" {}
variable "class" { default = "db.t3.small" }
variable "tags" { default = {} }
resource "aws_db_instance" "this" {
  identifier        = var.name
  engine            = "postgres"
  instance_class    = var.class
  allocated_storage = 20
  tags              = merge(var.tags, { Name = var.name })
}
`;

export const FIRST_CASES: readonly Case[] = [
  {
    id: "a",
    plans: 1,
    form: "literal",
    files: {
      "main.tf": `# Orders
resource "aws_db_instance" "orders" {
  identifier        = "orders"
  engine            = "postgres"
  instance_class    = "db.t3.small" # keep it cheap
  allocated_storage = 20
}
`,
    },
    console: db("orders", { instance_class: "db.r6g.large", allocated_storage: 40 }),
    has: ['instance_class    = "db.r6g.large" # keep it cheap', "allocated_storage = 40"],
  },
  {
    id: "a2",
    form: "file with CRLF, unformatted, Unicode",
    files: {
      "main.tf": `resource "aws_iam_role" "r" {
    name="r" // 🎉 é
  description   =   "日本" /* x */
  assume_role_policy = "{}"
}
`.replaceAll("\n", "\r\n"),
    },
    console: (cloud) => cloud.set("aws_iam_role", "r", { description: '中国 ${x} "q"', tags: { A: "b" } }),
    has: [
      '    name="r" // 🎉 é\r\n',
      '  description   =   "中国 $${x} \\"q\\"" /* x */\r\n',
      'tags = {\r\n    A = "b"\r\n  }\r\n',
    ],
  },
  {
    id: "b",
    form: "unset in code, set in the console",
    files: {
      "main.tf": `resource "aws_db_instance" "x" {
  identifier        = "x"
  engine            = "postgres"
  instance_class    = "db.t3.small"
  allocated_storage = 20

  lifecycle {
    prevent_destroy = true
  }
}
`,
    },
    console: db("x", { tags: { Owner: "bob" }, multi_az: true, max_allocated_storage: 100 }),
    has: ['Owner = "bob"', "max_allocated_storage = 100", /* adopted */ "multi_az"],
    hasNot: ["tags_all", "status"],
  },
  {
    id: "b2",
    form: "ignore_changes: nothing written",
    files: {
      "main.tf": `resource "aws_db_instance" "x" {
  identifier        = "x"
  engine            = "postgres"
  instance_class    = "db.t3.small"
  allocated_storage = 20
  lifecycle {
    ignore_changes = [instance_class]
  }
}
`,
    },
    console: db("x", { instance_class: "db.r6g.large" }),
    hasNot: ["r6g"],
    result: "clean",
  },
  {
    id: "c1",
    plans: 1,
    form: "set block changed",
    env: { DEMOCLOUD_SG: "blocks" },
    files: {
      "main.tf": `resource "aws_security_group" "s" {
  name = "s"

  # HTTPS from the office
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"] # office
  }

  ingress {
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8", "192.168.0.0/16"]
  }
}
`,
    },
    console: group(() => ({
      ingress: [rule(443, ["10.1.0.0/16"]), rule(80, ["10.0.0.0/8", "192.168.0.0/16", "172.16.0.0/12"])],
    })),
    has: ['cidr_blocks = ["10.1.0.0/16"] # office', '"192.168.0.0/16", "172.16.0.0/12"]'],
  },
  {
    id: "c2",
    form: "set blocks added (attribute as blocks)",
    files: {
      "main.tf": `resource "aws_security_group" "s" {
  name = "s"
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
}
`,
    },
    console: group((entry) => ({
      ingress: [
        ...(entry["ingress"] as Entry[]),
        rule(22, ["0.0.0.0/0"], { description: "temp ssh" }),
        rule(8080, ["0.0.0.0/0"]),
      ],
    })),
    has: ["from_port   = 22", '"temp ssh"', "from_port   = 8080"],
  },
  {
    id: "c3",
    form: "set block removed, with its comment",
    env: { DEMOCLOUD_SG: "blocks" },
    files: {
      "main.tf": `resource "aws_security_group" "s" {
  name = "s"

  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }

  # legacy
  ingress {
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
}
`,
    },
    console: group(() => ({ ingress: [rule(443, ["10.0.0.0/8"])] })),
    has: ["443"],
    hasNot: ["legacy", "80\n"],
  },
  {
    id: "c4",
    form: "dynamic block over a local list: change, remove",
    files: {
      "main.tf": `locals {
  rules = [
    { port = 443, cidr = "10.0.0.0/8" }, # https
    { port = 80, cidr = "10.0.0.0/8" },
    { port = 25, cidr = "10.0.0.0/8" }, # mail
  ]
}

resource "aws_security_group" "s" {
  name = "s"
  dynamic "ingress" {
    for_each = local.rules
    content {
      from_port   = ingress.value.port
      to_port     = ingress.value.port
      protocol    = "tcp"
      cidr_blocks = [ingress.value.cidr]
    }
  }
}
`,
    },
    console: group(() => ({ ingress: [rule(443, ["10.9.0.0/16"]), rule(80, ["10.0.0.0/8"])] })),
    has: ['{ port = 443, cidr = "10.9.0.0/16" }, # https'],
    hasNot: ["mail"],
  },
  {
    id: "c5",
    form: "dynamic block over a map variable: element added",
    env: { DEMOCLOUD_SG: "blocks" },
    files: {
      "main.tf": `variable "rules" {
  type = map(object({ port = number, cidrs = list(string) }))
}

resource "aws_security_group" "s" {
  name = "s"
  dynamic "ingress" {
    for_each = var.rules
    iterator = r
    content {
      description = r.key
      from_port   = r.value.port
      to_port     = r.value["port"]
      protocol    = "tcp"
      cidr_blocks = r.value.cidrs
    }
  }
}
`,
      "terraform.tfvars": `rules = {
  https = {
    port  = 443
    cidrs = ["10.0.0.0/8"]
  }
}
`,
    },
    console: group((entry) => ({
      ingress: [...(entry["ingress"] as Entry[]), rule(22, ["1.2.3.4/32"], { description: "ssh" })],
    })),
    has: ["ssh = {", "port  = 22"],
  },
  {
    id: "c6",
    form: "list of objects as an attribute",
    files: {
      "main.tf": `resource "aws_security_group" "s" {
  name = "s"
  egress = [{
    from_port        = 0
    to_port          = 0
    protocol         = "-1"
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = null
    prefix_list_ids  = null
    security_groups  = null
    self             = false
    description      = "all"
  }]
}
`,
    },
    console: group((entry) => ({
      egress: (entry["egress"] as Entry[]).map((one) => ({ ...one, cidr_blocks: ["10.0.0.0/8"] })),
    })),
    has: ['cidr_blocks      = ["10.0.0.0/8"]'],
  },
  {
    id: "c7",
    form: "nested blocks in blocks (lifecycle rules): changed, added",
    files: {
      "main.tf": `resource "aws_s3_bucket" "b" {
  bucket = "bucket-b"

  lifecycle_rule {
    id      = "old"
    enabled = true

    expiration {
      days = 90
    }
  }
}
`,
    },
    console: (cloud) =>
      cloud.set("aws_s3_bucket", "bucket-b", {
        lifecycle_rule: [
          { id: "old", enabled: true, expiration: [{ days: 30 }] },
          { id: "tmp", enabled: true, prefix: "tmp/", expiration: [{ days: 1 }] },
        ],
        versioning: [{ enabled: true }],
      }),
    has: ["days = 30", '"tmp/"', "versioning {"],
  },
  {
    id: "d1",
    form: "variable default with one user",
    files: {
      "main.tf": TOPIC("t", '  config = {\n    "retention.ms" = var.retention\n  }\n'),
      "variables.tf": `variable "retention" {
  description = "How long" # doc
  type        = string
  default     = "1000"
}
`,
    },
    console: topic("t", { config: { "retention.ms": "2000" } }),
    has: ['default     = "2000"', "= var.retention"],
  },
  {
    id: "d2",
    form: "terraform.tfvars and -var-file by precedence",
    files: {
      "main.tf": `resource "aws_db_instance" "x" {
  identifier        = "x"
  engine            = "postgres"
  instance_class    = var.class
  allocated_storage = var.cfg.size
}
variable "class" { default = "x" }
variable "cfg" { type = object({ size = number }) }
`,
      "terraform.tfvars": 'class = "db.t3.micro" # base\ncfg   = { size = 10 }\n',
      "prod.tfvars": '# prod\nclass = "db.t3.small"\n',
    },
    varFiles: ["prod.tfvars"],
    // OpenTofu wants the variable files again at apply, which the engine port does not give.
    engine: "terraform",
    console: db("x", { instance_class: "db.t3.large", allocated_storage: 99 }),
    has: ['# prod\nclass = "db.t3.large"', 'class = "db.t3.micro" # base', "{ size = 99 }"],
  },
  {
    id: "d3",
    form: "variable shared by two resources, one drifts",
    files: {
      "main.tf": `variable "parts" { default = 3 }
resource "kafka_topic" "a" {
  name               = "a"
  partitions         = var.parts
  replication_factor = 1
}
resource "kafka_topic" "b" {
  name               = "b"
  partitions         = var.parts
  replication_factor = 1
}
`,
    },
    console: topic("a", { partitions: 6 }),
    has: ["partitions         = 6", "default = 3", "partitions         = var.parts"],
  },
  {
    id: "d4",
    form: "TF_VAR_ value and secrets",
    files: {
      "main.tf": `variable "class" {}
variable "note" {
  sensitive = true
  default   = "s3cret"
}
resource "aws_db_instance" "a" {
  identifier           = "a"
  engine               = "postgres"
  instance_class       = var.class
  allocated_storage    = 20
  parameter_group_name = var.note
  tags = {
    Key = "plain"
  }
}
`,
    },
    env: { TF_VAR_class: "db.t3.small" },
    console: db("a", {
      instance_class: "db.t3.large",
      parameter_group_name: "LEAK2",
      tags: { Key: "AKIAIOSFODNN7EXAMPLE" },
    }),
    result: "partial",
    has: ['"db.t3.large"'],
    hasNot: ["LEAK", "AKIA"],
    refuses: ["parameter_group_name", "tags.Key looks like a secret"],
    left: ["aws_db_instance.a: update"],
  },
  {
    id: "e",
    form: "locals through templates and object paths",
    files: {
      "main.tf": `locals {
  env   = "prod"
  sizes = { web = { class = "db.t3.small", disk = 8 } } # sizes
  label = "\${local.env}-blue"
}

resource "aws_db_instance" "x" {
  identifier           = "x"
  engine               = "postgres"
  instance_class       = local.sizes["web"].class
  allocated_storage    = local.sizes.web.disk
  parameter_group_name = local.label
}
`,
    },
    console: db("x", {
      instance_class: "db.t3.large",
      allocated_storage: 16,
      parameter_group_name: "prod-green",
    }),
    has: ['{ class = "db.t3.large", disk = 16 } } # sizes', '"${local.env}-green"'],
  },
  {
    id: "f1",
    form: "for_each over a map of objects, one drifts",
    files: {
      "main.tf": `locals {
  dbs = {
    a = { class = "db.t3.small", size = 10 } # first
    b = { class = "db.t3.small", size = 10 }
  }
}

resource "aws_db_instance" "x" {
  for_each          = local.dbs
  identifier        = each.key
  engine            = "postgres"
  instance_class    = each.value.class
  allocated_storage = lookup(each.value, "size", 5)
}
`,
    },
    console: db("b", { instance_class: "db.t3.large", allocated_storage: 50 }),
    has: ['a = { class = "db.t3.small", size = 10 } # first', 'b = { class = "db.t3.large", size = 50 }'],
  },
  {
    id: "f2",
    form: "for_each over a set, shared literal: a table by instance",
    files: {
      "main.tf": `resource "aws_db_instance" "x" {
  for_each          = toset(["a", "b", "c"])
  identifier        = each.key
  engine            = "postgres"
  instance_class    = "db.t3.small" # all
  allocated_storage = 20
}
`,
    },
    console: all(db("b", { instance_class: "db.t3.large" }), db("c", { max_allocated_storage: 50 })),
    has: [
      'lookup({ b = "db.t3.large" }, each.key, "db.t3.small") # all',
      "lookup({ c = 50 }, each.key, null)",
    ],
    hasNot: ["?"],
  },
  {
    id: "f3",
    form: "for_each, shared literal: all drift alike",
    files: {
      "main.tf": `resource "kafka_topic" "t" {
  for_each           = toset(["a", "b"])
  name               = each.key
  partitions         = 3
  replication_factor = 1
}
`,
    },
    console: all(topic("a", { partitions: 6 }), topic("b", { partitions: 6 })),
    has: ["partitions         = 6"],
    hasNot: ["each.key,"],
  },
  {
    id: "f4",
    form: "count: a list by count.index, and a shared literal",
    files: {
      "main.tf": `variable "parts" {
  default = [3, 3]
}
resource "kafka_topic" "t" {
  count              = 2
  name               = "t\${count.index}"
  partitions         = var.parts[count.index]
  replication_factor = 1
  config = {
    "retention.ms" = "1000"
  }
}
`,
    },
    console: all(topic("t1", { partitions: 6 }), topic("t0", { config: { "retention.ms": "5000" } })),
    has: ["default = [3, 6]", "5000", "1000"],
  },
  {
    id: "f5",
    form: "for expression between map and for_each",
    files: {
      "main.tf": `variable "topics" {
  default = {
    a = { on = true, parts = 3 }
    b = { on = true, parts = 3 }
    c = { on = false, parts = 3 }
  }
}
locals {
  active = { for k, v in var.topics : "x-\${k}" => merge(v, { zone = "z" }) if v.on }
}
resource "kafka_topic" "t" {
  for_each           = local.active
  name               = each.key
  partitions         = each.value.parts
  replication_factor = 1
}
`,
    },
    console: topic("x-b", { partitions: 6 }),
    has: ["b = { on = true, parts = 6 }", "a = { on = true, parts = 3 }"],
  },
  {
    id: "f6",
    form: "for_each with merged maps: a key on two of three",
    files: {
      "main.tf": `locals {
  dbs = {
    a = { tags = { N = "a" } } # a
    b = { tags = {} }
    c = { tags = {} }
  }
}
resource "aws_db_instance" "x" {
  for_each          = local.dbs
  identifier        = each.key
  engine            = "postgres"
  instance_class    = "db.t3.small"
  allocated_storage = 20
  tags              = merge(each.value.tags, { Team = "x" })
}
`,
    },
    console: all(
      db("a", { tags: { N: "a", Team: "x", Owner: "al" } }),
      db("b", { tags: { Team: "x", Owner: "bo" } }),
    ),
    has: [
      'a = { tags = { N = "a", Owner = "al" } } # a',
      'Owner = "bo"',
      "c = { tags = {} }",
      '{ Team = "x" }',
    ],
  },
  {
    id: "f7",
    form: "for_each over objects, shared literal: into the instance's entry",
    files: {
      "main.tf": `locals {
  dbs = {
    a = { size = 10 }
    b = { size = 20 }
  }
}
resource "aws_db_instance" "x" {
  for_each          = local.dbs
  identifier        = each.key
  engine            = "postgres"
  instance_class    = "db.t3.small"
  allocated_storage = each.value.size
}
`,
    },
    console: db("b", { instance_class: "db.r6g.large" }),
    has: [
      'b = { size = 20, instance_class = "db.r6g.large" }',
      'try(each.value.instance_class, "db.t3.small")',
    ],
  },
  {
    id: "g1",
    form: "local modules: an argument, and one that was left out",
    files: {
      "main.tf": `module "web" {
  source = "./m"
  name   = "web"
  class  = "db.t3.small" # web
}
module "db" {
  source = "./m"
  name   = "db"
}
`,
      "m/main.tf": MODULE,
    },
    console: all(db("web", { instance_class: "db.t3.large" }), db("db", { instance_class: "db.t3.huge" })),
    has: ['class  = "db.t3.large" # web', "db.t3.huge", 'default = "db.t3.small"'],
  },
  {
    id: "g2",
    form: "nested modules with for_each, two hops to the root's tfvars",
    files: {
      "main.tf": `variable "apps" {}
module "app" {
  source   = "./a"
  for_each = var.apps
  name     = each.key
  cfg      = each.value
}
`,
      "terraform.tfvars": `apps = {
  one = { class = "db.t3.small" } # one
  two = { class = "db.t3.small" } # two
}
`,
      "a/main.tf": `variable "name" {}
variable "cfg" {}
module "i" {
  source = "../b"
  name   = var.name
  class  = var.cfg.class
}
`,
      "b/main.tf": MODULE,
    },
    console: db("two", { instance_class: "db.t3.large" }),
    has: ['one = { class = "db.t3.small" } # one', 'two = { class = "db.t3.large" } # two'],
  },
  {
    id: "g3",
    form: "literal in a module called twice, one drifts: a new input",
    files: {
      "main.tf": `module "a" {
  source = "./m"
  name   = "a"
}
module "b" {
  source = "./m"
  name   = "b"
}
`,
      "m/main.tf": MODULE,
    },
    console: db("a", { allocated_storage: 50 }),
    has: [
      'variable "allocated_storage" {\n  default = 20\n}',
      "allocated_storage = var.allocated_storage",
      "allocated_storage = 50",
    ],
  },
  {
    id: "h1",
    form: "map literal: a key added, one changed, one removed",
    files: {
      "main.tf": `resource "aws_db_instance" "x" {
  identifier        = "x"
  engine            = "postgres"
  instance_class    = "db.t3.small"
  allocated_storage = 20
  tags = {
    Name = "web" # n
    Env  = "prod"
    Old  = "x" # gone
  }
}
`,
    },
    console: db("x", { tags: { Name: "web", Env: "staging", "cost:center": "42" } }),
    has: ['Name          = "web" # n', 'Env           = "staging"', '"cost:center" = "42"'],
    hasNot: ["gone"],
  },
  {
    id: "h2",
    form: "merge(local, literal), shared local",
    files: {
      "main.tf": `locals { common = { Env = "prod" } }
resource "kafka_topic" "web" {
  name               = "web"
  partitions         = 1
  replication_factor = 1
  config             = merge(local.common, { Name = "web" })
}
resource "kafka_topic" "db" {
  name               = "db"
  partitions         = 1
  replication_factor = 1
  config             = merge(local.common, { Name = "db" })
}
resource "kafka_topic" "q" {
  name               = "q"
  partitions         = 1
  replication_factor = 1
  config             = local.common
}
`,
    },
    console: all(
      topic("web", { config: { Env: "prod", Name: "web", Owner: "bob" } }),
      topic("q", { config: { Env: "prod", Owner: "al" } }),
    ),
    has: ['{ Name = "web", Owner = "bob" }', '{ Name = "db" }', 'common = { Env = "prod" }'],
  },
  {
    id: "h3",
    form: "list over several lines with comments",
    env: { DEMOCLOUD_SG: "blocks" },
    files: {
      "main.tf": `resource "aws_security_group" "s" {
  name = "s"
  ingress {
    from_port = 1
    to_port   = 1
    protocol  = "tcp"
    cidr_blocks = [
      "10.1.0.0/16", # first
      "10.2.0.0/16",
      "10.3.0.0/16" # last
    ]
  }
}
`,
    },
    console: group(() => ({
      ingress: [rule(1, ["10.1.0.0/16", "10.9.0.0/16", "10.3.0.0/16", "10.4.0.0/16"])],
    })),
    has: ['"10.1.0.0/16", # first', '"10.9.0.0/16"', '"10.3.0.0/16", # last', '"10.4.0.0/16"'],
    hasNot: ["10.2."],
  },
  {
    id: "i1",
    form: "JSON in a heredoc",
    files: {
      "main.tf": `resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [
        { "Effect": "Allow", "Action": ["s3:Get*"], "Resource": "*" }
      ]
    }
  EOT
}
`,
    },
    console: (cloud) =>
      cloud.set("aws_iam_role", "r", {
        assume_role_policy: `{
  "Version": "2012-10-17",
  "Statement": [
    { "Effect": "Allow", "Action": ["s3:Put*"], "Resource": "arn:\${aws:username}" }
  ]
}
`,
      }),
    has: ['"Version": "2012-10-17",', '"s3:Put*"', "$${aws:username}", "<<-EOT"],
  },
  {
    id: "i2",
    form: "jsonencode()",
    files: {
      "main.tf": `locals { bucket = "arn:b" }
resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow" # yes
        Action   = ["s3:Get*"]
        Resource = local.bucket
      },
    ]
  })
}
`,
    },
    console: (cloud) =>
      cloud.set("aws_iam_role", "r", {
        assume_role_policy: JSON.stringify({
          Statement: [
            { Action: ["s3:Get*", "s3:List*"], Effect: "Allow", Resource: "arn:b" },
            { Action: "*", Effect: "Deny", Resource: "*" },
          ],
          Version: "2012-10-17",
        }),
      }),
    has: ['Effect   = "Allow" # yes', '["s3:Get*", "s3:List*"]', "Resource = local.bucket", '"Deny"'],
  },
  {
    id: "i3",
    form: "heredoc with interpolations",
    files: {
      "main.tf": `locals { who = "ops" }
resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = "{}"
  description        = <<-EOT
    Owned by \${local.who}.
    Do not touch.
  EOT
}
`,
    },
    console: (cloud) =>
      cloud.set("aws_iam_role", "r", { description: "Owned by ops.\nPlease touch.\nThanks, ops\n" }),
    has: ["Owned by ${local.who}.\n    Please touch.\n    Thanks, ops\n  EOT"],
  },
  {
    id: "i4",
    form: "JSON in a heredoc with interpolations",
    files: {
      "main.tf": `locals { arn = "arn:aws:s3:::logs" }
resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = <<EOT
{
  "Statement": [
    { "Effect": "Allow", "Resource": "\${local.arn}/*", "Action": "s3:Get*" }
  ]
}
EOT
}
`,
    },
    console: (cloud) =>
      cloud.set("aws_iam_role", "r", {
        assume_role_policy:
          '{\n  "Statement": [\n    { "Effect": "Allow", "Resource": "arn:aws:s3:::logs/new/*", "Action": "s3:*" }\n  ]\n}\n',
      }),
    has: ['"${local.arn}/new/*", "Action": "s3:*"'],
  },
  {
    id: "j1",
    form: "deleted in the console: a block, and one of for_each",
    files: {
      "main.tf": `# keep
resource "kafka_topic" "keep" {
  name               = "keep"
  partitions         = 1
  replication_factor = 1
}

# The old box
# (do not touch)
resource "kafka_topic" "old" {
  name               = "old"
  partitions         = 1
  replication_factor = 1
}

resource "kafka_topic" "many" {
  for_each           = { a = 1, b = 2 }
  name               = "many-\${each.key}"
  partitions         = each.value
  replication_factor = 1
}
`,
    },
    console: (cloud) => {
      cloud.remove("kafka_topic", "old");
      cloud.remove("kafka_topic", "many-b");
    },
    has: ["# keep", "{ a = 1 }"],
    hasNot: ["old", "do not touch"],
  },
  {
    id: "j2",
    form: "deleted in the console, but still referred to",
    files: { "main.tf": `${TOPIC("old", "")}output "id" { value = kafka_topic.old.id }\n` },
    console: (cloud) => cloud.remove("kafka_topic", "old"),
    result: "refused",
    refuses: ["still referred to by output.id"],
    has: ['"old"'],
    left: ["kafka_topic.old: create"],
  },
  {
    id: "l1",
    form: "drift beside merged code that is not applied",
    files: {
      "main.tf": `resource "aws_db_instance" "x" {
  identifier        = "x"
  engine            = "postgres"
  instance_class    = "db.t3.small"
  allocated_storage = 10
  tags = {
    A = "1"
  }
}
`,
    },
    merged: {
      "main.tf": `resource "aws_db_instance" "x" {
  identifier        = "x"
  engine            = "postgres"
  instance_class    = "db.t3.small"
  allocated_storage = 20
  tags = {
    A = "1"
    B = "code"
  }
}
`,
    },
    console: db("x", { instance_class: "db.t3.large", tags: { A: "1", C: "console" } }),
    has: ["allocated_storage = 20", '"db.t3.large"', 'B = "code"', 'C = "console"'],
    left: ["aws_db_instance.x: update"],
  },
  {
    id: "l2",
    form: "one attribute changed both in code and console",
    files: { "main.tf": TOPIC("t", "") },
    merged: { "main.tf": TOPIC("t", "").replace("= 3", "= 6") },
    console: topic("t", { partitions: 9 }),
    result: "refused",
    refuses: ["changed both in the code and in the live system"],
    has: ["= 6"],
    left: ["kafka_topic.t: replace"],
  },
  {
    id: "m1",
    form: "computed from another resource: the value in its place",
    files: {
      "main.tf": `${TOPIC("a", "")}resource "kafka_topic" "b" {
  name               = "b"
  partitions         = 3
  replication_factor = 1
  config = {
    like = upper(kafka_topic.a.id)
  }
}
`,
    },
    console: topic("b", { config: { like: "X" } }),
    has: ['like = "X"'],
  },
  {
    id: "m2",
    form: "conditional, coalesce",
    files: {
      "main.tf": `locals {
  env = "prod"
}
variable "o" { default = null }
resource "aws_db_instance" "a" {
  identifier        = "a"
  engine            = "postgres"
  instance_class    = local.env == "prod" ? "db.m5.large" : "db.t3.nano"
  allocated_storage = coalesce(var.o, 12)
}
`,
    },
    console: db("a", { instance_class: "db.m5.xlarge", allocated_storage: 13 }),
    has: ['? "db.m5.xlarge" : "db.t3.nano"', "coalesce(var.o, 13)"],
  },
  {
    id: "n1",
    form: "exponent numbers, 64-bit integers",
    files: {
      "main.tf": `locals {
  big = 1e10
}
${TOPIC("t", '  config = {\n    "a" = 9007199254740993\n    "b" = local.big\n  }\n')}`,
    },
    console: topic("t", { config: { a: "9007199254740995", b: "10000000001" } }),
    has: ["9007199254740995", "10000000001"],
  },
];
