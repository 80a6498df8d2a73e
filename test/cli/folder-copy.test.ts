import { execFileSync } from "node:child_process";
import {
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { copyFolder } from "../../src/cli/folder-copy.ts";
import { folder } from "./world.ts";

test("the copy leads where the folder leads, and is nobody else's", async () => {
  const here = realpathSync(folder());
  const own = join(here, "live/net");
  mkdirSync(join(own, "files"), { recursive: true });
  mkdirSync(join(own, ".terraform"));
  mkdirSync(join(here, "live/modules"));
  writeFileSync(join(here, "live/modules/m.tf"), "module");
  writeFileSync(join(own, "main.tf"), "code");
  writeFileSync(join(own, "files/run.sh"), "#!/bin/sh\n", { mode: 0o755 });
  symlinkSync("../modules/m.tf", join(own, "linked.tf"));
  execFileSync("mkfifo", [join(own, "pipe")]);
  // A scratch folder may lie in the very folder that is copied.
  const root = join(own, "scratch");
  const copy = await copyFolder(own, root);
  expect(copy).toBe(join(root, own));
  const read = (name: string) => readFileSync(join(copy, name), "utf8");
  expect([read("main.tf"), read("linked.tf"), read("../modules/m.tf")]).toEqual(["code", "module", "module"]);
  expect(readlinkSync(join(copy, ".terraform"))).toBe(join(own, ".terraform"));
  const [before, after] = [own, copy].map((dir) => lstatSync(join(dir, "files/run.sh")));
  expect([after?.mode, after?.mtime]).toEqual([before?.mode, before?.mtime]);
  writeFileSync(join(copy, "main.tf"), "written by an engine");
  expect(readFileSync(join(own, "main.tf"), "utf8")).toBe("code");
});
