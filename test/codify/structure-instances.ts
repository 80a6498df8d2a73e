// biome-ignore-all lint/suspicious/noTemplateCurlyInString: HCL holds templates of its own.
import { type Entry, rule } from "./cases.ts";
import { bucket, gone, type Part, setBucket, setGroup, topic, unset } from "./structure.ts";

const VERSIONED = "  versioning {\n    enabled = true\n  }\n";
const each = (id: string, over: string, body: string): string =>
  `resource "aws_s3_bucket" "${id}" {\n  for_each = ${over}\n  bucket   = "${id}-\${each.key}-bucket"\n${body}}\n`;
const moduleOf = (body: string, more = ""): string =>
  `variable "name" {}\n${more}resource "aws_s3_bucket" "this" {\n  bucket = "\${var.name}-bucket"\n${body}}\n`;
const call = (name: string, dir: string, more = ""): string =>
  `module "${name}" {\n  source = "./${dir}"\n  name   = "${name.replaceAll("_", "-")}"\n${more}}\n`;
const on = (id: string, days?: number): Entry => ({
  id,
  enabled: true,
  ...(days === undefined ? {} : { expiration: [{ days }] }),
});
const RULES =
  '  dynamic "ingress" {\n    for_each = var.rules\n    content {\n      from_port   = ingress.value.port\n      to_port     = ingress.value.port\n      protocol    = "tcp"\n      cidr_blocks = ingress.value.cidrs\n    }\n  }\n';

/** What one of several instances has and the others do not. */
export const INSTANCE_PARTS: readonly Part[] = [
  {
    id: "i1",
    form: "for_each: nested block removed from one instance",
    code: each("i1", 'toset(["a", "b", "c"])', VERSIONED),
    console: setBucket("i1-b", { versioning: [] }),
    has: ["enabled = true"],
  },
  {
    id: "i2",
    form: "count: nested block removed from one instance",
    code: `resource "aws_s3_bucket" "i2" {\n  count  = 2\n  bucket = "i2-\${count.index}-bucket"\n\n  # versions\n${VERSIONED}}\n`,
    console: setBucket("i2-1", { versioning: [] }),
    has: ["# versions\n"],
  },
  {
    id: "i3",
    form: "for_each: argument in a shared nested block changed for one instance",
    code: each(
      "i3",
      'toset(["a", "b"])',
      '  lifecycle_rule {\n    id      = "x"\n    enabled = true\n    expiration {\n      days = 30\n    }\n  }\n',
    ),
    console: setBucket("i3-b", { lifecycle_rule: [on("x", 60)] }),
    has: ["60", "30"],
  },
  {
    id: "i4",
    form: "for_each: nested block added to one instance beside written ones",
    code: each("i4", 'toset(["a", "b"])', '  lifecycle_rule {\n    id      = "x"\n    enabled = true\n  }\n'),
    console: setBucket("i4-b", { lifecycle_rule: [on("x"), on("y")] }),
    has: ['dynamic "lifecycle_rule"', '"y"'],
  },
  {
    id: "i5",
    form: "for_each: nested block with blocks inside added to one instance",
    code: each("i5", 'toset(["a", "b"])', ""),
    console: setBucket("i5-b", { lifecycle_rule: [on("y", 7)] }),
    has: ["7"],
  },
  {
    id: "i6",
    form: "for_each over objects: nested block into the instance's entry of a dynamic block",
    code: `locals {\n  i6 = {\n    a = { days = [] }\n    b = { days = [] }\n  }\n}\n${each(
      "i6",
      "local.i6",
      '  dynamic "lifecycle_rule" {\n    for_each = each.value.days\n    content {\n      id      = "d${lifecycle_rule.value}"\n      enabled = true\n      expiration {\n        days = lifecycle_rule.value\n      }\n    }\n  }\n',
    )}`,
    console: setBucket("i6-b", { lifecycle_rule: [on("d7", 7)] }),
    has: ["b = { days = [7] }", "a = { days = [] }"],
  },
  {
    id: "i7",
    form: "module called twice: nested block added in one",
    files: { "i7.tf": call("i7_a", "i7m") + call("i7_b", "i7m"), "i7m/main.tf": moduleOf("") },
    console: setBucket("i7-b", { versioning: [{ enabled: true }] }),
    has: ['dynamic "versioning"'],
  },
  {
    id: "i8",
    form: "module called twice: nested block removed in one",
    files: { "i8.tf": call("i8_a", "i8m") + call("i8_b", "i8m"), "i8m/main.tf": moduleOf(VERSIONED) },
    console: setBucket("i8-b", { versioning: [] }),
    has: ["enabled = "],
  },
  {
    id: "i9",
    form: "module of for_each: nested block added in one instance",
    files: {
      "i9.tf":
        'module "i9" {\n  for_each = toset(["a", "b"])\n  source   = "./i9m"\n  name     = "i9-${each.key}"\n}\n',
      "i9m/main.tf": moduleOf(""),
    },
    console: setBucket("i9-b", { versioning: [{ enabled: true }] }),
    has: ['dynamic "versioning"'],
  },
  {
    id: "i10",
    form: "dynamic block over a module's variable: a rule more in one call",
    files: {
      "i10.tf": `module "i10_a" {\n  source = "./i10m"\n  name   = "i10-a"\n  rules = [\n    { port = 80, cidrs = ["10.0.0.0/8"] },\n  ]\n}\nmodule "i10_b" {\n  source = "./i10m"\n  name   = "i10-b"\n  rules = [\n    { port = 80, cidrs = ["10.0.0.0/8"] },\n  ]\n}\n`,
      "i10m/main.tf": `variable "name" {}\nvariable "rules" { default = [] }\nresource "aws_security_group" "this" {\n  name = var.name\n${RULES}}\n`,
    },
    console: setGroup("i10-b", (entry) => ({
      ingress: [...(entry["ingress"] as Entry[]), rule(443, ["10.0.0.0/8"])],
    })),
    has: ['{ port = 80, cidrs = ["10.0.0.0/8"] },\n    { port = 443, cidrs = ["10.0.0.0/8"] },\n'],
  },
  {
    id: "i11",
    form: "dynamic block over a module's variable that the call leaves out: a first rule in one of two",
    files: {
      "i11.tf": call("i11_a", "i11m") + call("i11_b", "i11m"),
      "i11m/main.tf": `variable "name" {}\nvariable "rules" {\n  type    = list(object({ port = number, cidrs = list(string) }))\n  default = []\n}\nresource "aws_security_group" "this" {\n  name = var.name\n${RULES}}\n`,
    },
    console: setGroup("i11-b", () => ({ ingress: [rule(443, ["10.0.0.0/8"])] })),
    has: ["port  = 443"],
  },
  {
    id: "i12",
    form: "module of for_each with a dynamic block over each entry's rules: one more for one",
    files: {
      "i12.tf": `locals {\n  i12 = {\n    a = { rules = [{ port = 80, cidrs = ["10.0.0.0/8"] }] }\n    b = { rules = [{ port = 80, cidrs = ["10.0.0.0/8"] }] }\n  }\n}\nmodule "i12" {\n  for_each = local.i12\n  source   = "./i12m"\n  name     = "i12-\${each.key}"\n  rules    = each.value.rules\n}\n`,
      "i12m/main.tf": `variable "name" {}\nvariable "rules" {}\nresource "aws_security_group" "this" {\n  name = var.name\n${RULES}}\n`,
    },
    console: setGroup("i12-b", (entry) => ({
      ingress: [...(entry["ingress"] as Entry[]), rule(443, ["10.0.0.0/8"])],
    })),
    has: ["port = 443"],
  },
  {
    id: "i13",
    form: "nested dynamic blocks in a module: an inner element more",
    files: {
      "i13.tf":
        'module "i13" {\n  source = "./i13m"\n  name   = "i13"\n  rules = {\n    a = [30]\n    b = [60]\n  }\n}\n',
      "i13m/main.tf": moduleOf(
        '  dynamic "lifecycle_rule" {\n    for_each = var.rules\n    iterator = rule\n    content {\n      id      = rule.key\n      enabled = true\n      dynamic "transition" {\n        for_each = rule.value\n        content {\n          days          = transition.value\n          storage_class = "GLACIER"\n        }\n      }\n    }\n  }\n',
        'variable "rules" {}\n',
      ),
    },
    console: setBucket("i13", {
      lifecycle_rule: [
        { ...on("a"), transition: [{ days: 30, storage_class: "GLACIER" }] },
        {
          ...on("b"),
          transition: [
            { days: 60, storage_class: "GLACIER" },
            { days: 90, storage_class: "GLACIER" },
          ],
        },
      ],
    }),
    has: ["a = [30]", "b = [60, 90]"],
  },
  {
    id: "i14",
    form: "tag of a shared merge() removed from one instance",
    code: `locals {\n  i14 = { Team = "data", Cost = "7" }\n}\n${each(
      "i14",
      'toset(["a", "b"])',
      "  tags = merge(local.i14, { Name = each.key })\n",
    )}`,
    console: setBucket("i14-b", { tags: { Team: "data", Name: "b" } }),
    has: ['i14 = { Team = "data", Cost = "7" }'],
  },
  {
    id: "i15",
    form: "argument taken away from one instance",
    code: `resource "kafka_topic" "i15" {\n  for_each           = toset(["a", "b"])\n  name               = "i15-\${each.key}"\n  partitions         = 3\n  replication_factor = 1\n  config = {\n    "retention.ms" = "1000"\n  }\n}\n`,
    console: unset("kafka_topic", "i15-b", "config"),
    has: ['"retention.ms" = "1000"'],
  },
  {
    id: "i16",
    form: "moved block and renamed resource: drift of a nested block beside the move",
    code: `${bucket("i16", VERSIONED)}`,
    merged: {
      "i16.tf": `${bucket("i16", VERSIONED).replace('"aws_s3_bucket" "i16"', '"aws_s3_bucket" "i16_main"')}\nmoved {\n  from = aws_s3_bucket.i16\n  to   = aws_s3_bucket.i16_main\n}\n`,
    },
    console: setBucket("i16", { lifecycle_rule: [on("new")], versioning: [] }),
    has: ['"new"', "moved {"],
    hasNot: ["versioning"],
    left: ["aws_s3_bucket.i16_main: move"],
  },
  {
    id: "i17",
    form: "single resource moved into for_each: the moved instance drifts, a new one waits",
    code: bucket("i17", VERSIONED),
    merged: {
      "i17.tf": `resource "aws_s3_bucket" "i17_all" {\n  for_each = toset(["i17", "i17-more"])\n  bucket   = "\${each.key}-bucket"\n  acl      = "private"\n${VERSIONED}}\nmoved {\n  from = aws_s3_bucket.i17\n  to   = aws_s3_bucket.i17_all["i17"]\n}\n`,
    },
    console: setBucket("i17", { acl: "public-read" }),
    has: ['"public-read"', '"private"'],
    left: ['aws_s3_bucket.i17_all["i17"]: move', 'aws_s3_bucket.i17_all["i17-more"]: create'],
  },
  {
    id: "i18",
    form: "resource moved into a module, with drift",
    files: {
      "i18.tf": bucket("i18", '  acl = "private"\n'),
      "i18m/main.tf": moduleOf('  acl    = "private"\n'),
    },
    merged: {
      "i18.tf": `${call("i18", "i18m")}moved {\n  from = aws_s3_bucket.i18\n  to   = module.i18.aws_s3_bucket.this\n}\n`,
    },
    console: setBucket("i18", { acl: "public-read" }),
    has: ['"public-read"'],
    left: ["module.i18.aws_s3_bucket.this: move"],
  },
];

const over = (id: string, collection: string, name = `${id}-\${each.key}`): string =>
  `resource "kafka_topic" "${id}" {\n  for_each           = ${collection}\n  name               = "${name}"\n  partitions         = 3\n  replication_factor = 1\n}\n`;
const counted = (id: string, count: string, name = `${id}-\${count.index}`): string =>
  over(id, "", name).replace("for_each           = ", `count              = ${count}`);

/** What was deleted in the console, and how the code lets go of it. */
export const DELETED_PARTS: readonly Part[] = [
  {
    id: "d1",
    form: "deleted: the entry goes from the map in tfvars",
    loses: ["# beta"],
    files: {
      "d1.tf": `variable "d1" {}\n${over("d1", "var.d1")}`,
      "terraform.tfvars": "d1 = {\n  a = {}\n  b = {} # beta\n  c = {}\n}\n",
    },
    console: gone("d1-b"),
    has: ["  a = {}\n  c = {}\n"],
    hasNot: ["beta"],
  },
  {
    id: "d2",
    form: "deleted: the entry goes from the map that a module is given",
    files: {
      "d2.tf": 'module "d2" {\n  source = "./d2m"\n  topics = {\n    a = 1\n    b = 2\n  }\n}\n',
      "d2m/main.tf": `variable "topics" {}\n${over("d2", "var.topics")}`,
    },
    console: gone("d2-b"),
    has: ["topics = {\n    a = 1\n  }"],
  },
  {
    id: "d3",
    form: "deleted: the entry goes from one part of merge()",
    code: `locals {\n  d3_base = { a = 1 }\n  d3_more = merge(local.d3_base, {\n    b = 2\n    c = 3\n  })\n}\n${over("d3", "local.d3_more")}`,
    console: gone("d3-b"),
    has: ["{ a = 1 }", "{\n    c = 3\n  }"],
  },
  {
    id: "d4",
    form: "deleted: the item goes from the list that a module turns into a set",
    files: {
      "d4.tf": 'module "d4" {\n  source = "./d4m"\n  topics = ["a", "b", "c"]\n}\n',
      "d4m/main.tf": `variable "topics" { type = list(string) }\n${over("d4", "toset(var.topics)")}`,
    },
    console: gone("d4-b"),
    has: ['topics = ["a", "c"]'],
  },
  {
    id: "d5",
    form: "deleted: an instance that a file makes leaves by a condition",
    files: {
      "d5.tf": over(
        "d5",
        '{ for path in fileset(path.module, "d5/*.txt") : trimsuffix(basename(path), ".txt") => path }',
      ),
      "d5/a.txt": "a",
      "d5/b.txt": "b",
    },
    console: gone("d5-b"),
    has: ['"b"'],
  },
  {
    id: "d6",
    form: "deleted: an entry of a for expression over objects, by its name",
    loses: ["# beta"],
    code: `locals {\n  d6 = [\n    { name = "a", size = 1 },\n    { name = "b", size = 2 }, # beta\n  ]\n}\n${over("d6", "{ for one in local.d6 : one.name => one }")}`,
    console: gone("d6-b"),
    has: ['{ name = "a", size = 1 },\n  ]'],
    hasNot: ["beta"],
  },
  {
    id: "d7",
    form: "deleted: an instance of a map that another resource shares and keeps",
    code: `locals {\n  d7 = toset(["a", "b"])\n}\n${over("d7_one", "local.d7", "d7-one-${each.key}")}${over("d7_two", "local.d7", "d7-two-${each.key}")}`,
    console: gone("d7-one-b"),
    has: ['d7 = toset(["a", "b"])'],
  },
  {
    id: "d8",
    form: "deleted: the same key of two resources that share the map",
    code: `locals {\n  d8 = {\n    a = 1\n    b = 2\n  }\n}\n${over("d8_one", "local.d8", "d8-one-${each.key}")}${over("d8_two", "local.d8", "d8-two-${each.key}")}`,
    console: gone("d8-one-b", "d8-two-b"),
    has: ["d8 = {\n    a = 1\n  }"],
  },
  {
    id: "d9",
    form: "deleted: an instance and the one that is chained to it",
    code: `${over("d9_one", 'toset(["a", "b"])', "d9-one-${each.key}")}${over("d9_two", "kafka_topic.d9_one", "d9-two-${each.key}")}`,
    console: gone("d9-one-b", "d9-two-b"),
    has: ['toset(["a"])', "kafka_topic.d9_one\n"],
  },
  {
    id: "d10",
    form: "deleted: the last instance of a module's count",
    files: {
      "d10.tf": 'module "d10" {\n  count  = 2\n  source = "./d10m"\n  name   = "d10-${count.index}"\n}\n',
      "d10m/main.tf": `variable "name" {}\n${topic("d10_in", "", "${var.name}")}`,
    },
    console: gone("d10-1"),
    has: ["count  = 1"],
  },
  {
    id: "d11",
    form: "deleted: behind count = switch ? 1 : 0, the switch goes off",
    code: `variable "d11_on" {\n  default = true # wanted\n}\n${counted("d11", "var.d11_on ? 1 : 0", "d11")}`,
    console: gone("d11"),
    has: ["default = false # wanted", "var.d11_on ? 1 : 0"],
  },
  {
    id: "d12",
    form: "deleted: an instance in the middle of a count",
    code: counted("d12", "3"),
    console: gone("d12-1"),
    // Numbers close up: whatever the code says, a plan moves or makes an instance.
    result: "refused",
    refuses: ["only the last instance of a count can be dropped"],
    left: ["kafka_topic.d12[1]: create"],
  },
  {
    id: "d13",
    form: "deleted: two resources of which one refers to the other",
    code: `${topic("d13_a")}\n${topic("d13_b", "  config = {\n    note = kafka_topic.d13_a.name\n  }\n")}\n${topic("d13_c")}`,
    console: gone("d13_a", "d13_b"),
    has: ["d13_c"],
    hasNot: ["d13_a", "d13_b"],
  },
  {
    id: "d14",
    form: "deleted: what only depends_on names leaves it",
    loses: ["# first"],
    code: `${topic("d14_a")}\n${topic("d14_b", "  depends_on = [kafka_topic.d14_a]\n")}\n${topic("d14_c", "  depends_on = [\n    kafka_topic.d14_a, # first\n    kafka_topic.d14_b,\n  ]\n")}`,
    console: gone("d14_a"),
    has: ["  depends_on = [\n    kafka_topic.d14_b,\n  ]\n"],
    hasNot: ["d14_a", "first"],
  },
  {
    id: "d15",
    form: "deleted: a resource that came by a moved block",
    code: `moved {\n  from = kafka_topic.d15_old\n  to   = kafka_topic.d15\n}\n\n${topic("d15")}\n${topic("d15_next")}`,
    console: gone("d15"),
    has: ["d15_next"],
    hasNot: ['"kafka_topic" "d15"'],
  },
  {
    id: "d16",
    form: "deleted: block in one file, overridden in another; both go",
    loses: ["# topic"],
    files: {
      "d16.tf": `# topic\n${topic("d16")}\n${topic("d16_next")}`,
      "d16_override.tf": 'resource "kafka_topic" "d16" {\n  partitions = 5\n}\n',
    },
    console: gone("d16"),
    has: ["d16_next"],
    hasNot: ['"d16"', "# topic", "partitions = 5"],
  },
  {
    id: "d17",
    form: "deleted: block with comments, heredoc and dynamic blocks inside",
    loses: ["# What it is for:", "# everything.", "# three }", "/* } */"],
    code: `${topic("d17_a")}
# What it is for:
# everything.
resource "kafka_topic" "d17" {
  name               = "d17"
  partitions         = 3 # three }
  replication_factor = 1
  config = {
    note = <<-EOT
      } not the end {
    EOT
  }
  /* } */
}

# stays
${topic("d17_b")}`,
    console: gone("d17"),
    has: ["}\n\n# stays\n"],
    hasNot: ["everything", "not the end"],
  },
  {
    id: "d18",
    form: "deleted: all that a module holds; the call goes",
    loses: ["# beta"],
    files: {
      "d18.tf": `${call("d18_a", "d18m")}\n# beta\n${call("d18_b", "d18m")}`,
      "d18m/main.tf": `variable "name" {}\n${topic("d18_in", "", "${var.name}")}`,
    },
    console: gone("d18-b"),
    has: ['module "d18_a"', "d18_in"],
    hasNot: ['module "d18_b"', "beta"],
  },
  {
    id: "d19",
    form: "deleted: an instance whose attribute an output reads by key",
    code: `${over("d19", 'toset(["a", "b"])')}output "d19" {\n  value = kafka_topic.d19["b"].name\n}\n`,
    console: gone("d19-b"),
    // An output is somebody else's input: nobody but its owner can say what it shall be now.
    result: "refused",
    refuses: ["d19"],
    left: ['kafka_topic.d19["b"]: create'],
  },
  {
    id: "d20",
    form: "deleted: the only instance of for_each, and the only item of a list",
    code: `${over("d20_a", "{\n    x = 1\n  }", "d20-a-${each.key}")}${over("d20_b", 'toset(["x"])', "d20-b-${each.key}")}`,
    console: gone("d20-a-x", "d20-b-x"),
    has: ["toset([])"],
  },
];
