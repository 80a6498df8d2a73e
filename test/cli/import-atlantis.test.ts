import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cli, folder } from "./world.ts";

const ATLANTIS = "version: 3\nprojects:\n  - dir: network\n    terraform_version: 1.10\n";

const placeWith = (files: Readonly<Record<string, string>>): string => {
  const cwd = folder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  return cwd;
};

describe("config import-atlantis", () => {
  test("writes plumbline.yaml beside atlantis.yaml, which config check finds in order", async () => {
    const cwd = placeWith({ "atlantis.yaml": ATLANTIS });
    const { code, out } = await cli(["config", "import-atlantis"], { cwd });
    expect(code).toBe(0);
    expect(out).toContain("Wrote plumbline.yaml, 1 workspace.");
    expect(readFileSync(join(cwd, "plumbline.yaml"), "utf8")).toContain('version: "1.10"');
    expect((await cli(["config", "check"], { cwd })).code).toBe(0);
  });

  test("an existing plumbline.yaml stays as it is", async () => {
    const cwd = placeWith({ "atlantis.yaml": ATLANTIS, "plumbline.yaml": "version: 1\n" });
    const { code, err } = await cli(["config", "import-atlantis"], { cwd });
    expect({ code, kept: readFileSync(join(cwd, "plumbline.yaml"), "utf8") }).toEqual({
      code: 1,
      kept: "version: 1\n",
    });
    expect(err).toContain("--out");
  });

  test("what is lost makes it 2, and stands in --json with its place", async () => {
    const cwd = placeWith({ "atlantis.yaml": `${ATLANTIS}allowed_regexp_prefixes: [dev]\n` });
    const { code, out } = await cli(["config", "import-atlantis", "atlantis.yaml", "--out", "-", "--json"], {
      cwd,
    });
    const read = JSON.parse(out);
    expect(code).toBe(2);
    expect(read).toMatchObject({ ok: true, file: null, workspaces: 1, server: null, variables: [] });
    expect(read.told).toContainEqual(
      expect.objectContaining({
        key: "allowed_regexp_prefixes",
        fate: "lost",
        file: "atlantis.yaml",
        line: 5,
        column: 1,
      }),
    );
    expect(existsSync(join(cwd, "plumbline.yaml"))).toBe(false);
  });

  test("a broken file is told with file, line and column, and nothing is written", async () => {
    const cwd = placeWith({ "atlantis.yaml": "version: 3\nprojects: [\n" });
    const { code, out } = await cli(["config", "import-atlantis"], { cwd });
    expect(code).toBe(2);
    expect(out).toMatch(/^atlantis\.yaml:\d+:\d+: /);
    expect(existsSync(join(cwd, "plumbline.yaml"))).toBe(false);
  });

  test("standard input goes to standard output; notes go to the other one", async () => {
    const { code, out, err } = await cli(["config", "import-atlantis", "-"], {
      stdin: `${ATLANTIS}emoji_reaction: x\n`,
    });
    expect(code).toBe(0);
    expect(out).toContain("workspaces:\n  - dir: network\n");
    expect(err).toContain("standard input:5:1: emoji_reaction");
  });

  test("the server's files alone are enough, and a secret is not repeated", async () => {
    const cwd = placeWith({ "repos.yaml": "repos: [{id: /.*/, branch: /main/}]\n" });
    const argv = ["config", "import-atlantis", "--server-config", "repos.yaml", "--server-flags", "-"];
    const { code, out } = await cli(argv, { cwd, stdin: "ATLANTIS_GH_TOKEN=hush\nATLANTIS_PORT=1\n" });
    expect(code).toBe(0);
    expect(out).toContain("PLUMBLINE_FORGE_TOKEN: what --gh-token has");
    expect(out).toContain("port: 1");
    expect(out).not.toContain("hush");
  });

  test.each([
    [["nowhere"], 1],
    [["--repo", "acme"], 64],
    [["-", "--server-config", "-"], 64],
    [["--wat"], 64],
  ])("%j ends with %s", async (argv, code) => {
    expect((await cli(["config", "import-atlantis", ...argv], { cwd: folder() })).code).toBe(code);
  });
});
