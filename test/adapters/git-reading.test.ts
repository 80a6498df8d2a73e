import { once } from "node:events";
import { chmodSync, existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { commitHere } from "../../src/run/commit-here.ts";
import { gitWorld } from "../contract/git-world.ts";

const text = (bytes: Uint8Array | null | undefined): string | null =>
  bytes ? new TextDecoder().decode(bytes) : null;

describe("fetching", () => {
  test("brings branches and heads of pull requests, and forgets what the remote deleted", async () => {
    const { git, person, repo } = await gitWorld();
    const first = person.commit("main", { "main.tf": "a" });
    const head = person.commit("feature", { "main.tf": "b" });
    person.git("push", "--quiet", "origin", `${head}:refs/pull/7/head`);
    await git.fetch(repo);
    expect(await git.resolve(repo, "main")).toBe(first);
    expect(await git.resolve(repo, "pull/7/head")).toBe(head);
    expect(await git.resolve(repo, head)).toBe(head);
    expect(await git.resolve(repo, "nowhere")).toBeNull();
    expect(await git.resolve(repo, "0".repeat(40))).toBeNull();

    person.git("push", "--quiet", "origin", ":feature");
    await git.fetch(repo);
    expect(await git.resolve(repo, "feature")).toBeNull();
  });

  test("follows a force push", async () => {
    const { git, person, repo } = await gitWorld();
    person.commit("main", { "main.tf": "a" });
    const old = person.commit("feature", { "main.tf": "b" });
    await git.fetch(repo);
    person.git("reset", "--quiet", "--hard", "main");
    const fresh = person.commit("feature", { "main.tf": "c" });
    await git.fetch(repo);
    expect(await git.resolve(repo, "feature")).toBe(fresh);
    expect(await git.resolve(repo, old)).toBe(old);
  });

  test("a branch that becomes a folder of branches is no obstacle", async () => {
    const { git, person, repo } = await gitWorld();
    person.commit("main", { "main.tf": "a" });
    person.git("push", "--quiet", "origin", "main:topic");
    await git.fetch(repo);
    person.git("push", "--quiet", "origin", ":topic");
    person.git("push", "--quiet", "origin", "main:topic/one");
    await git.fetch(repo);
    expect(await git.resolve(repo, "topic")).toBeNull();
    expect(await git.resolve(repo, "topic/one")).not.toBeNull();
  });

  test("locks that a killed git left do not stop the next one; those of a living git do", async () => {
    const { git, person, repo, root, clock } = await gitWorld();
    person.commit("main", { a: "1" });
    await git.fetch(repo);
    const second = person.commit("main", { a: "2" });
    const [mirror = ""] = readdirSync(join(root, "mirrors"));
    const lock = join(root, "mirrors", mirror, "refs/heads/main.lock");
    writeFileSync(lock, "");
    const seconds = clock.time / 1000;
    utimesSync(lock, seconds - 60, seconds - 60);
    await expect(git.fetch(repo)).rejects.toMatchObject({ code: "git-failed" });
    utimesSync(lock, seconds - 3600, seconds - 3600);
    await git.fetch(repo);
    expect(await git.resolve(repo, "main")).toBe(second);
  });

  test("callers at the same time share one conversation with the remote", async () => {
    const { git, person, repo, remote } = await gitWorld();
    person.commit("main", { "main.tf": "a" });
    await Promise.all(Array.from({ length: 20 }, () => git.fetch(repo)));
    const talks = remote.requests.filter((line) => line.startsWith("GET")).length;
    // One fetch asks once without and once with the password; a late caller may need one more fetch.
    expect(talks).toBeLessThanOrEqual(4);
  });

  test("a wrong password is one sentence, and the password is in none of it", async () => {
    const { git, repo, learned } = await gitWorld({
      access: async () => ({ url: "http://127.0.0.1:1/x.git", username: "u", password: "hunter2-hunter2" }),
    });
    const failure = await git.fetch(repo).then(
      () => null,
      (error: unknown) => error as Error & { code: string; detail: object },
    );
    expect(failure?.code).toBe("git-failed");
    expect(failure?.message).toContain("Fetching acme/infra failed");
    expect(JSON.stringify([failure?.message, failure?.detail])).not.toContain("hunter2");
    expect(learned).toContain("hunter2-hunter2");
  });

  test.each([["https://user:pw@host/x.git"], ["ext::sh -c touch"], ["--upload-pack=x"], ["git://host/x"]])(
    "the address %s is refused",
    async (url) => {
      const { git, repo } = await gitWorld({ access: async () => ({ url, username: "u", password: "p" }) });
      await expect(git.fetch(repo)).rejects.toMatchObject({ code: "git-failed" });
    },
  );

  test("a local path works as a file URL", async () => {
    const other = await gitWorld();
    other.person.commit("main", { "main.tf": "a" });
    const { git, repo } = await gitWorld({
      access: async () => ({ url: `file://${other.person.bare}`, username: "", password: "" }),
    });
    await git.fetch(repo);
    expect(await git.resolve(repo, "main")).not.toBeNull();
  });
});

describe("secrets", () => {
  test("the token is in no file below the root and in no argument of git", async () => {
    const { git, person, repo, root, remote } = await gitWorld({ env: { PATH: process.env["PATH"] } });
    const commit = person.commit("main", { "main.tf": "a" });
    const seen: string[] = [];
    const watch = setInterval(() => seen.push(...commandLines()), 1);
    await git.fetch(repo);
    const tree = await git.checkout(repo, commit, "acme/infra//.#default");
    await git.commitToBranch({ repo, branch: "ours", base: commit, files: { a: "b" }, message: "m" });
    clearInterval(watch);
    expect(seen.filter((line) => line.startsWith("git\0")).length).toBeGreaterThan(0);
    expect(seen.filter((line) => line.includes(remote.password))).toEqual([]);
    const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    expect(files.length).toBeGreaterThan(5);
    for (const file of files) {
      expect(readFileSync(join(file.parentPath, file.name)).includes(remote.password), file.name).toBe(false);
    }
    await tree.release();
  });

  test("a redirect to another origin gets no credentials", async () => {
    const asked: string[] = [];
    const note = (name: string, request: IncomingMessage): void =>
      void asked.push(`${name}: ${request.headers.authorization ? "with credentials" : "nameless"}`);
    const elsewhere = await listen((request, response) => {
      note("elsewhere", request);
      response.writeHead(401, { "www-authenticate": "Basic" }).end();
    });
    const home = await listen((request, response) => {
      note("home", request);
      response.writeHead(302, { location: `${elsewhere}${request.url}` }).end();
    });
    const { git, repo } = await gitWorld({
      access: async () => ({ url: `${home}/acme/infra.git`, username: "me", password: "a password" }),
    });
    await expect(git.fetch(repo)).rejects.toMatchObject({ code: "git-failed" });
    expect(asked).toEqual(["home: with credentials", "elsewhere: nameless"]);
  });

  test("hooks and configuration of the user are not looked at", async () => {
    const { git, person, repo, root } = await gitWorld({
      env: {
        ...process.env,
        GIT_CONFIG_COUNT: "1",
        GIT_CONFIG_KEY_0: "core.bare",
        GIT_CONFIG_VALUE_0: "x",
        GIT_DIR: "/nowhere",
      },
    });
    person.commit("main", { "main.tf": "a" });
    await git.fetch(repo);
    expect(await git.resolve(repo, "main")).not.toBeNull();
    expect(existsSync(join(root, "mirrors"))).toBe(true);
  });
});

const listen = async (answer: RequestListener): Promise<string> => {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => server.closeAllConnections());
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const commandLines = (): string[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8");
      } catch {
        return "";
      }
    });

describe("reading", () => {
  test("files, kinds and contents at a commit", async () => {
    const { git, person, repo } = await gitWorld();
    person.commit("main", { "a/b c.tf": "one", "ü.tf": "two\n", "run.sh": "#!" });
    chmodSync(join(person.dir, "run.sh"), 0o755);
    person.link("link", "a/b c.tf");
    const commit = person.commit("main", {});
    await git.fetch(repo);
    expect(await git.listFiles(repo, commit)).toEqual([
      { path: "a/b c.tf", kind: "file" },
      { path: "link", kind: "symlink" },
      { path: "run.sh", kind: "executable" },
      { path: "ü.tf", kind: "file" },
    ]);
    expect(await git.listFiles(repo, commit, "a")).toEqual([{ path: "a/b c.tf", kind: "file" }]);
    expect(text(await git.readFile(repo, commit, "a/b c.tf"))).toBe("one");
    for (const path of ["nowhere", "a", "link", "", "../x", "/etc/passwd"]) {
      expect(await git.readFile(repo, commit, path), path).toBeNull();
    }
    const many = await git.readFiles(repo, commit, ["ü.tf", "nowhere", "run.sh"]);
    expect([...many].map(([path, bytes]) => [path, text(bytes)]).sort()).toEqual([
      ["run.sh", "#!"],
      ["ü.tf", "two\n"],
    ]);
  });

  test("thousands of files at once", async () => {
    const { git, person, repo } = await gitWorld();
    const names = Array.from(
      { length: 3_000 },
      (_, index) => `modules/with-a-rather-long-name/file-${index}.tf`,
    );
    const commit = person.commit("main", Object.fromEntries(names.map((name) => [name, name])));
    await git.fetch(repo);
    const read = await git.readFiles(repo, commit, names);
    expect(read.size).toBe(3_000);
    expect(text(read.get(names[2_999]!))).toBe(names[2_999]);
  });

  test("changed files name both ends of a rename", async () => {
    const { git, person, repo } = await gitWorld();
    const body = "a rather long text, so that a rename would be seen\n".repeat(10);
    const from = person.commit("main", { "old.tf": body, "same.tf": "x" });
    const to = person.commit("main", { "old.tf": null, "new.tf": body });
    await git.fetch(repo);
    expect(await git.changedFiles(repo, from, to)).toEqual(["new.tf", "old.tf"]);
    expect(await git.changedFiles(repo, from, from)).toEqual([]);
  });

  test("ancestry", async () => {
    const { git, person, repo } = await gitWorld();
    const first = person.commit("main", { a: "1" });
    const second = person.commit("main", { a: "2" });
    person.git("checkout", "--quiet", "-b", "side", first);
    const side = person.commit("side", { b: "1" });
    await git.fetch(repo);
    expect(await git.mergeBase(repo, second, side)).toBe(first);
    expect(await git.isAncestor(repo, first, side)).toBe(true);
    expect(await git.isAncestor(repo, second, side)).toBe(false);
    person.git("checkout", "--quiet", "--orphan", "alone");
    const alone = person.commit("alone", { z: "1" });
    await git.fetch(repo);
    expect(await git.mergeBase(repo, alone, side)).toBeNull();
  });

  test("a commit that is gone is told as rewritten, not as broken", async () => {
    const { git, person, repo } = await gitWorld();
    const first = person.commit("main", { a: "1" });
    await git.fetch(repo);
    const gone = "1234567890".repeat(4);
    for (const call of [
      () => git.changedFiles(repo, first, gone),
      () => git.listFiles(repo, gone),
      () => git.mergeBase(repo, first, gone),
      () => git.isAncestor(repo, gone, first),
      () => git.merge(repo, first, gone),
      () => git.contributors(repo, first, gone),
      () => git.treeHash(repo, gone, ["a"]),
      () => git.checkout(repo, gone, "slot"),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: "git-rewritten" });
    }
  });

  test("the tree hash follows content, mode and presence of what is named, and nothing else", async () => {
    const { git, person, repo } = await gitWorld();
    const one = person.commit("main", { "m/a.tf": "1", "m/b.tf": "2", other: "x" });
    const two = person.commit("main", { other: "y" });
    const three = person.commit("main", { "m/a.tf": "3" });
    const four = person.commit("main", { "m/a.tf": "1", other: "x" });
    await git.fetch(repo);
    const hash = (commit: string, ...paths: string[]) => git.treeHash(repo, commit, paths);
    expect(await hash(one, "m")).toBe(await hash(two, "m"));
    expect(await hash(one, "m")).toBe(await hash(four, "m/"));
    expect(await hash(one, "m")).not.toBe(await hash(three, "m"));
    expect(await hash(one, "m", "missing")).not.toBe(await hash(one, "m"));
    expect(await hash(one, "m/b.tf", "other")).toBe(await hash(one, "other", "m/b.tf"));
    expect(await hash(one, ".")).toBe(await hash(four, "."));
    expect(await hash(one, ".")).not.toBe(await hash(two, "."));
  });

  test("contributors are authors, committers and co-authors", async () => {
    const { git, person, repo } = await gitWorld();
    const from = person.commit("main", { a: "1" });
    person.git("config", "user.email", "x@x");
    person.commit("main", { a: "2" }, "Two\n\nCo-authored-by: Bob <12+bob@users.noreply.github.com>");
    person.git("commit", "--quiet", "--amend", "--no-edit", "--author", "Eve <eve@example.org>");
    person.git("push", "--quiet", "--force", "origin", "main");
    const to = person.git("rev-parse", "HEAD").trim();
    await git.fetch(repo);
    expect(await git.contributors(repo, from, to)).toEqual([
      "12+bob@users.noreply.github.com",
      "ada@example.org",
      "bob",
      "eve@example.org",
    ]);
    expect(await git.contributors(repo, to, to)).toEqual([]);
  });
});

describe("another replica has fetched what this one has not", () => {
  test("a commit that is missing here is fetched when it is read; one that is nowhere stays gone", async () => {
    const { git, person, repo } = await gitWorld();
    const first = person.commit("main", { "main.tf": "a" });
    await git.fetch(repo);
    const second = person.commit("main", { "main.tf": "b" });
    expect(await git.changedFiles(repo, first, second)).toEqual(["main.tf"]);
    const third = person.commit("main", { "main.tf": "c", "other.tf": "d" });
    expect((await git.listFiles(repo, third)).map(({ path }) => path)).toEqual(["main.tf", "other.tf"]);
    await expect(git.listFiles(repo, "1".repeat(40))).rejects.toMatchObject({ code: "git-rewritten" });
  });

  test("a trial merge that was made there is made here, the same", async () => {
    const { git, remote, person, repo } = await gitWorld();
    const other = await gitWorld({
      access: async () => ({
        url: remote.url(repo),
        username: remote.username,
        password: remote.password,
      }),
    });
    const old = person.commit("main", { "main.tf": "a" });
    const head = person.commit("feature", { "feature.tf": "b" });
    person.git("checkout", "--quiet", "-B", "main", old);
    const base = person.commit("main", { "main.tf": "c" });
    await git.fetch(repo);
    const { commit } = await git.merge(repo, base, head);
    await commitHere({ git: other.git }, repo, { base, head }, commit ?? "");
    expect(await other.git.resolve(repo, commit ?? "")).toBe(commit);
  });
});
