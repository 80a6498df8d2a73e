import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { gitWorld } from "../contract/git-world.ts";

const SLOT = "acme/infra//rds#default";

describe("checkout", () => {
  test("lies at the same path each time, detached, with exactly what the commit holds", async () => {
    const { git, person, repo } = await gitWorld();
    const first = person.commit("main", { "a.tf": "1", "old.tf": "x" });
    const second = person.commit("main", { "a.tf": "2", "old.tf": null, ".gitignore": "*.tfstate\n" });
    await git.fetch(repo);
    const one = await git.checkout(repo, first, SLOT);
    expect(one.commit).toBe(first);
    expect(readFileSync(join(one.root, "a.tf"), "utf8")).toBe("1");
    expect(readFileSync(join(one.root, ".git"), "utf8")).toMatch(/^gitdir: /);
    writeFileSync(join(one.root, "rubbish"), "x");
    await one.release();
    expect(existsSync(one.root)).toBe(false);

    const two = await git.checkout(repo, second, SLOT);
    expect(two.root).toBe(one.root);
    expect(readdirSync(two.root).sort()).toEqual([".git", ".gitignore", "a.tf"]);
    await two.release();
    await two.release();
  });

  test("clears what a crash left at its place, ignored and nested repositories too", async () => {
    const { git, person, repo, root, remote, clock } = await gitWorld();
    const commit = person.commit("main", { "a.tf": "1", ".gitignore": "*.tfstate\n" });
    await git.fetch(repo);
    const crashed = await git.checkout(repo, commit, SLOT);
    writeFileSync(join(crashed.root, "a.tf"), "changed");
    writeFileSync(join(crashed.root, "x.tfstate"), "secret");
    mkdirSync(join(crashed.root, "nested/.git"), { recursive: true });
    symlinkSync("/etc", join(crashed.root, "etc"));
    // The next process knows nothing of this one.
    const { createGit } = await import("../../src/adapters/git.ts");
    const next = createGit({
      root,
      access: async () => ({ url: remote.url(repo), username: "", password: "" }),
      env: process.env,
      clock: { now: () => new Date(clock.time) },
      redactor: { redact: (text) => text, learn() {} },
      log: { debug() {}, info() {}, warn() {}, error() {}, child: () => ({}) as never },
    });
    const tree = await next.checkout(repo, commit, SLOT);
    expect(tree.root).toBe(crashed.root);
    expect(readdirSync(tree.root).sort()).toEqual([".git", ".gitignore", "a.tf"]);
    expect(readFileSync(join(tree.root, "a.tf"), "utf8")).toBe("1");
    expect(existsSync("/etc/passwd")).toBe(true);
    await tree.release();
  });

  test("many slots of one repository at once, each at its own path", async () => {
    const { git, person, repo } = await gitWorld();
    const commit = person.commit("main", { "a.tf": "1" });
    await git.fetch(repo);
    const slots = ["a", "A", "a/b", "a_b", "../../x", "é", ...Array.from({ length: 10 }, (_, n) => `s${n}`)];
    const trees = await Promise.all(slots.map((slot) => git.checkout(repo, commit, slot)));
    expect(new Set(trees.map(({ root }) => root.toLowerCase())).size).toBe(slots.length);
    for (const { root } of trees) expect(readFileSync(join(root, "a.tf"), "utf8")).toBe("1");
    await Promise.all(trees.map((tree) => tree.release()));
  });

  test("a slot in use is refused, and free again after release", async () => {
    const { git, person, repo } = await gitWorld();
    const commit = person.commit("main", { "a.tf": "1" });
    await git.fetch(repo);
    const tree = await git.checkout(repo, commit, SLOT);
    await expect(git.checkout(repo, commit, SLOT)).rejects.toMatchObject({ code: "workspace-busy" });
    await tree.release();
    await (await git.checkout(repo, commit, SLOT)).release();
  });

  test("what is kept stays, and moves aside for the next run", async () => {
    const { git, person, repo, root } = await gitWorld();
    const commit = person.commit("main", { "a.tf": "1" });
    await git.fetch(repo);
    const tree = await git.checkout(repo, commit, SLOT);
    writeFileSync(join(tree.root, "errored.tfstate"), "state");
    await tree.release({ keep: true });
    await git.tidy({ maxBytes: 1e9, idleMs: 1e9, inUse: [] });
    expect(readFileSync(join(tree.root, "errored.tfstate"), "utf8")).toBe("state");
    const next = await git.checkout(repo, commit, SLOT);
    expect(existsSync(join(next.root, "errored.tfstate"))).toBe(false);
    const [rescued = ""] = readdirSync(join(root, "rescued"));
    expect(readFileSync(join(root, "rescued", rescued, "errored.tfstate"), "utf8")).toBe("state");
    await next.release();
  });

  test("hooks and filters that a repository brings do not run", async () => {
    const { git, person, repo, root } = await gitWorld();
    const mark = join(root, "hook-ran");
    const commit = person.commit("main", {
      "a.tf": "1",
      ".gitattributes": "*.tf filter=evil\n",
      "hooks/post-checkout": `#!/bin/sh\ntouch ${mark}\n`,
      ".gitconfig": `[filter "evil"]\nsmudge = touch ${mark}\n`,
    });
    await git.fetch(repo);
    await (await git.checkout(repo, commit, SLOT)).release();
    expect(existsSync(mark)).toBe(false);
  });
});

describe("submodules", () => {
  const withModule = async (submodules: boolean, url?: string) => {
    const world = await gitWorld({ submodules });
    const module = world.remote.add("acme/module");
    const inner = module.commit("main", { "module.tf": "m" });
    world.person.commit("main", {
      ".gitmodules": `[submodule "mod"]\n\tpath = mod\n\turl = ${url ?? "../module.git"}\n`,
    });
    world.person.git("update-index", "--add", "--cacheinfo", `160000,${inner},mod`);
    world.person.git("commit", "--quiet", "-m", "Add a module");
    world.person.git("push", "--quiet", "origin", "main");
    await world.git.fetch(world.repo);
    return { ...world, commit: world.person.git("rev-parse", "HEAD").trim() };
  };

  test("stay empty by default", async () => {
    const { git, repo, commit } = await withModule(false);
    const tree = await git.checkout(repo, commit, SLOT);
    expect(existsSync(join(tree.root, "mod/module.tf"))).toBe(false);
    expect(await git.listFiles(repo, commit)).toContainEqual({ path: "mod", kind: "submodule" });
    await tree.release();
  });

  test("are checked out where switched on, and leave no trace in the mirror's configuration", async () => {
    const { git, repo, commit, root, remote } = await withModule(true);
    for (let round = 0; round < 2; round += 1) {
      const tree = await git.checkout(repo, commit, SLOT);
      expect(readFileSync(join(tree.root, "mod/module.tf"), "utf8")).toBe("m");
      await tree.release();
    }
    const [mirror = ""] = readdirSync(join(root, "mirrors"));
    const config = readFileSync(join(root, "mirrors", mirror, "config"), "utf8");
    expect(config).not.toContain("submodule");
    expect(config).not.toContain(remote.password);
  });

  test("submodules of submodules, with addresses relative to their own", async () => {
    const { git, repo, person, remote } = await gitWorld({ submodules: true });
    const [outer, inner] = [remote.add("modules/outer"), remote.add("modules/inner")];
    const file = (url: string): string => `[submodule "in"]\n\tpath = in\n\turl = ${url}\n`;
    const add = (to: typeof outer, url: string, commit: string): string => {
      to.commit("main", { ".gitmodules": file(url) });
      to.git("update-index", "--add", "--cacheinfo", `160000,${commit},in`);
      to.git("commit", "--quiet", "-m", "Add");
      to.git("push", "--quiet", "origin", "main");
      return to.git("rev-parse", "HEAD").trim();
    };
    const innermost = inner.commit("main", { "deep.tf": "d" });
    const commit = add(person, "../../modules/outer.git", add(outer, "../inner.git", innermost));
    await git.fetch(repo);
    const tree = await git.checkout(repo, commit, SLOT);
    expect(readFileSync(join(tree.root, "in/in/deep.tf"), "utf8")).toBe("d");
    await tree.release();
  });

  test("an address on this machine's disk is refused", async () => {
    const other = await gitWorld();
    other.person.commit("main", { secret: "s" });
    const { git, repo, commit } = await withModule(true, other.person.bare);
    await expect(git.checkout(repo, commit, SLOT)).rejects.toMatchObject({ code: "git-failed" });
  });
});

describe("tidy", () => {
  const DAY = 86_400_000;
  const limits = { maxBytes: 1e9, idleMs: 30 * DAY, inUse: [] as string[] };

  test("removes what a crash left, and nothing that a run uses", async () => {
    const { git, person, repo, root } = await gitWorld();
    const commit = person.commit("main", { "a.tf": "1" });
    await git.fetch(repo);
    const tree = await git.checkout(repo, commit, SLOT);
    mkdirSync(join(root, "worktrees", "leftover"));
    writeFileSync(join(root, "worktrees", "leftover", "x"), "0123456789");
    expect(await git.tidy(limits)).toEqual({ freedBytes: 10 });
    expect(existsSync(join(tree.root, "a.tf"))).toBe(true);
    await tree.release();
  });

  test("removes a mirror unused for long, which the next fetch makes again", async () => {
    const { git, person, repo, root, clock } = await gitWorld();
    const commit = person.commit("main", { "a.tf": "1" });
    await git.fetch(repo);
    clock.time += 29 * DAY;
    await git.tidy(limits);
    expect(readdirSync(join(root, "mirrors"))).toHaveLength(1);
    clock.time += 2 * DAY;
    expect((await git.tidy(limits)).freedBytes).toBeGreaterThan(0);
    expect(readdirSync(join(root, "mirrors"))).toHaveLength(0);
    await git.fetch(repo);
    expect(await git.resolve(repo, "main")).toBe(commit);
  });

  test("above the limit the mirror unused for longest goes first", async () => {
    const { git, person, repo, root, clock, remote } = await gitWorld();
    person.commit("main", { "a.tf": "1" });
    remote.add("acme/other").commit("main", { "b.tf": "1" });
    await git.fetch(repo);
    clock.time += DAY;
    await git.fetch("acme/other");
    const all = readdirSync(join(root, "mirrors"));
    expect(all).toHaveLength(2);
    const { freedBytes } = await git.tidy({ ...limits, maxBytes: 1e9 });
    expect(freedBytes).toBe(0);
    await git.tidy({ ...limits, maxBytes: 60_000 });
    await git.tidy({ ...limits, maxBytes: 1 });
    expect(readdirSync(join(root, "mirrors"))).toHaveLength(0);
  });

  test("forgets trial merges after a day", async () => {
    const { git, person, repo, clock, root } = await gitWorld();
    person.commit("main", { a: "1", b: "1" });
    const head = person.commit("feature", { a: "2" });
    const moved = person.commit("main", { b: "2" });
    await git.fetch(repo);
    await git.merge(repo, moved, head);
    const refs = () => {
      const [mirror = ""] = readdirSync(join(root, "mirrors"));
      const folder = join(root, "mirrors", mirror, "refs/plumbline/merge");
      return existsSync(folder)
        ? readdirSync(folder, { recursive: true }).filter((name) => String(name).includes("/"))
        : [];
    };
    await git.tidy(limits);
    expect(refs()).toHaveLength(1);
    clock.time += 3 * DAY;
    await git.tidy(limits);
    expect(refs()).toHaveLength(0);
  });
});
