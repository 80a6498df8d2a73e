import { revertedBy } from "../gate/silent-revert.ts";
import type { Plan, PlanSummary, RevertedPath } from "../model/plan.ts";
import { readPlan } from "../plan/read.ts";
import type { PlanRow } from "../ports/ledger.ts";
import { changesSomething } from "./plan-step.ts";
import type { World } from "./world.ts";

/** The open findings that applying this plan would undo (design, decision 4). */
export const overriddenBy = async (
  world: World,
  workspace: string,
  plan: Plan,
): Promise<readonly RevertedPath[]> => revertedBy(plan, await world.ledger.findings.open(workspace));

/** The same for a stored plan, read back from its artifact. */
export const overriddenPaths = async (world: World, row: PlanRow): Promise<readonly RevertedPath[]> => {
  if (!row.jsonArtifact) return [];
  const bytes = await world.artifacts.get(row.jsonArtifact);
  return overriddenBy(world, row.workspace, readPlan(new TextDecoder().decode(bytes)));
};

export const planChangesSomething = (row: PlanRow): boolean => {
  const summary = row.summary as unknown as PlanSummary;
  return changesSomething({ summary, inspection: summary.inspection });
};
