import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cli, folder } from "./world.ts";

const check = async (files: Readonly<Record<string, string>>, ...argv: string[]) => {
  const cwd = folder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  const json = await cli(["config", "check", ...argv, "--json"], { cwd, env: {} });
  const plain = await cli(["config", "check", ...argv], { cwd, env: {} });
  expect(plain.code).toBe(json.code);
  return { code: json.code, read: JSON.parse(json.out), text: plain.out };
};

const GOOD = "version: 1\nworkspaces:\n  - dir: network\n";
const ATLANTIS = "version: 3\nprojects:\n  - dir: network\n";

describe("config check", () => {
  test("a file in order", async () => {
    const result = await check({ "plumbline.yaml": GOOD }, "plumbline.yaml");
    expect(result).toEqual({
      code: 0,
      read: { ok: true, problems: [] },
      text: "plumbline.yaml: in order.\n",
    });
    expect((await check({ "atlantis.yaml": ATLANTIS }, "atlantis.yaml")).code).toBe(0);
  });

  test("every problem at once, each with its path, and exit 2", async () => {
    const text =
      "version: 1\nworkspaces:\n  - dir: network\n    aply: on_merge\n  - dir: rds\n    apply: sometimes\n";
    const { code, read, text: told } = await check({ "plumbline.yaml": text }, "plumbline.yaml");
    expect(code).toBe(2);
    expect(read.ok).toBe(false);
    expect(read.problems.map(({ path }: { path: string }) => path).sort()).toEqual([
      "workspaces[0].aply",
      "workspaces[1].apply",
    ]);
    for (const problem of read.problems) expect(Object.keys(problem).sort()).toEqual(["message", "path"]);
    expect(told.trimEnd().split("\n")).toHaveLength(2);
  });

  test("broken YAML is told with its place", async () => {
    const { code, read } = await check({ "plumbline.yaml": "workspaces:\n  - dir: [\n" }, "plumbline.yaml");
    expect(code).toBe(2);
    expect(read.problems[0].path).toMatch(/^line \d+, column \d+$/);
  });

  test("without a file, all that is here; each problem says where", async () => {
    const { code, read } = await check({
      "plumbline.yaml": "nope: 1\n",
      "atlantis.yaml": "version: 3\nnein: 1\n",
    });
    expect(code).toBe(2);
    const paths = read.problems.map(({ path }: { path: string }) => path).join("\n");
    expect(paths).toContain("plumbline.yaml: nope");
    expect(paths).toContain("atlantis.yaml: nein");
  });

  test("without a file and with none here, all is in order: roots are discovered", async () => {
    expect((await check({})).read).toEqual({ ok: true, problems: [] });
  });

  test("a name that nobody reads is a note", async () => {
    const cwd = folder();
    writeFileSync(join(cwd, "atlantis.yml"), "version: 3\n");
    const { code, out, err } = await cli(["config", "check", "--json"], { cwd });
    expect({ code, out }).toEqual({ code: 0, out: '{"ok":true,"problems":[]}\n' });
    expect(err).toBe("note: atlantis.yml: This name is not read; call it atlantis.yaml.\n");
  });

  test("the kind shows from the keys where the name does not tell it", async () => {
    expect((await check({ "x.yaml": ATLANTIS }, "x.yaml")).code).toBe(0);
    const broken = await check({ "x.yaml": "version: 3\nprojects:\n  - dirr: a\n" }, "x.yaml");
    expect(broken.read.problems.some(({ path }: { path: string }) => path.startsWith("projects[0]"))).toBe(
      true,
    );
    const server = await check({ "x.yaml": "listen:\n  port: 99999\n" }, "x.yaml");
    expect(server.code).toBe(2);
    expect(server.read.problems.some(({ path }: { path: string }) => path === "listen.port")).toBe(true);
  });

  test("standard input", async () => {
    const { code, out } = await cli(["config", "check", "-", "--json"], { stdin: ATLANTIS });
    expect({ code, read: JSON.parse(out) }).toEqual({ code: 0, read: { ok: true, problems: [] } });
  });

  test("a file that cannot be read is exit 1, not a finding", async () => {
    const cwd = folder();
    mkdirSync(join(cwd, "plumbline.yaml"));
    writeFileSync(join(cwd, "atlantis.yaml"), new Uint8Array([0xff, 0xfe, 0x00]));
    for (const name of ["nowhere.yaml", "plumbline.yaml", "atlantis.yaml"]) {
      const { code, out } = await cli(["config", "check", name, "--json"], { cwd });
      expect(code, name).toBe(1);
      expect(JSON.parse(out).error.code).toBe("config-invalid");
    }
  });
});

test("an override of a type or a rule that the catalogue does not know is a problem with its place", async () => {
  const stdin =
    "version: 1\nstateful:\n  - { type: aws_db_instanse, reason: x }\n  - { type: aws_db_instance, rules: { resizd: off }, reason: y }\n";
  const { code, out } = await cli(["config", "check", "-"], { stdin });
  expect(code).toBe(2);
  expect(out).toContain("stateful[0].type");
  expect(out).toContain("resizd");
});
