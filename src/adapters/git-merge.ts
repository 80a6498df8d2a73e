import type { MergeResult } from "../ports/git.ts";
import type { Mirrors } from "./git-mirror.ts";
import { commitOf, isAncestor, nulParts } from "./git-objects.ts";
import { DEFAULT_IDENTITY, type GitIdentity } from "./git-options.ts";
import { mustWork, type RunGit } from "./git-process.ts";

/** Trial merges by `merge-tree`: no worktree is touched, and the same two commits give the same merge commit. */
export const gitMerge =
  ({ local, options }: Mirrors) =>
  async (repo: string, base: string, head: string): Promise<MergeResult> => {
    const run = await local(repo);
    const [into, from] = [await commitOf(run, base), await commitOf(run, head)];
    if (await isAncestor(run, into, from)) return { commit: from, conflicts: [] };
    if (await isAncestor(run, from, into)) return { commit: into, conflicts: [] };
    const { tree, conflicts } = await mergeTrees(run, into, from);
    if (tree === null) return { commit: null, conflicts };
    const commit = await commitMerge(run, { tree, into, from }, options.identity ?? DEFAULT_IDENTITY);
    const day = options.clock.now().toISOString().slice(0, 10);
    mustWork(
      "Keeping the trial merge",
      await run(["update-ref", `refs/plumbline/merge/${day}/${commit}`, commit]),
    );
    return { commit, conflicts: [] };
  };

/** Folder of the refs that keep trial merges from gc, one sub-folder per day. */
export const MERGE_REFS = "refs/plumbline/merge";

export const mergeTrees = async (
  run: RunGit,
  into: string,
  from: string,
): Promise<{ readonly tree: string | null; readonly conflicts: readonly string[] }> => {
  const result = await run(["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", into, from]);
  // Two histories without a common commit cannot be merged; no single file is to blame.
  if (/refusing to merge unrelated histories/.test(result.stderr)) return { tree: null, conflicts: [] };
  const [tree = null, ...conflicts] =
    result.exitCode === 1 ? nulParts(result.stdout) : nulParts(mustWork("The trial merge", result).stdout);
  return result.exitCode === 1
    ? { tree: null, conflicts: [...new Set(conflicts)].sort() }
    : { tree, conflicts: [] };
};

interface Merge {
  readonly tree: string;
  readonly into: string;
  readonly from: string;
}

const commitMerge = async (run: RunGit, { tree, into, from }: Merge, identity: GitIdentity) => {
  const dates = mustWork(
    "Reading commit dates",
    await run(["log", "--no-walk", "--format=%ct", into, from]),
  ).stdout;
  const newest = Math.max(...dates.toString().trim().split("\n").map(Number));
  const message = `Trial merge of ${from} into ${into}`;
  return commitTree(run, { tree, parents: [into, from], message, at: new Date(newest * 1000) }, identity);
};

/** A commit object of a tree, signed with our name as author and committer. */
export const commitTree = async (
  run: RunGit,
  commit: {
    readonly tree: string;
    readonly parents: readonly string[];
    readonly message: string;
    readonly at: Date;
  },
  { name, email }: GitIdentity,
): Promise<string> => {
  const date = `${Math.floor(commit.at.getTime() / 1000)} +0000`;
  const args = ["commit-tree", commit.tree, ...commit.parents.flatMap((parent) => ["-p", parent]), "-F", "-"];
  const more = {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
    GIT_COMMITTER_DATE: date,
  };
  const made = mustWork("Making a commit", await run(args, { more, input: commit.message }));
  return made.stdout.toString().trim();
};
