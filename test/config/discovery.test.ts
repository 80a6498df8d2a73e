import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadHcl } from "../../src/adapters/hcl-wasm.ts";
import { affectedWorkspaces, removedWorkspaces } from "../../src/config/affected.ts";
import { type CodeTree, codeTree, isWanted } from "../../src/config/code-tree.ts";
import { discoverRoots } from "../../src/config/discovery.ts";
import { mergeRepoConfig } from "../../src/config/merge.ts";
import { readRepoConfig } from "../../src/config/repo-config.ts";
import { traceModules } from "../../src/config/trace.ts";
import { moduleReader } from "../../src/hcl/module.ts";
import type { RepoConfig } from "../../src/model/config.ts";

const read = moduleReader(await loadHcl());

type Files = Readonly<Record<string, string>>;
const tree = (files: Files, links: Files = {}): CodeTree =>
  codeTree(
    {
      paths: [...Object.keys(files), ...Object.keys(links)].sort(),
      texts: new Map(Object.entries(files)),
      links: new Map(Object.entries(links)),
    },
    read,
  );
const roots = (files: Files): readonly string[] => discoverRoots(tree(files)).map(({ dir }) => dir);

const RESOURCE = 'resource "terraform_data" "x" {}\n';
const BACKEND = 'terraform {\n  backend "s3" {}\n}\n';
const call = (source: string): string => `module "m" {\n  source = "${source}"\n}\n`;

describe("root modules without configuration", () => {
  const rows: readonly [about: string, files: Files, dirs: readonly string[]][] = [
    ["a folder with a resource", { "a/main.tf": RESOURCE }, ["a"]],
    ["the repository's own root", { "main.tf": RESOURCE, "sub/main.tf": BACKEND }, [".", "sub"]],
    ["not a module that another folder calls", { "a/main.tf": call("../b"), "b/main.tf": RESOURCE }, ["a"]],
    ["a called folder with a backend", { "a/main.tf": call("../b"), "b/main.tf": BACKEND }, ["a", "b"]],
    ["not what lies below modules", { "modules/a/main.tf": RESOURCE, "a/modules/b/main.tf": RESOURCE }, []],
    ["a backend even there", { "modules/a/main.tf": BACKEND }, ["modules/a"]],
    [
      "never examples, fixtures, hidden folders and what engines make",
      {
        "examples/a/main.tf": BACKEND,
        "test/fixtures/a/main.tf": BACKEND,
        ".github/a/main.tf": BACKEND,
        "a/.terraform/modules/x/main.tf": BACKEND,
      },
      [],
    ],
    [
      "not a module that only an example calls",
      { "main.tf": RESOURCE, "examples/a/main.tf": call("../../") },
      [],
    ],
    ["not a folder whose variables nothing sets", { "a/main.tf": `${RESOURCE}variable "name" {}` }, []],
    [
      "but one with a file of variables, a provider or a lock file",
      {
        "a/main.tf": `${RESOURCE}variable "n" {}`,
        "a/prod.tfvars": "",
        "b/main.tf": `${RESOURCE}variable "n" {}\nprovider "aws" {}`,
        "c/main.tf": `${RESOURCE}variable "n" {}`,
        "c/.terraform.lock.hcl": "",
        "d/main.tf": `${RESOURCE}variable "n" {\n  default = 1\n}`,
      },
      ["a", "b", "c", "d"],
    ],
    ["not a folder of variables and outputs alone", { "a/main.tf": 'output "x" {\n  value = 1\n}' }, []],
    [
      "JSON and OpenTofu's files",
      { "a/main.tf.json": '{"resource":{"t":{"x":{}}}}', "b/main.tofu": RESOURCE },
      ["a", "b"],
    ],
    ["a broken file does not hide its folder", { "a/main.tf": `${BACKEND}resource "x" {{{` }, ["a"]],
  ];
  test.each(rows)("%s", (_, files, dirs) => {
    expect(roots(files)).toEqual(dirs);
  });
});

describe("tracing modules", () => {
  test("through modules of modules, with the files that they read", () => {
    const code = tree({
      "env/a/main.tf": `${call("../../modules/one")}locals {\n  c = file("conf.json")\n}`,
      "modules/one/main.tf": `${call("./inner")}locals {\n  p = file("\${path.module}/p.json")\n}`,
      "modules/one/inner/main.tf": `${call("../../one")}${RESOURCE}`,
    });
    expect(traceModules(code, "env/a")).toEqual({
      dirs: ["env/a", "modules/one", "modules/one/inner"],
      reads: ["env/a/conf.json", "modules/one/p.json"],
      readsUntold: false,
      problems: [],
    });
  });

  test("tells sources that lead nowhere, and passes remote ones over", () => {
    const code = tree({
      "a/main.tf":
        'module "x" {\n  source = "../gone"\n}\nmodule "y" {\n  source = "../../out"\n}\nmodule "z" {\n  source = "acme/vpc/aws"\n}',
    });
    const { dirs, problems } = traceModules(code, "a");
    expect(dirs).toEqual(["a"]);
    expect(problems.map(({ message }) => message)).toEqual([
      "The source ../gone of module x is no folder of the repository.",
      "The source ../../out of module y leads out of the repository.",
    ]);
  });

  test("follows links inside the repository only", () => {
    const code = tree(
      { "a/main.tf": call("./mods/one"), "shared/one/main.tf": RESOURCE, "common/provider.tf": "" },
      {
        "a/mods": "../shared",
        "a/provider.tf": "../common/provider.tf",
        "a/out.tf": "../../etc/x",
        "a/loop": "loop",
      },
    );
    expect(traceModules(code, "a")).toEqual({
      dirs: ["a", "shared/one"],
      reads: ["common/provider.tf"],
      readsUntold: false,
      problems: [],
    });
  });
});

const merged = (files: Files, text: string | null = null): RepoConfig => {
  const parsed = readRepoConfig({ "plumbline.yaml": text, "atlantis.yaml": null });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return mergeRepoConfig(parsed.value, Object.keys(files), discoverRoots(tree(files)));
};

describe("affected workspaces", () => {
  const files: Files = {
    "a/main.tf": `${call("../modules/m")}locals {\n  x = templatefile("\${path.module}/t/\${var.e}.tpl", {})\n}`,
    "a/terraform.tfvars": "",
    "b/main.tf": `${RESOURCE}${BACKEND}`,
    "b/nested/main.tf": `${RESOURCE}${BACKEND}`,
    "modules/m/main.tf": `${call("./deep")}`,
    "modules/m/deep/main.tf": `${RESOURCE}locals {\n  x = file("\${path.module}/policy.json")\n}`,
    "modules/unused/main.tf": RESOURCE,
  };
  const affected = (changed: readonly string[], text: string | null = null): readonly string[] =>
    affectedWorkspaces({ config: merged(files, text), changedFiles: changed, code: tree(files) }).map(
      ({ workspace }) => workspace.dir,
    );

  const rows: readonly [file: string, dirs: readonly string[]][] = [
    ["a/main.tf", ["a"]],
    ["modules/m/deep/main.tf", ["a"]],
    ["modules/m/deep/gone.tf", ["a"]],
    ["modules/m/deep/policy.json", ["a"]],
    ["modules/m/deep/other.json", []],
    ["a/t/prod.tpl", ["a"]],
    ["a/terraform.tfvars", ["a"]],
    ["a/x.auto.tfvars.json", ["a"]],
    ["a/env/default.tfvars", ["a"]],
    ["a/.terraform.lock.hcl", ["a"]],
    ["modules/unused/main.tf", []],
    ["b/nested/main.tf", ["b/nested"]],
    ["b/main.tf", ["b"]],
    ["README.md", []],
    ["b/readme.md", []],
  ];
  test.each(rows)("%s plans %j", (file, dirs) => {
    expect(affected([file])).toEqual(dirs);
  });

  test("patterns of its own, variable files, and what a `!` takes out", () => {
    const text = [
      "version: 1",
      "workspaces:",
      "  - dir: a",
      "    var_files: [../common/all.tfvars]",
      "    when_modified: ['*.tf', '../scripts/**', '!../scripts/*.md', '!../modules/m/deep/policy.json']",
      "  - {dir: b, autoplan: {when_modified: ['**/*']}}",
    ].join("\n");
    expect(affected(["scripts/x/run.sh"], text)).toEqual(["a"]);
    expect(affected(["scripts/x.md"], text)).toEqual([]);
    expect(affected(["common/all.tfvars"], text)).toEqual(["a"]);
    expect(affected(["modules/m/main.tf"], text)).toEqual(["a"]);
    expect(affected(["modules/m/deep/policy.json"], text)).toEqual([]);
    expect(affected(["b/nested/readme.md"], text)).toEqual(["b"]);
  });

  test("says what made it so, and leaves unaffected ones out", () => {
    const found = affectedWorkspaces({
      config: merged(files),
      changedFiles: ["README.md", "modules/m/main.tf", "a/main.tf"],
      code: tree(files),
    });
    expect(found.map(({ because }) => because)).toEqual(["modules/m/main.tf"]);
  });

  test("another engine version, or a new entry, is a change; a new owner is none", () => {
    const config = (entry: string) => merged(files, `version: 1\nworkspaces:\n  - {dir: a${entry}}\n`);
    const because = (head: string, base: string) =>
      affectedWorkspaces({
        config: config(head),
        base: config(base),
        changedFiles: ["plumbline.yaml"],
        code: tree(files),
      }).map((found) => found.because);
    expect(because(", engine: {version: 1.9.0}", "")).toEqual(["configuration"]);
    expect(because(", name: blue", "")).toEqual(["configuration"]);
    expect(because(", owners: [x]", "")).toEqual([]);
  });

  test("a deleted root, and an entry taken out", () => {
    const { "b/main.tf": _, ...left } = files;
    expect(removedWorkspaces(merged(files), merged(left)).map(({ dir }) => dir)).toEqual(["b"]);
    const listed = merged(files, "version: 1\nworkspaces: [{dir: a}, {dir: a, name: blue}]");
    const gone = merged(left, "version: 1\nworkspaces: [{dir: a}, {dir: b}]");
    expect(
      removedWorkspaces(merged(files, "version: 1\nworkspaces: [{dir: a}, {dir: b}]"), gone),
    ).toHaveLength(1);
    const fewer = merged(files, "version: 1\nworkspaces: [{dir: a}]");
    expect(removedWorkspaces(listed, fewer).map(({ name }) => name)).toEqual(["blue"]);
  });
});

const fromDisk = (dir: string): CodeTree => {
  const paths = globSync("**/*", { cwd: dir, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1));
  const texts = new Map(paths.filter(isWanted).map((path) => [path, readFileSync(join(dir, path), "utf8")]));
  return codeTree({ paths, texts }, read);
};

test("the example repository", () => {
  const dir = join(import.meta.dirname, "../../workspaces-example");
  const code = fromDisk(dir);
  expect(discoverRoots(code).map((root) => root.dir)).toEqual(["buckets", "kafka", "network", "rds"]);
  expect(traceModules(code, "buckets").dirs).toEqual(["buckets", "modules/bucket"]);
});

const corpora = join(import.meta.dirname, "../../../shared/corpora/hcl");
test.skipIf(!existsSync(corpora))("published modules are no root modules", () => {
  const modules = globSync("*/", { cwd: corpora }).map((name) => name.replace(/\/$/, ""));
  const found = modules.map((name) => [
    name,
    discoverRoots(fromDisk(join(corpora, name))).map(({ dir }) => dir),
  ]);
  expect(modules.length).toBeGreaterThan(5);
  expect(found.filter(([, dirs]) => dirs?.includes("."))).toEqual([]);
});
