import { holdsBeforePlan } from "../gate/before-plan.ts";
import type { JobOf } from "../model/job.ts";
import { PLAN_GATE, type PlanGatePolicy, type PlanHold } from "../model/plan-gate.ts";
import { type PullRequest, permits } from "../model/pull.ts";
import { titleOf } from "../model/workspace.ts";
import type { Affected, AffectedWorkspace } from "./affected.ts";
import type { MergedHead } from "./merge-head.ts";
import { gateCode, type ReadCode } from "./plan-gate-code.ts";
import { type Held, stillHeld } from "./plan-gate-word.ts";
import type { World } from "./world.ts";

/** Parts what may be planned from what waits for a maintainer's word, which the notes ask for. */
export type PlanGate = (
  affected: Affected,
) => Promise<{ readonly affected: Affected; readonly notes: readonly string[] }>;

/**
 * The static gate (decision 11): before any engine runs on a head, its code is compared with the protected branch.
 * A maintainer's `plumbline plan` lets go on what was shown for this very head; it is recorded in the audit log.
 */
export const beforePlan = async (
  world: World,
  pull: PullRequest,
  merged: MergedHead,
  job: JobOf<"assess">,
): Promise<PlanGate> => {
  const policy = world.server.planGate ?? PLAN_GATE;
  const { commit } = merged;
  if (commit === null) return async (affected) => ({ affected, notes: [] });
  const branch = await world.forge.defaultBranch(pull.repo);
  const standing = (await world.git.resolve(pull.repo, branch)) ?? merged.base;
  const read = gateCode(world, pull.repo, { head: commit, standing });
  const mayLetGo = await isLetGoBy(world, pull, job, policy);
  return async (affected) => {
    const held: Held[] = [];
    for (const workspace of affected.workspaces) {
      const holds = workspace.destroy ? [] : await holdsOf(read, workspace, policy);
      if (holds.length > 0) held.push({ workspace, holds });
    }
    const open = await stillHeld(world, pull, held, mayLetGo ? job.by : null);
    const waits = new Set(open.map(({ workspace }) => workspace));
    return {
      affected: { ...affected, workspaces: affected.workspaces.filter((one) => !waits.has(one)) },
      notes: open.flatMap((one) => noteOf(one, { policy, branch, trigger: world.server.triggerWords[0] })),
    };
  };
};

/** Most heads bring nothing: the whole protected branch is read only where something is not in the same folders. */
const holdsOf = async (
  read: ReadCode,
  workspace: AffectedWorkspace,
  policy: PlanGatePolicy,
): Promise<readonly PlanHold[]> => {
  const folders = await read.head(workspace);
  const input = { folders, changed: await read.changed(), policy };
  const near = await read.standing(folders.map(({ dir }) => dir));
  const holds = holdsBeforePlan({ ...input, standing: near });
  return holds.length === 0 ? [] : holdsBeforePlan({ ...input, standing: await read.standing() });
};

const isLetGoBy = async (
  world: World,
  { repo }: PullRequest,
  { trigger, by }: JobOf<"assess">,
  { permission }: PlanGatePolicy,
): Promise<boolean> => trigger === "command" && permits(await world.forge.permission(repo, by), permission);

const SHOWN = 10;

const noteOf = (
  { workspace, holds }: Held,
  {
    policy,
    branch,
    trigger,
  }: { readonly policy: PlanGatePolicy; readonly branch: string; readonly trigger: string | undefined },
): readonly string[] => {
  const title = titleOf(workspace.id);
  const denied = holds.some(({ verdict }) => verdict === "deny");
  const wayOut = denied
    ? "this server's plan_gate does not let it be planned: take it out, or ask the operator."
    : `nothing of it has run. Somebody with ${policy.permission} permission reads it and comments ${trigger ?? "plumbline"} plan.`;
  const lines = holds
    .slice(0, SHOWN)
    .map(({ path, line, message }) => `${line === null ? path : `${path}:${line}`}: ${message}`);
  const more = holds.length > SHOWN ? [`${title}: and ${holds.length - SHOWN} more.`] : [];
  return [
    `${title} is not planned: it brings what ${branch} does not have, and ${wayOut}`,
    ...lines,
    ...more,
  ];
};
