import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";

export interface Signature {
  readonly name: string;
  readonly email: string;
}

/** Path -> new content, null deletes. */
export type Files = Readonly<Record<string, string | Uint8Array | null>>;

export interface NewCommit {
  readonly branch: string;
  /** The only parent; null for a first commit. */
  readonly parent: string | null;
  readonly files: Files;
  readonly message: string;
  readonly by: Signature;
  readonly at: Date;
  /** What the branch held may be lost. */
  readonly force?: boolean;
}

/** A bare repository, worked on by plumbing commands. */
export interface Repository {
  readonly dir: string;
  resolve(ref: string): Promise<string | null>;
  /** `refs/heads/...` -> commit. */
  branches(): Promise<ReadonlyMap<string, string>>;
  setRef(ref: string, commit: string | null): Promise<void>;
  /** Writes a commit and moves its branch; returns the new head. */
  commit(commit: NewCommit): Promise<string>;
  commitTree(
    tree: string,
    parents: readonly string[],
    message: string,
    by: Signature,
    at: Date,
  ): Promise<string>;
  /** Tree of the merge, null on conflict. */
  mergeTree(ours: string, theirs: string): Promise<string | null>;
  isAncestor(ancestor: string, descendant: string): Promise<boolean>;
  /** Commits of `from..to`, oldest first, with author and message. */
  log(from: string, to: string): Promise<readonly { commit: string; by: Signature; message: string }[]>;
  /** Copies a branch of another repository into a ref of this one. */
  take(from: Repository, branch: string, ref: string): Promise<void>;
  read(commit: string, path: string): Promise<string | null>;
  /** Line numbers of a file's new text that the diff since the merge base shows, context included. */
  shownLines(base: string, head: string, path: string): Promise<ReadonlySet<number>>;
}

// GitHub lets any commit be fetched that it shows, and nobody push to refs/pull.
const SETTINGS = `
[uploadpack]
	allowAnySHA1InWant = true
	allowFilter = true
[http]
	receivepack = true
[receive]
	hideRefs = refs/pull
	autogc = false
[gc]
	auto = 0
`;

export const createRepository = async (dir: string): Promise<Repository> => {
  await execa("git", ["init", "-q", "--bare", "-b", "main", "--template=", dir], { env: ISOLATED });
  await appendFile(join(dir, "config"), SETTINGS);
  return openRepository(dir);
};

// Nobody's own configuration, hooks or signing keys may reach into the demo.
const ISOLATED = {
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  LC_ALL: "C",
  GIT_TERMINAL_PROMPT: "0",
};

type Run = (
  args: readonly string[],
  options?: { readonly input?: string | Uint8Array; readonly env?: Record<string, string> },
) => Promise<{ readonly stdout: string; readonly exitCode: number }>;

const gitIn =
  (dir: string): Run =>
  async (args, { input = "", env = {} } = {}) => {
    const wish = {
      env: { ...ISOLATED, GIT_DIR: dir, ...env },
      input,
      reject: false,
      stripFinalNewline: false,
    } as const;
    const { stdout, stderr, exitCode } = await execa("git", args, wish);
    // 1 is an answer (no, or a conflict); more is a failure.
    if (exitCode === undefined || exitCode > 1) throw new Error(`git ${args[0]} failed: ${stderr}`);
    return { stdout, exitCode };
  };

export const openRepository = (dir: string): Repository => {
  const git = gitIn(dir);
  const said = async (...args: readonly string[]): Promise<string | null> => {
    const { stdout, exitCode } = await git(args);
    return exitCode === 0 ? stdout.trimEnd() : null;
  };
  return {
    dir,
    resolve: (ref) => said("rev-parse", "--verify", "--quiet", `${ref}^{commit}`),
    async branches() {
      const lines = (await said("for-each-ref", "--format=%(refname) %(objectname)", "refs/heads/")) ?? "";
      return new Map(
        lines.split("\n").flatMap((line) => (line ? [line.split(" ") as [string, string]] : [])),
      );
    },
    async setRef(ref, commit) {
      await git(commit === null ? ["update-ref", "-d", ref] : ["update-ref", ref, commit]);
    },
    commit: (commit) => importCommit(git, commit),
    async commitTree(tree, parents, message, by, at) {
      const args = ["commit-tree", tree, ...parents.flatMap((parent) => ["-p", parent]), "-F", "-"];
      return (await git(args, { input: message, env: signed(by, at) })).stdout.trim();
    },
    async mergeTree(ours, theirs) {
      const merged = await said("merge-tree", "--write-tree", "--no-messages", ours, theirs);
      return merged?.split("\n", 1)[0] ?? null;
    },
    isAncestor: async (ancestor, descendant) =>
      (await said("merge-base", "--is-ancestor", ancestor, descendant)) !== null,
    log: (from, to) => readLog(git, from, to),
    async take(from, branch, ref) {
      await git(["fetch", "-q", "--no-tags", from.dir, `+refs/heads/${branch}:${ref}`]);
    },
    async shownLines(base, head, path) {
      const { stdout } = await git(["diff", "-U3", `${base}...${head}`, "--", path]);
      const hunks = [...stdout.matchAll(/^@@ -\S+ \+(\d+)(?:,(\d+))? @@/gm)];
      return new Set(
        hunks.flatMap(([, start, count = "1"]) =>
          Array.from({ length: Number(count) }, (_, index) => Number(start) + index),
        ),
      );
    },
    async read(commit, path) {
      const entry = await said("ls-tree", commit, "--", path);
      const blob = entry?.split(/[ \t]/)[2];
      return blob ? (await git(["cat-file", "blob", blob])).stdout : null;
    },
  };
};

const signed = ({ name, email }: Signature, at: Date): Record<string, string> => ({
  GIT_AUTHOR_NAME: name,
  GIT_AUTHOR_EMAIL: email,
  GIT_AUTHOR_DATE: `@${Math.floor(at.getTime() / 1000)} +0000`,
  GIT_COMMITTER_NAME: name,
  GIT_COMMITTER_EMAIL: email,
  GIT_COMMITTER_DATE: `@${Math.floor(at.getTime() / 1000)} +0000`,
});

/** One process for any number of files: the commit goes in as a fast-import stream. */
const importCommit = async (git: Run, commit: NewCommit): Promise<string> => {
  const { branch, parent, files, message, by, at, force = false } = commit;
  const ref = `refs/heads/${branch}`;
  const who = `${by.name} <${by.email}> ${Math.floor(at.getTime() / 1000)} +0000`;
  const head = [`commit ${ref}`, "mark :1", `author ${who}`, `committer ${who}`].join("\n");
  const stream = [
    ...(parent === null ? [] : [`reset ${ref}\nfrom ${parent}\n\n`]),
    `${head}\n`,
    ...data(message),
    ...Object.entries(files).flatMap(([path, content]) =>
      content === null ? [`D ${quote(path)}\n`] : [`M 100644 inline ${quote(path)}\n`, ...data(content)],
    ),
    "\nget-mark :1\n",
  ];
  const input = Buffer.concat(stream.map((part) => (typeof part === "string" ? Buffer.from(part) : part)));
  const { stdout } = await git(["fast-import", "--quiet", "--cat-blob-fd=1", ...(force ? ["--force"] : [])], {
    input,
  });
  return stdout.trim();
};

const data = (content: string | Uint8Array): (string | Uint8Array)[] => {
  const bytes = Buffer.from(content);
  return [`data ${bytes.length}\n`, bytes, "\n"];
};

const quote = (path: string): string => `"${path.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;

const readLog = async (git: Run, from: string, to: string) => {
  const format = "--format=%H%x00%an%x00%ae%x00%B%x01";
  const { stdout } = await git(["log", "--reverse", "--topo-order", "--no-merges", format, `${from}..${to}`]);
  return stdout
    .split("\u0001")
    .map((entry) => entry.replace(/^\n/, "").split("\0"))
    .flatMap(([commit, name, email, message]) =>
      commit ? [{ commit, by: { name: name ?? "", email: email ?? "" }, message: message ?? "" }] : [],
    );
};
