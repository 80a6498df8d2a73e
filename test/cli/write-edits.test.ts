import {
  chmod,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeEdits } from "../../src/cli/write-edits.ts";

let folder: string;
let root: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "plumbline-write-")));
  root = join(folder, "repo");
  await mkdir(join(root, "a"), { recursive: true });
  await writeFile(join(root, "a/main.tf"), "old\n");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const textAt = (path: string): Promise<string> => readFile(join(folder, path), "utf8");

test("a file gets its new text and keeps its mode, and nothing is left beside it", async () => {
  await chmod(join(root, "a/main.tf"), 0o640);
  await writeEdits(root, { "a/main.tf": "new\n" }, { "a/main.tf": "old\n" });
  expect(await textAt("repo/a/main.tf")).toBe("new\n");
  expect((await stat(join(root, "a/main.tf"))).mode & 0o777).toBe(0o640);
  expect(await readdir(join(root, "a"))).toEqual(["main.tf"]);
});

test("a hard link outside of the repository keeps what it had", async () => {
  await link(join(root, "a/main.tf"), join(folder, "outside.tf"));
  await writeEdits(root, { "a/main.tf": "new\n" }, { "a/main.tf": "old\n" });
  expect(await textAt("outside.tf")).toBe("old\n");
});

test("what somebody saved during the proof is not overwritten, nor anything else", async () => {
  await writeFile(join(root, "a/other.tf"), "saved\n");
  const files = { "a/main.tf": "new\n", "a/other.tf": "new\n" };
  const before = { "a/main.tf": "old\n", "a/other.tf": "old\n" };
  await expect(writeEdits(root, files, before)).rejects.toMatchObject({ code: "plan-changed" });
  expect(await textAt("repo/a/main.tf")).toBe("old\n");
  expect(await textAt("repo/a/other.tf")).toBe("saved\n");
});

test.each([
  ["a file that is a link", "link.tf"],
  ["a file below a linked folder", "b/main.tf"],
])("%s is not written", async (_, path) => {
  await mkdir(join(folder, "elsewhere"));
  await writeFile(join(folder, "elsewhere/main.tf"), "old\n");
  await symlink(join(folder, "elsewhere/main.tf"), join(root, "link.tf"));
  await symlink(join(folder, "elsewhere"), join(root, "b"));
  await expect(writeEdits(root, { [path]: "new\n" }, { [path]: "old\n" })).rejects.toMatchObject({
    code: "path-escapes",
  });
  expect(await textAt("elsewhere/main.tf")).toBe("old\n");
});
