import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { loadHcl } from "../../src/adapters/hcl-wasm.ts";
import { moduleReader } from "../../src/hcl/module.ts";
import type { ServerConfig } from "../../src/model/config.ts";
import { codeReader } from "../../src/run/code-at.ts";
import { refuseTraps } from "../../src/run/prepare.ts";
import { gitWorld } from "../contract/git-world.ts";

const read = moduleReader(await loadHcl());

test("links of a real commit that lead out of the repository are refused before any engine starts", async () => {
  const { git, person, repo } = await gitWorld();
  const world = { git, codeAt: codeReader(git, read), server: { git: { lfs: false } } as ServerConfig };
  const app = 'locals {\n  text = file("${path.module}/../data/text")\n}\n';
  person.commit("main", { "app/main.tf": app, "data/text": "harmless", "vars/all.tfvars": "" });
  const config = { dir: "app", name: "default", varFiles: ["../vars/all.tfvars"] } as never;
  const traps: readonly (readonly [branch: string, path: string, target: string, refused: boolean])[] = [
    ["code", "app/more.tf", "/etc/hostname", true],
    ["relative", "app/more.tf", "../../../../../../etc/hostname", true],
    ["read", "data", "/proc/self", true],
    ["variables", "vars/all.tfvars", "/root/.aws/credentials", true],
    ["folder", "app", "/etc", true],
    ["inside", "app/more.tf", "../data/text", false],
    ["elsewhere", "docs/link", "/etc/hostname", false],
  ];
  for (const [branch, path, target, refused] of traps) {
    person.git("checkout", "--quiet", "-B", branch, "main");
    person.git("rm", "-r", "--quiet", "--ignore-unmatch", path);
    mkdirSync(join(person.dir, dirname(path)), { recursive: true });
    person.link(path, target);
    const commit = person.commit(branch, { "note.txt": branch });
    await git.fetch(repo);
    const tried = refuseTraps(world, repo, { commit, config }).then(
      () => "",
      (thrown: { code: string }) => thrown.code,
    );
    expect(await tried, branch).toBe(refused ? "path-escapes" : "");
  }
});

test("a pointer of Git LFS in the place of code is refused where large files are not fetched", async () => {
  const { git, person, repo } = await gitWorld();
  const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n";
  const attributes = { ".gitattributes": "*.zip filter=lfs diff=lfs merge=lfs -text\n" };
  const reads = 'locals {\n  text = filebase64("${path.module}/code.zip")\n}\n';
  const cases: readonly (readonly [branch: string, files: Record<string, string>, refused: string | null])[] =
    [
      ["read", { "app/main.tf": reads, "app/code.zip": pointer, ...attributes }, "app/code.zip"],
      ["code", { "app/main.tf": "", "app/more.tf": pointer, ...attributes }, "app/more.tf"],
      [
        "variables",
        { "app/main.tf": "", "app/env/default.tfvars": pointer, ...attributes },
        "default.tfvars",
      ],
      ["beside", { "app/main.tf": "", "app/plan.zip": pointer, ...attributes }, null],
      ["plain", { "app/main.tf": reads, "app/code.zip": "PK", ...attributes }, null],
    ];
  const config = { dir: "app", name: "default", varFiles: [] } as never;
  const codeAt = codeReader(git, read);
  person.commit("main", { "app/code.zip": "PK" });
  for (const [branch, files, refused] of cases) {
    person.git("checkout", "--quiet", "-B", branch, "main");
    const commit = person.commit(branch, files);
    await git.fetch(repo);
    const tried = (lfs: boolean) =>
      refuseTraps({ git, codeAt, server: { git: { lfs } } as ServerConfig }, repo, { commit, config }).then(
        () => null,
        ({ code, message }: { code: string; message: string }) => `${code} ${message}`,
      );
    expect(await tried(false), branch).toEqual(
      refused === null ? null : expect.stringMatching(`config-invalid .*${refused}.*Git LFS`),
    );
    expect(await tried(true), branch).toBeNull();
  }
});
