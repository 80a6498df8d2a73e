import type { FollowUp } from "../model/job.ts";
import type { PullRequest } from "../model/pull.ts";
import { isSettled, type Run } from "../model/run.ts";
import { workspaceKey } from "../model/workspace.ts";
import type { Ledger } from "../ports/ledger.ts";
import { affectedBy } from "./affected.ts";
import { releaseLock } from "./close.ts";
import { readRunInput } from "./run-input.ts";
import type { World } from "./world.ts";

/** What a pull request is told whose plan nobody has seen; also the answer to `plumbline plan` after the merge. */
export const UNPLANNED =
  "It was merged before it was planned, so nobody has reviewed what it does, and **nothing was applied**. " +
  "The next pull request that touches these workspaces plans this change too, and its merge applies both.";

/**
 * Merged into the deploy branch without a plan of ours, though it touches workspaces: its deliveries were lost, somebody
 * did not wait, or a plan came to no end. Said in one comment, or nobody would know that the code says more than is there.
 */
export const sayUnplanned = async (world: World, pull: PullRequest): Promise<readonly FollowUp[]> => {
  const { repo, number } = pull;
  const runs = await world.ledger.runs.list({ pull });
  const workspaces = runs.length > 0 ? await unplanned(world, pull, runs) : await touched(world, pull);
  if (workspaces.length === 0) return [];
  const named = workspaces.map((key) => `\`${key.replace(`${repo}//`, "")}\``).join(", ");
  const body = `${UNPLANNED}\n\nIts workspaces: ${named}`;
  return [{ job: { kind: "reply", pull: { repo, number }, key: "unplanned", body } }];
};

/** Gives up their locks: nothing of it will be applied, and the next pull request is to plan what it brought. */
export const letUnplannedGo = async (ledger: Ledger, pull: PullRequest): Promise<readonly FollowUp[]> => {
  const jobs: FollowUp[] = [];
  for (const workspace of await unplanned({ ledger }, pull, await ledger.runs.list({ pull })))
    jobs.push(...(await releaseLock(ledger, workspace, pull)));
  return jobs;
};

/** Its workspaces that have no plan and were not applied; none while something of it is still on its way. */
export const unplanned = async (
  { ledger }: Pick<World, "ledger">,
  pull: PullRequest,
  runs: readonly Run[],
): Promise<readonly string[]> => {
  const mine = runs.filter(({ kind, head }) => kind === "plan" && head === pull.head.sha);
  if (mine.some(({ state }) => !isSettled(state))) return [];
  const applied = new Set(runs.filter(({ kind }) => kind === "apply").map(({ workspace }) => workspace));
  const found: string[] = [];
  for (const workspace of new Set(mine.map((run) => run.workspace))) {
    if (applied.has(workspace) || (await ledger.plans.current(workspace, pull)) !== null) continue;
    // What waits for the apply of another workspace is planned after it.
    const waits = mine.some(
      (run) => run.workspace === workspace && readRunInput(run).provisionalOn.length > 0,
    );
    if (!waits) found.push(workspace);
  }
  return found.sort();
};

const touched = async (world: World, pull: PullRequest): Promise<readonly string[]> => {
  const { repo, head, base } = pull;
  const before = await world.git.mergeBase(repo, base.sha, head.sha);
  if (before === null) return [];
  const own = { head: head.sha, base: before, commit: head.sha, conflicts: [], deployBranch: true };
  const { workspaces } = await affectedBy(world, pull, own);
  return workspaces.map(({ id }) => workspaceKey(id));
};
