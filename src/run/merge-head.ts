import type { PullRequest } from "../model/pull.ts";
import type { World } from "./world.ts";

export interface MergedHead {
  readonly head: string;
  /** Tip of the base branch that the head was merged into. */
  readonly base: string;
  /** The trial merge, null on conflict. */
  readonly commit: string | null;
  readonly conflicts: readonly string[];
  /** The pull request goes into the branch that applies. */
  readonly deployBranch: boolean;
}

/** Plans run on the merge of the head into the current base, and both commits are kept (design, decision 7). */
export const mergeHead = async (world: World, pull: PullRequest): Promise<MergedHead> => {
  const base = (await world.git.resolve(pull.repo, pull.base.ref)) ?? pull.base.sha;
  const { commit, conflicts } = await world.git.merge(pull.repo, base, pull.head.sha);
  const deployBranch = pull.base.ref === (await world.forge.defaultBranch(pull.repo));
  return { head: pull.head.sha, base, commit, conflicts, deployBranch };
};
