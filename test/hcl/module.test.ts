// biome-ignore-all lint/suspicious/noTemplateCurlyInString: HCL interpolates with the same signs as JavaScript.
import { describe, expect, test } from "vitest";
import { loadHcl } from "../../src/adapters/hcl-wasm.ts";
import { moduleReader } from "../../src/hcl/module.ts";

const read = moduleReader(await loadHcl());
const module = (files: Record<string, string>) => read(new Map(Object.entries(files)));

test("what a root module says", () => {
  const facts = module({
    "main.tf": `
terraform {
  required_version = ">= 1.5"
  required_providers {
    aws   = { source = "hashicorp/aws", version = "~> 5.0" }
    local = "2.0"
  }
  backend "s3" {
    bucket = "state"
  }
}
provider "aws" {
  alias = "west"
}
variable "name" {}
resource "aws_instance" "web" {
  provisioner "local-exec" { command = "true" }
}
data "external" "x" { program = ["sh"] }
module "net" {
  source  = "../modules/net" # ours
  version = "1.0.0"
}
module "computed" { source = "../\${var.name}" }
`,
    "README.md": "resource",
    ".hidden.tf": 'resource "a" "b" {}',
  });
  expect(facts).toMatchObject({
    backend: { type: "s3", file: "main.tf" },
    requiredVersions: [">= 1.5"],
    requiredProviders: [
      { name: "aws", source: "hashicorp/aws", version: "~> 5.0" },
      { name: "local", source: null, version: "2.0" },
    ],
    providers: [{ name: "aws", alias: "west" }],
    variables: [{ name: "name", required: true }],
    resources: [
      { mode: "managed", type: "aws_instance", name: "web", provisioners: ["local-exec"] },
      { mode: "data", type: "external", name: "x", provisioners: [] },
    ],
    calls: [
      { name: "net", source: "../modules/net", version: "1.0.0" },
      { name: "computed", source: null, version: null },
    ],
    problems: [],
  });
});

test("JSON syntax says the same", () => {
  const facts = module({
    "main.tf.json": JSON.stringify({
      terraform: [{ required_version: "~> 1.0", cloud: { organization: "acme" } }],
      provider: { aws: [{ region: "x" }, { alias: "west" }] },
      variable: { name: {} },
      resource: {
        aws_instance: { web: { provisioner: [{ "local-exec": {} }], user_data: '${file("boot.sh")}' } },
      },
      module: { net: { source: "../modules/net" } },
      locals: { path: "${path.module}/conf/${var.name}.json", text: 'x ${templatefile("a.tpl", {})}' },
    }),
  });
  expect(facts).toMatchObject({
    backend: { type: "cloud" },
    providers: [
      { name: "aws", alias: null },
      { name: "aws", alias: "west" },
    ],
    variables: [{ name: "name", required: true }],
    resources: [{ mode: "managed", type: "aws_instance", name: "web", provisioners: ["local-exec"] }],
    calls: [{ name: "net", source: "../modules/net" }],
  });
  expect(facts.reads).toEqual([
    { base: "root", path: "boot.sh" },
    { base: "module", path: "conf/" },
    { base: "root", path: "a.tpl" },
  ]);
});

test("an override file has the last word", () => {
  const facts = module({
    "a_override.tf": 'module "net" { source = "./local" }\nterraform {\n  backend "local" {}\n}\n',
    "main.tf":
      'module "net" {\n  source = "acme/net/aws"\n  version = "1"\n}\nterraform {\n  backend "s3" {}\n}\n',
  });
  expect(facts.calls).toEqual([{ name: "net", source: "./local", version: "1", file: "main.tf" }]);
  expect(facts.backend?.type).toBe("local");
});

test("a broken file is told with its place, and the rest still counts", () => {
  const facts = module({
    "broken.tf": 'module "a" {\n  source = "./a"\n}\n\nresource "x" {{{\n',
    "main.tf": 'module "b" { source = "./b" }',
    "broken.tf.json": '{"module": {"c": {"source": "./c"}}, oops',
  });
  expect(facts.calls.map(({ name }) => name).sort()).toEqual(["a", "b", "c"]);
  expect(facts.problems.map(({ file }) => file)).toContain("broken.tf.json");
  expect(facts.problems.find(({ file }) => file === "broken.tf")).toMatchObject({ line: 5 });
});

test("a file that is nested beyond all measure is a problem, not an exception", () => {
  for (const [open, close] of [
    ["(", ")"],
    ["[", "]"],
    ["f(", ")"],
    ["!", ""],
    ["1 + ", ""],
  ] as const) {
    const text = `x = ${open.repeat(20_000)}1${close.repeat(20_000)}\n`;
    const facts = module({ "main.tf": text, "other.tf": 'module "m" { source = "./m" }' });
    expect(facts.problems.map(({ file }) => file)).toEqual(["main.tf"]);
    expect(facts.calls).toHaveLength(1);
  }
  expect(module({ "main.tf.json": "[".repeat(20_000) }).problems.length).toBeGreaterThan(0);
});

describe("files that code reads", () => {
  const reads = (expression: string) => module({ "main.tf": `locals {\n  x = ${expression}\n}\n` }).reads;
  test.each([
    ['file("a/b.json")', "root", "a/b.json"],
    ['templatefile("${path.module}/t.tpl", { a = 1 })', "module", "t.tpl"],
    ['filemd5("${path.root}/../x.zip")', "root", "../x.zip"],
    ['file("${path.module}/policies/${each.key}.json")', "module", "policies/"],
    ['file("policies/${each.key}.json")', "root", "policies/"],
    ['fileset(path.module, "files/**/*.json")', "module", "./files/"],
    ['fileset("${path.module}/files", "*.json")', "module", "files/"],
    ['core::filesha256("${path.module}/x")', "module", "x"],
    ['"${path.module}/lambda"', "module", "lambda"],
    ['jsondecode(file("${path.module}/c.json")).list[0]', "module", "c.json"],
    ['{ a = [for f in ["x"] : file("${path.module}/d/${f}")] }', "module", "d/"],
    ['var.on ? file("yes") : null', "root", "yes"],
    ['"%{ if true }${file("inner")}%{ endif }"', "root", "inner"],
    ['file("${path.module}/a/${var.x}/b")', "module", "a/"],
  ])("%s", (expression, base, path) => {
    expect(reads(expression)).toContainEqual({ base, path });
  });

  test.each([
    'file("/etc/passwd")',
    'file("~/.ssh/id")',
    "file(var.x)",
    'upper("a/b")',
    '"${path.module}"',
    "fileset(var.x, var.y)",
  ])("nothing in %s", (expression) => {
    expect(reads(expression)).toEqual([]);
  });
});
