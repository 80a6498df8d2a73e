import type { FollowUp } from "../model/job.ts";
import type { PullRequest } from "../model/pull.ts";
import { workspaceKey } from "../model/workspace.ts";
import { affectedBy } from "./affected.ts";
import type { World } from "./world.ts";

/** What a pull request is told whose plan nobody has seen; also the answer to `plumbline plan` after the merge. */
export const UNPLANNED =
  "It was merged before it was planned, so nobody has reviewed what it does, and **nothing was applied**. " +
  "The next pull request that touches these workspaces plans this change too, and its merge applies both.";

/**
 * Merged into the deploy branch without any run of ours, though it touches workspaces: its deliveries were lost, or
 * somebody did not wait. Said once, or nobody would know that the code says more than is there.
 */
export const sayUnplanned = async (world: World, pull: PullRequest): Promise<readonly FollowUp[]> => {
  const { repo, number, head, base } = pull;
  if ((await world.ledger.runs.list({ pull, limit: 1 })).length > 0) return [];
  const before = await world.git.mergeBase(repo, base.sha, head.sha);
  if (before === null) return [];
  const own = { head: head.sha, base: before, commit: head.sha, conflicts: [], deployBranch: true };
  const { workspaces } = await affectedBy(world, pull, own);
  if (workspaces.length === 0) return [];
  const named = workspaces.map(({ id }) => `\`${workspaceKey(id).replace(`${repo}//`, "")}\``).join(", ");
  const body = `${UNPLANNED}\n\nIts workspaces: ${named}`;
  return [{ job: { kind: "reply", pull: { repo, number }, key: "unplanned", body } }];
};
