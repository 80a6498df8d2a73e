import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { gitWorld } from "../contract/git-world.ts";

describe("trial merge", () => {
  test("joins two lines of work without a worktree, twice the same commit", async () => {
    const { git, person, repo } = await gitWorld();
    const base = person.commit("main", { a: "1", b: "1" });
    const head = person.commit("feature", { a: "2" });
    const moved = person.commit("main", { b: "2" });
    await git.fetch(repo);
    const merged = await git.merge(repo, moved, head);
    expect(merged.conflicts).toEqual([]);
    const commit = merged.commit ?? "";
    expect(await git.changedFiles(repo, base, commit)).toEqual(["a", "b"]);
    expect(await git.isAncestor(repo, head, commit)).toBe(true);
    expect((await git.merge(repo, moved, head)).commit).toBe(commit);
  });

  test("needs no new commit where one side holds the other", async () => {
    const { git, person, repo } = await gitWorld();
    const base = person.commit("main", { a: "1" });
    const head = person.commit("feature", { a: "2" });
    await git.fetch(repo);
    expect(await git.merge(repo, base, head)).toEqual({ commit: head, conflicts: [] });
    expect(await git.merge(repo, head, base)).toEqual({ commit: head, conflicts: [] });
  });

  test("names the files in conflict", async () => {
    const { git, person, repo } = await gitWorld();
    person.commit("main", { "a b": "1", c: "1" });
    const head = person.commit("feature", { "a b": "2", c: null });
    const moved = person.commit("main", { "a b": "3", c: "3" });
    await git.fetch(repo);
    expect(await git.merge(repo, moved, head)).toEqual({ commit: null, conflicts: ["a b", "c"] });
  });

  test("histories without a common commit do not merge", async () => {
    const { git, person, repo } = await gitWorld();
    const base = person.commit("main", { a: "1" });
    person.git("checkout", "--quiet", "--orphan", "alone");
    const alone = person.commit("alone", { b: "1" });
    await git.fetch(repo);
    expect(await git.merge(repo, base, alone)).toEqual({ commit: null, conflicts: [] });
  });

  test("the merge outlives a garbage collection", async () => {
    const { git, person, repo, root } = await gitWorld();
    person.commit("main", { a: "1", b: "1" });
    const head = person.commit("feature", { a: "2" });
    const moved = person.commit("main", { b: "2" });
    await git.fetch(repo);
    const { commit } = await git.merge(repo, moved, head);
    const mirror = execFileSync("ls", [`${root}/mirrors`], { encoding: "utf8" }).trim();
    execFileSync("git", ["gc", "--quiet", "--prune=now"], { cwd: `${root}/mirrors/${mirror}` });
    expect(await git.resolve(repo, commit ?? "")).toBe(commit);
  });
});

describe("our branch", () => {
  const wish = { branch: "plumbline/drift/rds", message: "Say what drifted" };

  test("grows from the base, keeps what it says, and is rebuilt when it says something else", async () => {
    const { git, person, repo } = await gitWorld();
    const base = person.commit("main", { "a.tf": "1", "b/c.tf": "2" });
    await git.fetch(repo);
    const files = { ".plumbline/drift/rds.md": "report", "b/c.tf": null };
    const first = await git.commitToBranch({ ...wish, repo, base, files });
    expect(first.changed).toBe(true);
    expect(person.git("ls-remote", "origin", wish.branch)).toContain(first.commit);
    expect(await git.changedFiles(repo, base, first.commit)).toEqual([".plumbline/drift/rds.md", "b/c.tf"]);
    expect(await git.resolve(repo, wish.branch)).toBe(first.commit);
    expect(await git.contributors(repo, base, first.commit)).toEqual(["plumbline@plumbline.invalid"]);

    expect(await git.commitToBranch({ ...wish, repo, base, files })).toEqual({ ...first, changed: false });
    const later = person.commit("main", { "z.tf": "1" });
    expect(await git.commitToBranch({ ...wish, repo, base: later, files })).toEqual({
      ...first,
      changed: false,
    });

    const second = await git.commitToBranch({ ...wish, repo, base: later, files: { "a.tf": "new" } });
    expect(second.changed).toBe(true);
    expect(await git.changedFiles(repo, later, second.commit)).toEqual(["a.tf"]);
    expect(await git.isAncestor(repo, first.commit, second.commit)).toBe(false);
  });

  test("a commit of somebody else is never overwritten", async () => {
    const { git, person, repo } = await gitWorld();
    const base = person.commit("main", { "a.tf": "1" });
    await git.fetch(repo);
    await git.commitToBranch({ ...wish, repo, base, files: { "a.tf": "2" } });
    person.git("fetch", "--quiet", "origin", `${wish.branch}:${wish.branch}`);
    const theirs = person.commit(wish.branch, { "b.tf": "mine" });
    const again = git.commitToBranch({ ...wish, repo, base, files: { "a.tf": "3" } });
    await expect(again).rejects.toMatchObject({
      code: "git-foreign-commit",
      message: expect.stringContaining(theirs.slice(0, 12)),
    });
    expect(person.git("ls-remote", "origin", wish.branch)).toContain(theirs);
    // Saying again what is there already loses nobody's work.
    const same = await git.commitToBranch({ ...wish, repo, base, files: { "a.tf": "2" } });
    expect(same).toEqual({ commit: theirs, changed: false });
  });

  test("an author that pretends to be us does not make a foreign committer ours", async () => {
    const { git, person, repo } = await gitWorld();
    const base = person.commit("main", { "a.tf": "1" });
    person.git("checkout", "--quiet", "-b", wish.branch);
    person.commit(wish.branch, { "b.tf": "x" });
    person.git("commit", "--quiet", "--amend", "--no-edit", "--author", "P <plumbline@plumbline.invalid>");
    person.git("push", "--quiet", "--force", "origin", wish.branch);
    const push = git.commitToBranch({ ...wish, repo, base, files: { "a.tf": "3" } });
    await expect(push).rejects.toMatchObject({ code: "git-foreign-commit" });
  });

  test("two writers at once leave a branch that one of them wrote", async () => {
    const { git, person, repo } = await gitWorld();
    const base = person.commit("main", { "a.tf": "1" });
    await git.fetch(repo);
    const results = await Promise.all(
      ["2", "3", "4"].map((text) => git.commitToBranch({ ...wish, repo, base, files: { "a.tf": text } })),
    );
    const tip = person.git("ls-remote", "origin", wish.branch).split("\t")[0];
    expect(results.map(({ commit }) => commit)).toContain(tip);
    expect(person.git("fetch", "origin", wish.branch)).toBe("");
  });

  test("nothing to change is no commit and no branch", async () => {
    const { git, person, repo } = await gitWorld();
    const base = person.commit("main", { "a.tf": "1" });
    await git.fetch(repo);
    const result = await git.commitToBranch({ ...wish, repo, base, files: { "a.tf": "1", gone: null } });
    expect(result).toEqual({ commit: base, changed: false });
    expect(person.git("ls-remote", "origin", wish.branch)).toBe("");
  });

  test("keeps the execute bit and odd names", async () => {
    const { git, person, repo } = await gitWorld();
    person.commit("main", { "run.sh": "1" });
    person.git("update-index", "--chmod=+x", "run.sh");
    person.git("commit", "--quiet", "-m", "x");
    person.git("push", "--quiet", "origin", "main");
    const base = person.git("rev-parse", "HEAD").trim();
    await git.fetch(repo);
    const files = { "run.sh": "2", 'dir/ü "quoted"\tname.tf': new Uint8Array([0, 255, 10]) };
    const { commit } = await git.commitToBranch({ ...wish, repo, base, files });
    expect(await git.listFiles(repo, commit)).toEqual([
      { path: 'dir/ü "quoted"\tname.tf', kind: "file" },
      { path: "run.sh", kind: "executable" },
    ]);
    expect(await git.readFile(repo, commit, 'dir/ü "quoted"\tname.tf')).toEqual(new Uint8Array([0, 255, 10]));
  });

  test.each([
    "../x",
    "/etc/passwd",
    "a/../../x",
    "",
    "a//b",
    ".git/config",
    "sub/.GIT/hooks/post-checkout",
    "git~1/x",
    "link/x",
    "link",
    "out",
    "a\\..\\x",
    "file/x",
    "dir",
    "nul\0x",
  ])("the path %j is refused", async (path) => {
    const { git, person, repo } = await gitWorld();
    person.commit("main", { file: "1", "dir/x": "1" });
    person.link("link", "dir");
    person.link("out", "/etc/passwd");
    const base = person.commit("main", {});
    await git.fetch(repo);
    for (const content of ["x", null]) {
      const push = git.commitToBranch({ ...wish, repo, base, files: { [path]: content } });
      await expect(push).rejects.toMatchObject({ code: "path-escapes" });
    }
    expect(person.git("ls-remote", "origin", wish.branch)).toBe("");
  });

  test.each(["-x", "a..b", "a b", "a@{1}", "", "/a", "a:b"])("%j is no branch", async (branch) => {
    const { git, person, repo } = await gitWorld();
    const base = person.commit("main", { a: "1" });
    const push = git.commitToBranch({ ...wish, branch, repo, base, files: { a: "2" } });
    await expect(push).rejects.toMatchObject({ code: "git-failed" });
  });

  test("deleting is done once and may be asked twice", async () => {
    const { git, person, repo } = await gitWorld();
    const base = person.commit("main", { a: "1" });
    await git.fetch(repo);
    await git.commitToBranch({ ...wish, repo, base, files: { a: "2" } });
    await git.deleteBranch(repo, wish.branch);
    await git.deleteBranch(repo, wish.branch);
    expect(person.git("ls-remote", "origin", wish.branch)).toBe("");
    expect(await git.resolve(repo, wish.branch)).toBeNull();
  });

  test("what was moved since it was looked at stays", async () => {
    const { git, person, repo } = await gitWorld();
    const base = person.commit("main", { a: "1" });
    await git.fetch(repo);
    const { commit } = await git.commitToBranch({ ...wish, repo, base, files: { a: "2" } });
    await expect(git.deleteBranch(repo, wish.branch, base)).rejects.toMatchObject({ code: "git-failed" });
    expect(person.git("ls-remote", "origin", wish.branch)).toContain(commit);
    await git.deleteBranch(repo, wish.branch, commit);
    expect(person.git("ls-remote", "origin", wish.branch)).toBe("");
  });
});
