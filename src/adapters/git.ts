import type { Git } from "../ports/git.ts";
import { gitBranches } from "./git-branch.ts";
import { gitMerge } from "./git-merge.ts";
import { createMirrors } from "./git-mirror.ts";
import { gitReading } from "./git-objects.ts";
import type { GitOptions } from "./git-options.ts";
import { refreshing } from "./git-refresh.ts";
import { gitTidy } from "./git-tidy.ts";
import { createWorktrees } from "./git-worktree.ts";

/** Git on this machine: a bare mirror per repository, worktrees at stable paths, nothing of the user's own set-up. */
export const createGit = (options: GitOptions): Git => {
  const mirrors = createMirrors(options);
  const worktrees = createWorktrees(mirrors);
  return {
    fetch: mirrors.fetch,
    ...refreshing({ ...gitReading(mirrors), merge: gitMerge(mirrors) }, mirrors.fetch),
    checkout: worktrees.checkout,
    pathOf: worktrees.pathOf,
    ...gitBranches(mirrors),
    tidy: gitTidy(mirrors, worktrees),
  };
};
