import { link, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readCode } from "../../src/run/codify-code.ts";

let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "plumbline-links-")));
  for (const dir of ["repo/modules/real", "outside"]) await mkdir(join(folder, dir), { recursive: true });
  await writeFile(join(folder, "outside/main.tf"), "# outside\n");
  await writeFile(join(folder, "repo/modules/real/main.tf"), "# real\n");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const read = () => {
  const repoRoot = join(folder, "repo");
  return readCode({ repoRoot, dir: repoRoot, dataDir: join(folder, "data"), varFiles: [] });
};

test("files behind symbolic links are read, and named as not to be edited", async () => {
  await symlink(join(folder, "outside/main.tf"), join(folder, "repo/linked.tf"));
  await symlink("real", join(folder, "repo/modules/alias"));
  await symlink(join(folder, "outside"), join(folder, "repo/modules/away"));
  await writeFile(
    join(folder, "repo/main.tf"),
    'module "a" {\n  source = "./modules/alias"\n}\nmodule "b" {\n  source = "./modules/away"\n}\n',
  );
  const { files, foreign } = await read();
  expect([...files.keys()].sort()).toEqual([
    "linked.tf",
    "main.tf",
    "modules/alias/main.tf",
    "modules/away/main.tf",
  ]);
  expect([...(foreign?.keys() ?? [])].sort()).toEqual([
    "linked.tf",
    "modules/alias/main.tf",
    "modules/away/main.tf",
  ]);
});

test("a module that one call reaches by its folder and another by a link is known by both", async () => {
  await symlink("real", join(folder, "repo/modules/alias"));
  await writeFile(
    join(folder, "repo/main.tf"),
    'module "a" {\n  source = "./modules/alias"\n}\nmodule "b" {\n  source = "./modules/real"\n}\n',
  );
  const { files, foreign } = await read();
  expect(files.get("modules/real/main.tf")).toBe("# real\n");
  expect(foreign?.has("modules/real/main.tf")).toBe(false);
});

test("a hard link is a file as any other", async () => {
  await link(join(folder, "outside/main.tf"), join(folder, "repo/main.tf"));
  expect((await read()).foreign?.size).toBe(0);
});
