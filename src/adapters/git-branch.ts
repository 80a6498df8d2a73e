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
  deleteBranch: async (repo, branch) => {
    const ref = branchRef(branch);
    const run = await mirrors.local(repo);
    const result = await mirrors.outward(repo, (url) => ["push", "--quiet", "--no-verify", url, `:${ref}`]);
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
  if (tip !== null && (await holdsAlready(run, tip, base, wish))) return { commit: tip, changed: false };
  if (tip !== null) await refuseForeign(run, { tip, base, branch: wish.branch, email: identity.email });
  // A commit without a change is refused by forges as a pull request.
  if (tree === (await treeOf(run, base))) return { commit: tip ?? base, changed: false };
  const at = mirrors.options.clock.now();
  const commit = await commitTree(run, { tree, parents: [base], message: wish.message, at }, identity);
  return (await push(mirrors, wish, { commit, tip })) ? { commit, changed: true } : "moved";
};

// The branch may stay behind its base as long as it says the same, says nothing else, and can still be merged.
const holdsAlready = async (run: RunGit, tip: string, base: string, wish: BranchCommit): Promise<boolean> => {
  const paths = Object.keys(wish.files);
  const entries = await treeEntries(run, tip, paths);
  const files = await blobs(
    run,
    entries.filter((entry) => entry.mode.startsWith("100")),
  );
  const same = paths.every((path) => sameContent(files.get(path), wish.files[path] ?? null));
  if (!same || tip === base) return false;
  const fork = await run(["merge-base", base, tip]);
  if (fork.exitCode !== 0) return false;
  const touched = await changedFiles(run, fork.stdout.toString().trim(), tip);
  if (touched.length === 0 || touched.some((path) => !paths.includes(path))) return false;
  return (await mergeTrees(run, base, tip)).tree !== null;
};

const sameContent = (there: Uint8Array | undefined, wanted: string | Uint8Array | null): boolean =>
  wanted === null || there === undefined
    ? wanted === null && there === undefined
    : Buffer.compare(there, typeof wanted === "string" ? Buffer.from(wanted) : wanted) === 0;

interface OnBranch {
  readonly tip: string;
  readonly base: string;
  readonly branch: string;
  readonly email: string;
}

const refuseForeign = async (run: RunGit, { tip, base, branch, email }: OnBranch): Promise<void> => {
  const listed = mustWork(
    `Reading the commits of ${branch}`,
    await run(["log", "--format=%H %ae %ce", `${base}..${tip}`]),
  );
  const ours = `${email} ${email}`;
  const foreign = listed.stdout
    .toString()
    .split("\n")
    .filter((line) => line !== "" && line.slice(line.indexOf(" ") + 1) !== ours);
  if (foreign.length === 0) return;
  const commits = foreign.map((line) => line.split(" ", 1)[0]!.slice(0, 12));
  throw new PlumblineError(
    "git-foreign-commit",
    `The branch ${branch} holds ${foreign.length === 1 ? "a commit" : `${foreign.length} commits`} of somebody else: ${commits.slice(0, 5).join(", ")}.`,
    { detail: { commits } },
  );
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
