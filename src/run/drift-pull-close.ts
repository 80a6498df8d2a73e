import type { FindingEnd } from "../model/finding.ts";
import type { PullRequest } from "../model/pull.ts";
import type { WorkspaceRow } from "../ports/ledger.ts";
import { driftBranch, driftClosedComment } from "../report/drift-pull.ts";
import { forgetAsked } from "./drift-asked.ts";
import { othersOn } from "./drift-branch.ts";
import type { World } from "./world.ts";

/** The drift is over: says why, closes the pull request, and takes the branch away where nobody else worked on it. */
export const closeDriftPull = async (
  world: World,
  workspace: WorkspaceRow,
  pull: PullRequest,
): Promise<void> => {
  const why = await lastEnd(world, workspace);
  await world.forge.comment(pull, driftClosedComment(why));
  await world.forge.updatePull(pull, { state: "closed" });
  const row = await world.ledger.pulls.get(pull);
  if (row) await world.ledger.pulls.put({ ...row, state: "closed", updatedAt: world.clock.now() });
  await world.ledger.meta.set(`drift-pull:${workspace.key}`, null);
  await forgetAsked(world, workspace.key);
  await dropOwnBranch(world, workspace, pull);
};

const lastEnd = async (world: World, workspace: WorkspaceRow): Promise<FindingEnd> => {
  const [newest] = await world.ledger.findings.history(workspace.key, 1);
  return newest?.why ?? "resolved-itself";
};

const dropOwnBranch = async (world: World, workspace: WorkspaceRow, pull: PullRequest): Promise<void> => {
  if ((await othersOn(world, pull)).length === 0)
    await world.git.deleteBranch(workspace.repo, driftBranch(workspace.key));
};
