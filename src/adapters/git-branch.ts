import { PlumblineError } from "../model/errors.ts";
import type { BranchCommit, Git } from "../ports/git.ts";
import { treeWithFiles } from "./git-edit.ts";
import { commitTree, mergeTrees } from "./git-merge.ts";
import type { Mirrors } from "./git-mirror.ts";
import { changedFiles, commitOf, resolveRef } from "./git-objects.ts";
import { DEFAULT_IDENTITY } from "./git-options.ts";
import { gitFailed, mustWork, type RunGit } from "./git-process.ts";
import { blobs, treeEntries } from "./git-trees.ts";

/** How often a push starts again after somebody moved the branch between our look and our push. */
const TRIES = 3;

/** Writes a branch of ours: rebuilt from the base each time, never over a commit of somebody else. */
export const gitBranches = (mirrors: Mirrors): Pick<Git, "commitToBranch" | "deleteBranch"> => ({
  commitToBranch: async (wish) => {
    for (let tried = 1; ; tried += 1) {
      await mirrors.fetch(wish.repo);
      const attempt = await tryCommit(mirrors, wish);
      if (attempt !== "moved") return attempt;
      if (tried === TRIES)
        throw gitFailed(`Pushing ${wish.branch}`, "the branch moves with every push of ours");
    }
  },
  deleteBranch: async (repo, branch, at) => {
    const ref = branchRef(branch);
    const run = await mirrors.local(repo);
    const lease = at === undefined ? [] : [`--force-with-lease=${ref}:${at}`];
    const push = ["push", "--quiet", "--no-verify", ...lease];
    const result = await mirrors.outward(repo, (url) => [...push, url, `:${ref}`]);
    if (!/remote ref does not exist/.test(result.stderr)) mustWork(`Deleting ${branch}`, result);
    await run(["update-ref", "-d", ref]);
  },
});

interface Committed {
  readonly commit: string;
  readonly changed: boolean;
}

const tryCommit = async (mirrors: Mirrors, wish: BranchCommit): Promise<Committed | "moved"> => {
  const run = await mirrors.local(wish.repo);
  const base = await commitOf(run, wish.base);
  const identity = mirrors.options.identity ?? DEFAULT_IDENTITY;
  const tip = await resolveRef(run, branchRef(wish.branch));
  const tree = await treeWithFiles(run, base, wish.files);
  if (tip !== null) {
    const same = await saysTheSame(run, tip, wish);
    const foreign = await foreignCommits(run, { tip, base, email: identity.email });
    if (foreign.length > 0 && !same) throw foreignCommit(wish.branch, foreign);
    if (same && (foreign.length > 0 || (await isStillGood(run, tip, base, wish)))) {
      return { commit: tip, changed: false };
    }
  }
  // A commit without a change is refused by forges as a pull request.
  if (tree === (await treeOf(run, base))) return { commit: tip ?? base, changed: false };
  const at = mirrors.options.clock.now();
  const commit = await commitTree(run, { tree, parents: [base], message: wish.message, at }, identity);
  return (await push(mirrors, wish, { commit, tip })) ? { commit, changed: true } : "moved";
};

const saysTheSame = async (run: RunGit, tip: string, wish: BranchCommit): Promise<boolean> => {
  const paths = Object.keys(wish.files);
  const entries = await treeEntries(run, tip, paths);
  const files = await blobs(
    run,
    entries.filter((entry) => entry.mode.startsWith("100")),
  );
  return paths.every((path) => sameContent(files.get(path), wish.files[path] ?? null));
};

// The branch may stay behind its base as long as it says nothing else and can still be merged.
const isStillGood = async (run: RunGit, tip: string, base: string, wish: BranchCommit): Promise<boolean> => {
  const fork = await run(["merge-base", base, tip]);
  if (fork.exitCode !== 0) return false;
  const touched = await changedFiles(run, fork.stdout.toString().trim(), tip);
  if (touched.length === 0 || touched.some((path) => !(path in wish.files))) return false;
  return (await mergeTrees(run, base, tip)).tree !== null;
};

const sameContent = (there: Uint8Array | undefined, wanted: string | Uint8Array | null): boolean =>
  wanted === null || there === undefined
    ? wanted === null && there === undefined
    : Buffer.compare(there, typeof wanted === "string" ? Buffer.from(wanted) : wanted) === 0;

interface OnBranch {
  readonly tip: string;
  readonly base: string;
  readonly email: string;
}

/** Short ids of the commits on the branch that somebody else wrote or committed, newest first. */
const foreignCommits = async (run: RunGit, { tip, base, email }: OnBranch): Promise<readonly string[]> => {
  const range = `${base}..${tip}`;
  const listed = mustWork("Reading a branch", await run(["log", "--format=%h %ae %ce", range]));
  return listed.stdout
    .toString()
    .split("\n")
    .filter((line) => line !== "" && !line.endsWith(` ${email} ${email}`))
    .map((line) => line.split(" ", 1)[0]!);
};

const foreignCommit = (branch: string, commits: readonly string[]): PlumblineError => {
  const what = commits.length === 1 ? "a commit" : `${commits.length} commits`;
  const message = `The branch ${branch} holds ${what} of somebody else: ${commits.slice(0, 5).join(", ")}.`;
  return new PlumblineError("git-foreign-commit", message, { detail: { commits } });
};

const treeOf = async (run: RunGit, commit: string): Promise<string> =>
  mustWork("Reading a tree", await run(["rev-parse", "--verify", `${commit}^{tree}`]))
    .stdout.toString()
    .trim();

/** False when the branch is not where we saw it. */
const push = async (
  mirrors: Mirrors,
  { repo, branch }: BranchCommit,
  { commit, tip }: { readonly commit: string; readonly tip: string | null },
): Promise<boolean> => {
  const ref = branchRef(branch);
  const result = await mirrors.outward(repo, (url) => [
    "push",
    "--quiet",
    "--no-verify",
    `--force-with-lease=${ref}:${tip ?? ""}`,
    url,
    `${commit}:${ref}`,
  ]);
  if (/\(stale info\)|\(fetch first\)|cannot lock ref|reference already exists/.test(result.stderr))
    return false;
  mustWork(`Pushing ${branch}`, result);
  const run = await mirrors.local(repo);
  await run(["update-ref", ref, commit]);
  return true;
};

const branchRef = (branch: string): string => {
  const name = branch.replace(/^refs\/heads\//, "");
  if (BRANCH.test(name) && !name.includes("..") && !name.includes("@{")) return `refs/heads/${name}`;
  throw new PlumblineError("git-failed", `${JSON.stringify(branch)} is no name for a branch.`);
};

const BRANCH = /^[^\s~^:?*[\\\p{Cc}/-][^\s~^:?*[\\\p{Cc}]*$/u;
