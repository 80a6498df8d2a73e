// biome-ignore-all lint/suspicious/noTemplateCurlyInString: HCL holds templates of its own.
import { all, type Case, db, type Entry, group, MODULE, rule, TOPIC, topic } from "./cases.ts";

const DB = (name: string, body: string): string =>
  `resource "aws_db_instance" "${name}" {\n  identifier        = "${name}"\n  engine            = "postgres"\n${body}}\n`;
const SIZED = '  instance_class    = "db.t3.small"\n  allocated_storage = 20\n';

/** Written before the code that passes them. */
export const MORE_CASES: readonly Case[] = [
  {
    id: "p1",
    form: "yamlencode()",
    files: {
      "main.tf": TOPIC(
        "t",
        '  config = {\n    spec = yamlencode({\n      a = 1\n      b = ["x", "y"]\n    })\n  }\n',
      ),
    },
    console: topic("t", { config: { spec: '"a": 2\n"b":\n- "x"\n- "y"\n- "z"\n' } }),
    has: ["a = 2", '["x", "y", "z"]'],
  },
  {
    id: "p2",
    form: "join() over a list",
    files: {
      "main.tf": `locals { env = "prod" }\n${DB("x", `${SIZED}  parameter_group_name = join("-", [local.env, "blue"])\n`)}`,
    },
    console: db("x", { parameter_group_name: "prod-green" }),
    has: ['join("-", [local.env, "green"])'],
  },
  {
    id: "p3",
    form: "format()",
    files: {
      "main.tf": `locals { env = "prod" }\n${DB("x", `${SIZED}  parameter_group_name = format("%s-blue", local.env)\n`)}`,
    },
    console: db("x", { parameter_group_name: "prod-green" }),
    has: ['format("%s-green", local.env)'],
  },
  {
    id: "p4",
    form: "lookup() in a map by a variable",
    files: {
      "main.tf": `variable "env" { default = "prod" }
locals {
  classes = {
    dev  = "db.t3.micro"
    prod = "db.t3.small" # big enough
  }
}
${DB("x", '  instance_class    = lookup(local.classes, var.env, "db.t3.nano")\n  allocated_storage = 20\n')}`,
    },
    console: db("x", { instance_class: "db.m5.large" }),
    has: ['prod = "db.m5.large" # big enough', 'dev  = "db.t3.micro"'],
  },
  {
    id: "p5",
    form: "optional object attribute that the tfvars leave out",
    files: {
      "main.tf": `variable "cfg" {
  type = object({ class = string, size = optional(number, 20) })
}
${DB("x", "  instance_class    = var.cfg.class\n  allocated_storage = var.cfg.size\n")}`,
      "prod.auto.tfvars": 'cfg = {\n  class = "db.t3.small"\n}\n',
    },
    console: db("x", { allocated_storage: 50 }),
    has: ["size  = 50"],
  },
  {
    id: "p6",
    form: "override file",
    files: {
      "main.tf": DB("x", SIZED),
      "size_override.tf": 'resource "aws_db_instance" "x" {\n  allocated_storage = 30\n}\n',
    },
    console: db("x", { allocated_storage: 50, instance_class: "db.m5.large" }),
    has: ["allocated_storage = 50", '"db.m5.large"', "allocated_storage = 20"],
  },
  {
    id: "p7",
    form: "terraform.tfvars.json",
    files: {
      "main.tf": `variable "size" {}\nvariable "class" {}\n${DB("x", "  instance_class    = var.class\n  allocated_storage = var.size\n")}`,
      "terraform.tfvars.json": '{\n    "class": "db.t3.small",\n    "size": 20\n}\n',
    },
    console: db("x", { allocated_storage: 50 }),
    has: ['{\n    "class": "db.t3.small",\n    "size": 50\n}\n'],
  },
  {
    id: "p8",
    plans: 1,
    form: "root in a folder, module beside it",
    dir: "envs/prod",
    files: {
      "envs/prod/main.tf": 'module "db" {\n  source = "../../modules/db"\n  name   = "db"\n}\n',
      "modules/db/main.tf": MODULE,
    },
    console: db("db", { instance_class: "db.m5.large", allocated_storage: 40 }),
    has: ['class  = "db.m5.large"'],
  },
  {
    id: "p9",
    form: "count = condition ? 1 : 0",
    files: {
      "main.tf": `variable "on" { default = true }\nresource "kafka_topic" "t" {\n  count              = var.on ? 1 : 0\n  name               = "t"\n  partitions         = 3\n  replication_factor = 1\n}\n`,
    },
    console: topic("t", { partitions: 9 }),
    has: ["partitions         = 9"],
  },
  {
    id: "p10",
    form: "element(list, count.index)",
    files: {
      "main.tf": `locals { sizes = [10, 20, 30] }\nresource "aws_db_instance" "x" {\n  count             = 3\n  identifier        = "x\${count.index}"\n  engine            = "postgres"\n  instance_class    = "db.t3.small"\n  allocated_storage = element(local.sizes, count.index)\n}\n`,
    },
    console: db("x1", { allocated_storage: 25 }),
    has: ["[10, 25, 30]"],
  },
  {
    id: "p11",
    form: "a value taken away in the console",
    files: {
      "main.tf": DB("x", `${SIZED}  max_allocated_storage = 100 # autoscaling\n  tags = { A = "1" }\n`),
    },
    console: (cloud) =>
      cloud.edit(({ resources }) => {
        const entry = resources["aws_db_instance"]?.["x"];
        delete entry?.["max_allocated_storage"];
        delete entry?.["tags"];
      }),
    hasNot: ["max_allocated_storage", "tags"],
  },
  {
    id: "p12",
    form: "boolean literals",
    files: { "main.tf": DB("x", `${SIZED}  deletion_protection = true\n  multi_az            = false\n`) },
    console: db("x", { deletion_protection: false, multi_az: true }),
    has: ["deletion_protection = false", "multi_az            = true"],
  },
  {
    id: "p13",
    form: "nested dynamic blocks",
    files: {
      "main.tf": `locals {
  rules = [
    { id = "a", days = [30] },
    { id = "b", days = [60, 90] },
  ]
}
resource "aws_s3_bucket" "b" {
  bucket = "bucket-b"
  dynamic "lifecycle_rule" {
    for_each = local.rules
    content {
      id      = lifecycle_rule.value.id
      enabled = true
      dynamic "transition" {
        for_each = lifecycle_rule.value.days
        iterator = t
        content {
          days          = t.value
          storage_class = "GLACIER"
        }
      }
    }
  }
}
`,
    },
    console: (cloud) =>
      cloud.set("aws_s3_bucket", "bucket-b", {
        lifecycle_rule: [
          { id: "a", enabled: true, transition: [{ days: 45, storage_class: "GLACIER" }] },
          {
            id: "b",
            enabled: true,
            transition: [
              { days: 60, storage_class: "GLACIER" },
              { days: 90, storage_class: "GLACIER" },
            ],
          },
        ],
      }),
    has: ["days = [45]", "days = [60, 90]"],
  },
  {
    id: "p14",
    form: "single nested blocks: changed and added",
    files: {
      "main.tf": `resource "aws_dynamodb_table" "t" {
  name     = "t"
  hash_key = "id"
  attribute {
    name = "id"
    type = "S"
  }
  ttl {
    attribute_name = "exp"
    enabled        = true
  }
}
`,
    },
    console: (cloud) =>
      cloud.set("aws_dynamodb_table", "t", {
        ttl: [{ attribute_name: "expires", enabled: true }],
        point_in_time_recovery: [{ enabled: true }],
      }),
    has: ['attribute_name = "expires"', "point_in_time_recovery {"],
  },
  {
    id: "p15",
    form: "heredoc that becomes one line",
    files: {
      "main.tf": `resource "aws_iam_role" "r" {\n  name               = "r"\n  assume_role_policy = "{}"\n  description        = <<EOT\nfirst\nsecond\nEOT\n  tags = { A = "1" }\n}\n`,
    },
    console: (cloud) => cloud.set("aws_iam_role", "r", { description: "short", tags: { A: "2" } }),
    has: ['description        = "short"', '"2"'],
    hasNot: ["EOT"],
  },
  {
    id: "p16",
    form: "locals in a chain of merges",
    files: {
      "main.tf": `locals {
  base = { Team = "data" }
  tags = merge(local.base, { Env = "prod" })
}
${DB("x", `${SIZED}  tags              = local.tags\n`)}${DB("y", `${SIZED}  tags              = local.tags\n`)}`,
    },
    console: all(
      db("x", { tags: { Team: "data", Env: "stage" } }),
      db("y", { tags: { Team: "data", Env: "stage" } }),
    ),
    has: ['{ Env = "stage" }', "tags              = local.tags"],
  },
  {
    id: "p17",
    form: "moved in code and changed in the console",
    files: { "main.tf": DB("x", SIZED) },
    merged: {
      "main.tf": `${DB("x", SIZED).replace('"aws_db_instance" "x"', '"aws_db_instance" "main"')}moved {\n  from = aws_db_instance.x\n  to   = aws_db_instance.main\n}\n`,
    },
    console: db("x", { instance_class: "db.m5.large" }),
    has: ['"db.m5.large"'],
    left: ["aws_db_instance.main: move"],
  },
  {
    id: "p18",
    form: "for_each over a map variable in tfvars, shared value in a nested module",
    files: {
      "main.tf":
        'variable "dbs" {}\nmodule "db" {\n  source   = "./m"\n  for_each = var.dbs\n  name     = each.key\n  class    = each.value.class\n}\n',
      "terraform.tfvars": 'dbs = {\n  a = { class = "db.t3.small" }\n  b = { class = "db.t3.small" }\n}\n',
      "m/main.tf": MODULE,
    },
    console: db("b", { allocated_storage: 80 }),
    has: ['variable "allocated_storage"', "80"],
  },
  {
    id: "p19",
    form: "rule added to a dynamic block over a list of tuples with try()",
    files: {
      "main.tf": `variable "rules" {
  default = [
    { port = 443, cidrs = ["10.0.0.0/8"], text = "web" },
  ]
}
resource "aws_security_group" "s" {
  name = "s"
  dynamic "ingress" {
    for_each = var.rules
    content {
      from_port   = ingress.value.port
      to_port     = ingress.value.port
      protocol    = "tcp"
      cidr_blocks = ingress.value.cidrs
      description = try(ingress.value.text, null)
    }
  }
}
`,
    },
    console: group((entry) => ({
      ingress: [...(entry["ingress"] as Entry[]), rule(22, ["10.0.0.0/8"], { description: "ssh" })],
    })),
    has: ["port = 22", '"ssh"'],
  },
  {
    id: "p20",
    form: "last of a count deleted",
    files: {
      "main.tf":
        'variable "n" { default = 3 }\nresource "kafka_topic" "t" {\n  count              = var.n\n  name               = "t${count.index}"\n  partitions         = 1\n  replication_factor = 1\n}\n',
    },
    console: (cloud) => cloud.remove("kafka_topic", "t2"),
    has: ["default = 2"],
  },
  {
    id: "p21",
    form: "key of a toset() deleted",
    files: {
      "main.tf":
        'locals {\n  names = [\n    "a",\n    "b", # second\n    "c",\n  ]\n}\nresource "kafka_topic" "t" {\n  for_each           = toset(local.names)\n  name               = each.value\n  partitions         = 1\n  replication_factor = 1\n}\n',
    },
    console: (cloud) => cloud.remove("kafka_topic", "b"),
    has: ['    "a",\n    "c",\n'],
    hasNot: ["second"],
  },
  {
    id: "p22",
    form: "for_each over a for expression with set blocks",
    files: {
      "main.tf": `locals {
  ports = { web = 443, api = 8443 }
}
resource "aws_security_group" "s" {
  for_each = local.ports
  name     = each.key
  ingress {
    from_port   = each.value
    to_port     = each.value
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
}
`,
    },
    env: { DEMOCLOUD_SG: "blocks" },
    console: (cloud) =>
      cloud.edit(({ resources }) => {
        for (const entry of Object.values(resources["aws_security_group"] ?? {})) {
          if (entry["name"] === "api") entry["ingress"] = [rule(9443, ["10.0.0.0/8"])];
        }
      }),
    has: ["web = 443, api = 9443"],
  },
  {
    id: "p23",
    form: "the same literal in two modules, both drift alike",
    files: {
      "main.tf":
        'module "a" {\n  source = "./m"\n  name   = "a"\n}\nmodule "b" {\n  source = "./m"\n  name   = "b"\n}\n',
      "m/main.tf": MODULE,
    },
    console: all(db("a", { allocated_storage: 50 }), db("b", { allocated_storage: 50 })),
    has: ["allocated_storage = 50"],
    hasNot: ['variable "allocated_storage"'],
  },
  {
    id: "p24",
    form: "nested block added to one instance of a shared block",
    files: {
      "main.tf": `resource "aws_s3_bucket" "b" {
  for_each = toset(["one", "two"])
  bucket   = "bucket-\${each.key}"
}
`,
    },
    console: (cloud) => cloud.set("aws_s3_bucket", "bucket-two", { versioning: [{ enabled: true }] }),
    has: ["two"],
  },
  {
    id: "p25",
    form: "conditional chain on a local, number as text",
    files: {
      "main.tf": `locals {
  env  = "stage"
  size = local.env == "prod" ? 100 : local.env == "stage" ? 50 : 20
}
${TOPIC("t", '  config = {\n    "retention.ms" = tostring(local.size)\n  }\n')}`,
    },
    console: topic("t", { config: { "retention.ms": "60" } }),
    has: ['local.env == "stage" ? 60 : 20'],
  },
  {
    id: "p26",
    form: "set of strings with concat() and a local",
    files: {
      "main.tf": `locals { base = ["sg-1", "sg-2"] }\n${DB("x", `${SIZED}  vpc_security_group_ids = concat(local.base, ["sg-9"])\n`)}`,
    },
    console: db("x", { vpc_security_group_ids: ["sg-1", "sg-2", "sg-7", "sg-9"] }),
    has: ['concat(local.base, ["sg-9", "sg-7"])'],
  },
  {
    id: "p27",
    form: "JSON with 64-bit integers by jsonencode()",
    files: {
      "main.tf": `resource "aws_iam_role" "r" {\n  name = "r"\n  assume_role_policy = jsonencode({\n    Big = 9007199254740993\n    Small = 1\n  })\n}\n`,
    },
    console: (cloud) =>
      cloud.set("aws_iam_role", "r", { assume_role_policy: '{"Big":9007199254740993,"Small":2}' }),
    has: ["Small = 2", "Big = 9007199254740993"],
  },
  {
    id: "p28",
    form: ".tf.json",
    files: {
      "main.tf.json":
        '{\n  "resource": {\n    "aws_db_instance": {\n      "x": {\n        "identifier": "x",\n        "engine": "postgres",\n        "instance_class": "db.t3.small",\n        "allocated_storage": 20\n      }\n    }\n  }\n}\n',
    },
    console: db("x", { instance_class: "db.m5.large", tags: { A: "b" } }),
    has: ['"instance_class": "db.m5.large"', '"A": "b"'],
  },
  {
    id: "p29",
    form: "non-default engine workspace, terraform.workspace in a name",
    files: {
      "main.tf":
        'resource "kafka_topic" "t" {\n  name               = "t-${terraform.workspace}"\n  partitions         = 1\n  replication_factor = 1\n}\n',
    },
    workspace: "blue",
    console: topic("t-blue", { partitions: 4 }),
    has: ["partitions         = 4"],
  },
  {
    id: "p30",
    form: "comments between arguments, aligned comments",
    files: {
      "main.tf": `resource "aws_db_instance" "x" {
  identifier        = "x"        # the name
  engine            = "postgres" # never change
  # one comment
  instance_class    = "db.t3.small" /* inline */
  allocated_storage = 20 // GB
}
`,
    },
    console: db("x", { instance_class: "db.m5.large", allocated_storage: 40 }),
    has: [
      '"db.m5.large" /* inline */',
      "= 40 // GB",
      "# one comment",
      'identifier        = "x"        # the name',
    ],
  },
  {
    id: "q1",
    form: "many forms at once: each failure finds its own culprit",
    files: {
      "main.tf": `variable "parts" { default = 3 }
locals { common = { Env = "prod" } }
resource "aws_db_instance" "each" {
  for_each          = toset(["a", "b"])
  identifier        = each.key
  engine            = "postgres"
  instance_class    = "db.t3.small"
  allocated_storage = 20
  tags              = local.common
}
module "m" {
  source = "./m"
  name   = "m"
}
module "n" {
  source = "./m"
  name   = "n"
}
resource "aws_ebs_volume" "v" {
  availability_zone = "us-east-1a"
  size              = var.parts
  tags              = merge(local.common, { Name = "v" })
}
resource "aws_ebs_volume" "w" {
  availability_zone = "us-east-1a"
  size              = var.parts
  tags              = merge(local.common, { Name = "w" })
}
`,
      "m/main.tf": MODULE,
    },
    console: all(
      db("b", { instance_class: "db.m5.large", tags: { Env: "prod", Owner: "bo" } }),
      db("n", { allocated_storage: 40, tags: { Name: "n", Extra: "1" } }),
      (cloud) =>
        cloud.edit(({ resources }) => {
          const volumes = Object.values(resources["aws_ebs_volume"] ?? {});
          const first = volumes.find((one) => (one["tags"] as Entry)["Name"] === "v");
          if (first) Object.assign(first, { size: 9, tags: { Env: "prod", Name: "v", Tier: "1" } });
        }),
    ),
    has: [
      "size              = 9",
      '{ Name = "v", Tier = "1" }',
      '{ Name = "w" }',
      "size              = var.parts",
    ],
  },
  {
    id: "q2",
    form: "rules of a group that the code leaves silent: adopted as blocks",
    files: { "main.tf": 'resource "aws_security_group" "s" {\n  name = "s"\n}\n' },
    console: group(() => ({ ingress: [rule(22, ["10.0.0.0/8"], { description: "ssh" })] })),
    has: ["ingress {", '"ssh"'],
  },
  {
    id: "q3",
    form: "every rule removed in the console (attribute as blocks)",
    files: {
      "main.tf":
        'resource "aws_security_group" "s" {\n  name = "s"\n  ingress {\n    from_port   = 22\n    to_port     = 22\n    protocol    = "tcp"\n    cidr_blocks = ["10.0.0.0/8"]\n  }\n}\n',
    },
    console: group(() => ({ ingress: [] })),
    has: ["ingress = []"],
    hasNot: ["10.0.0.0"],
  },
  {
    id: "q4",
    form: "a resource in a module deleted in the console",
    files: { "main.tf": 'module "m" {\n  source = "./m"\n}\n', "m/main.tf": TOPIC("a", "") + TOPIC("b", "") },
    console: (cloud) => cloud.remove("kafka_topic", "b"),
    has: ['"a"'],
    hasNot: ['"b"'],
  },
  {
    id: "q5",
    form: "a module of for_each deleted in the console, with all that it holds",
    files: {
      "main.tf":
        'locals {\n  dbs = {\n    a = "db.t3.small"\n    b = "db.t3.small" # second\n  }\n}\nmodule "m" {\n  for_each = local.dbs\n  source   = "./m"\n  name     = each.key\n  class    = each.value\n}\n',
      "m/main.tf": MODULE,
    },
    console: (cloud) => cloud.remove("aws_db_instance", "b"),
    has: ['a = "db.t3.small"'],
    hasNot: ["second"],
  },
  {
    id: "q6",
    plans: 1,
    form: "count.index in a list of objects, tags by format",
    files: {
      "main.tf":
        'locals {\n  nodes = [\n    { size = 10, role = "main" },\n    { size = 10, role = "copy" }, # standby\n  ]\n}\nresource "aws_db_instance" "x" {\n  count             = length(local.nodes)\n  identifier        = format("node-%d", count.index)\n  engine            = "postgres"\n  instance_class    = "db.t3.small"\n  allocated_storage = local.nodes[count.index].size\n  tags              = { Role = local.nodes[count.index]["role"] }\n}\n',
    },
    console: db("node-1", { allocated_storage: 30, tags: { Role: "spare" } }),
    has: ['{ size = 30, role = "spare" }, # standby', '{ size = 10, role = "main" }'],
  },
  {
    id: "q7",
    form: "a variable that several modules are given",
    files: {
      "main.tf":
        'variable "class" { default = "db.t3.small" }\nmodule "a" {\n  source = "./m"\n  name   = "a"\n  class  = var.class\n}\nmodule "b" {\n  source = "./m"\n  name   = "b"\n  class  = var.class\n}\n',
      "m/main.tf": MODULE,
    },
    console: db("b", { instance_class: "db.m5.large" }),
    has: ["class  = var.class", "db.m5.large", 'default = "db.t3.small"'],
  },
];
