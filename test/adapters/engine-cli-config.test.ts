import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type CliConfigSettings, cliConfigFile } from "../../src/adapters/engine-cli-config.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "plumbline-tfrc-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const settings = (more: Partial<CliConfigSettings>): CliConfigSettings => ({
  mode: "service",
  env: { HOME: root },
  cacheDir: join(root, "cache"),
  mirror: null,
  direct: false,
  cliConfig: null,
  ...more,
});

const textOf = async (more: Partial<CliConfigSettings>): Promise<string> =>
  readFile((await cliConfigFile(settings(more))) ?? "", "utf8");

test("a person's own file is honoured, a missing one dropped", async () => {
  const own = join(root, "mine.tfrc");
  await writeFile(own, "");
  expect(await cliConfigFile(settings({ mode: "user", env: { TF_CLI_CONFIG_FILE: own } }))).toBe(own);
  const missing = { TF_CLI_CONFIG_FILE: join(root, "no.tfrc") };
  expect(await cliConfigFile(settings({ mode: "user", env: missing }))).toBeUndefined();
});

test("a service writes its own, whatever the environment says", async () => {
  const env = { HOME: root, TF_CLI_CONFIG_FILE: join(root, "no.tfrc") };
  expect(await textOf({ env })).toContain("direct {");
});

test("a service takes no provider from a checkout: every source is named", async () => {
  await mkdir(join(root, ".terraform.d/plugins/example.com/acme/thing"), { recursive: true });
  const text = await textOf({});
  expect(text).toContain(`path = "${join(root, ".terraform.d/plugins")}"`);
  expect(text).toContain('exclude = ["example.com/acme/thing"]');
});

test("an operator's file wins", async () => {
  expect(await cliConfigFile(settings({ cliConfig: "/etc/engine.tfrc", mirror: "/mirror" }))).toBe(
    "/etc/engine.tfrc",
  );
});

test("a mirror alone is asked alone; its path may hold quotes", async () => {
  const text = await textOf({ mirror: '/a "b" c' });
  expect(text).toContain('path = "/a \\"b\\" c"');
  expect(text).not.toContain("direct");
});
