import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { delimiter, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { freePort } from "../contract/free-port.ts";
import { gitWorld } from "../contract/git-world.ts";

const found = (name: string, more: readonly string[] = []): string | null =>
  [...(process.env["PATH"] ?? "").split(delimiter), ...more]
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path)) ?? null;
const [sshd, ssh, lfs] = [found("sshd", ["/usr/sbin"]), found("ssh"), found("git-lfs")];

/** A real sshd of this user on loopback, and a folder whose `ssh` knows its host and has a key for it. */
const sshServer = async () => {
  const dir = mkdtempSync(join(tmpdir(), "plumbline-ssh-"));
  const file = (name: string): string => join(dir, name);
  // Packages make it when a machine starts, and sshd wants it of root alone.
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  for (const key of ["host", "user"])
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file(key)]);
  const port = await freePort();
  writeFileSync(file("authorized"), readFileSync(file("user.pub")));
  const settings = [
    ...[`Port ${port}`, "ListenAddress 127.0.0.1", `HostKey ${file("host")}`, "UsePAM no", "StrictModes no"],
    ...[`AuthorizedKeysFile ${file("authorized")}`, "PasswordAuthentication no", `PidFile ${file("pid")}`],
  ];
  writeFileSync(file("config"), `${settings.join("\n")}\n`);
  const server = spawn(sshd ?? "", ["-D", "-e", "-f", file("config")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  onTestFinished(() => {
    server.kill();
    rmSync(dir, { recursive: true, force: true });
  });
  await new Promise<void>((ready, failed) => {
    let said = "";
    server.stderr.on("data", (part: Buffer) => {
      said += part;
      if (said.includes("Server listening")) ready();
    });
    server.once("exit", () => failed(new Error(said)));
  });
  const known = (host: string) =>
    writeFileSync(file("known"), `[127.0.0.1]:${port} ${readFileSync(file(host), "utf8")}`);
  known("host.pub");
  const given = `-F none -i ${file("user")} -o IdentitiesOnly=yes -o UserKnownHostsFile=${file("known")}`;
  writeFileSync(file("ssh"), `#!/bin/sh\nexec '${ssh}' ${given} "$@"\n`);
  chmodSync(file("ssh"), 0o755);
  const env = { ...process.env, PATH: `${dir}${delimiter}${process.env["PATH"]}` };
  const url = (path: string): string => `ssh://${userInfo().username}@127.0.0.1:${port}${path}`;
  return { env, url, known };
};

test.skipIf(!sshd || !ssh)(
  "a remote over SSH (skipped without sshd) is read and written; an unknown host is not",
  async () => {
    const { env, url, known } = await sshServer();
    const place = { bare: "" };
    const world = await gitWorld({
      env,
      access: async () => ({ url: url(place.bare), username: "", password: "" }),
    });
    const { git, person, repo } = world;
    place.bare = person.bare;
    const commit = person.commit("main", { "app/main.tf": "# one\n" });
    await git.fetch(repo);
    const tree = await git.checkout(repo, commit, "slot");
    expect(readFileSync(join(tree.root, "app/main.tf"), "utf8")).toBe("# one\n");
    await tree.release();
    const pushed = await git.commitToBranch({
      ...{ repo, base: commit, branch: "plumbline/drift", message: "Drift" },
      files: { "app/main.tf": "# two\n" },
    });
    expect(person.git("ls-remote", "origin", "plumbline/drift")).toContain(pushed.commit);

    known("user.pub");
    await expect(git.fetch(repo)).rejects.toMatchObject({ code: "git-failed" });
  },
  30_000,
);

const LARGE = "the large file\n";
const OID = createHash("sha256").update(LARGE).digest("hex");
const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${OID}\nsize ${LARGE.length}\n`;

describe("large files of Git LFS", () => {
  const checkedOut = async (fetched: boolean, fill = true) => {
    const { git, person, repo, remote } = await gitWorld({ lfs: fetched });
    if (fill) remote.large.set(OID, LARGE);
    const attributes = "*.zip filter=lfs diff=lfs merge=lfs -text\n";
    const commit = person.commit("main", { ".gitattributes": attributes, "app/code.zip": POINTER });
    await git.fetch(repo);
    const tree = await git.checkout(repo, commit, "slot");
    const text = readFileSync(join(tree.root, "app/code.zip"), "utf8");
    await tree.release();
    return { text, requests: remote.requests };
  };

  test.skipIf(!lfs)(
    "are fetched with the repository's own login where they shall be (skipped without git-lfs)",
    async () => {
      expect((await checkedOut(true)).text).toBe(LARGE);
    },
  );

  test("that cannot be had stop the checkout", async () => {
    await expect(checkedOut(true, false)).rejects.toMatchObject({ code: "git-failed" });
  });

  test("stay pointers where they shall not, and nobody is asked", async () => {
    const { text, requests } = await checkedOut(false);
    expect(text).toBe(POINTER);
    expect(requests.filter((one) => one.includes("/info/lfs"))).toEqual([]);
  });
});
