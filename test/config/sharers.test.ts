import { describe, expect, test } from "vitest";
import { loadHcl } from "../../src/adapters/hcl-wasm.ts";
import { mayReadFile, readsFile } from "../../src/config/affected.ts";
import { codeTree } from "../../src/config/code-tree.ts";
import { discoverRoots } from "../../src/config/discovery.ts";
import { mergeRepoConfig } from "../../src/config/merge.ts";
import { readRepoConfig } from "../../src/config/repo-config.ts";
import { moduleReader } from "../../src/hcl/module.ts";

const read = moduleReader(await loadHcl());

/** Readers in the folder `env/a` of a repository, which also calls `modules/m`. */
const readersOf = (files: Readonly<Record<string, string>>) => {
  const code = codeTree(
    { paths: Object.keys(files).sort(), texts: new Map(Object.entries(files)), links: new Map() },
    read,
  );
  const config = readRepoConfig({ "plumbline.yaml": null, "atlantis.yaml": null });
  if (!config.ok) throw new Error(JSON.stringify(config.problems));
  const { workspaces } = mergeRepoConfig(config.value, Object.keys(files), discoverRoots(code));
  const here = workspaces.find(({ dir }) => dir === "env/a");
  if (!here) throw new Error("no workspace");
  return { may: mayReadFile(here, code), sure: readsFile(here, code) };
};

const ROOT = 'resource "terraform_data" "x" {\n  input = ';

describe("who shares a data file", () => {
  const shares: readonly [expression: string, file: string, shares: boolean][] = [
    ['file("../shared/data.yaml")', "env/shared/data.yaml", true],
    ['file("x.json")', "env/a/x.json", true],
    ['file("x.json")', "env/b/x.json", false],
    ['yamldecode(file("../../shared/data.yaml"))', "shared/data.yaml", true],
    ['jsondecode(file("${path.module}/x.json"))', "env/a/x.json", true],
    ['jsondecode(file("${path.module}/x.json"))', "env/a/y.json", false],
    ['file("${path.root}/../x")', "env/x", true],
    ['templatefile("${path.cwd}/../../t.tpl", {})', "t.tpl", true],
    ['file("/etc/hosts")', "etc/hosts", false],
    // A part is computed: every file of the folder before it.
    ['file("../data/${var.env}.json")', "env/data/prod.json", true],
    ['file("../data/${var.env}.json")', "env/other/prod.json", false],
    ['file("data-${var.env}.json")', "env/a/data-prod.json", true],
    ['file("${path.module}/${var.env}.json")', "env/a/prod.json", true],
    // Nothing of it is certain: any file that is neither code nor variables.
    ["file(var.path)", "shared/data.yaml", true],
    ["jsondecode(file(local.path)).a", "shared/data.yaml", true],
    ['file("${var.folder}/x.json")', "shared/x.json", true],
    ['file(join("/", [path.module, var.name]))', "shared/x.json", true],
    ['file(format("%s/x.json", var.folder))', "shared/x.json", true],
    ['file(var.a ? "a.json" : "b.json")', "env/a/b.json", true],
    ["file(var.path)", "env/b/main.tf", false],
    ["file(var.path)", "env/b/terraform.tfvars", false],
  ];
  test.each(shares)("%s: %s", (expression, file, expected) => {
    expect(readersOf({ "env/a/main.tf": `${ROOT}${expression}\n}\n` }).may(file)).toBe(expected);
  });

  const call = `module "m" {\n  source = "../../modules/m"\n  path   = "../x.json"\n}\n${ROOT}1\n}\n`;
  test.each([
    ['file("${path.module}/x.json")', "modules/m/x.json", true],
    ['file("${path.module}/x.json")', "env/a/x.json", false],
    ['file("${path.root}/x.json")', "env/a/x.json", true],
    // Without `path.module` the engine starts at the root module.
    ['file("x.json")', "env/a/x.json", true],
    ['file("x.json")', "modules/m/x.json", false],
    ["file(var.path)", "env/x.json", true],
  ])("in a module: %s: %s", (expression, file, expected) => {
    const module = `locals {\n  x = ${expression}\n}\n`;
    expect(readersOf({ "env/a/main.tf": call, "modules/m/main.tf": module }).may(file)).toBe(expected);
  });

  test("in JSON syntax too", () => {
    const json = (text: string): string =>
      JSON.stringify({ resource: { terraform_data: { x: { input: text } } } });
    const known = readersOf({ "env/a/main.tf.json": json('${file("../x.json")}') });
    expect([known.may("env/x.json"), known.may("env/y.json")]).toEqual([true, false]);
    expect(readersOf({ "env/a/main.tf.json": json("${file(var.path)}") }).may("env/y.json")).toBe(true);
  });

  test("what cannot be told makes nobody's plan run that a change starts", () => {
    expect(readersOf({ "env/a/main.tf": `${ROOT}file(var.path)\n}\n` }).sure("shared/x.json")).toBe(false);
  });
});
