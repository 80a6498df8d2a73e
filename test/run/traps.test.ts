import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { loadHcl } from "../../src/adapters/hcl-wasm.ts";
import { moduleReader } from "../../src/hcl/module.ts";
import { codeReader } from "../../src/run/code-at.ts";
import { refuseTraps } from "../../src/run/prepare.ts";
import { gitWorld } from "../contract/git-world.ts";

const read = moduleReader(await loadHcl());

test("links of a real commit that lead out of the repository are refused before any engine starts", async () => {
  const { git, person, repo } = await gitWorld();
  const world = { git, codeAt: codeReader(git, read) };
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
}, 60_000);
