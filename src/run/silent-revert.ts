import { beyondDrift, revertedBy } from "../gate/silent-revert.ts";
import { type Finding, isByHand, type OpenFinding } from "../model/finding.ts";
import { isJsonObject } from "../model/json.ts";
import type { PlanSummary, RevertedPath } from "../model/plan.ts";
import type { Run } from "../model/run.ts";
import { readPlan } from "../plan/read.ts";
import type { PlanRow, WorkspaceRow } from "../ports/ledger.ts";
import { findNow } from "./findings.ts";
import { changesSomething, type SavedPlan } from "./plan-step.ts";
import type { World } from "./world.ts";

/**
 * What applying this plan would undo (design, decision 4), and what else it would write. Drift is findings that are open, and those that this very plan is
 * the first to see, since a look for drift may have been skipped or have failed.
 */
export const driftFacts = async (
  world: World,
  workspace: WorkspaceRow,
  saved: SavedPlan,
): Promise<{
  readonly overriddenDrift: readonly RevertedPath[];
  readonly beyondDrift: readonly { readonly address: string; readonly path: string }[];
}> => {
  const { lifecycle } = await findNow(world, workspace, saved);
  const recorded = await world.ledger.findings.open(workspace.key);
  const open = [...recorded, ...asOpen(world, workspace, lifecycle.opened)];
  return { overriddenDrift: revertedBy(saved.plan, open), beyondDrift: beyondDrift(saved.plan, open) };
};

/** Findings of this moment in the form of recorded ones. */
export const asOpen = (
  world: World,
  workspace: WorkspaceRow,
  found: readonly (Finding & { readonly fingerprint: string })[],
): readonly OpenFinding[] => {
  const now = world.clock.now();
  return found
    .filter(isByHand)
    .map((finding) => ({ ...finding, workspace: workspace.key, openedAt: now, lastSeenAt: now }));
};

/** The same for a stored plan, read back from its artifact, and what its run met that nobody had recorded. */
export const overriddenPaths = async (world: World, row: PlanRow): Promise<readonly RevertedPath[]> => {
  if (!row.jsonArtifact) return [];
  const bytes = await world.artifacts.get(row.jsonArtifact);
  const plan = readPlan(new TextDecoder().decode(bytes));
  const known = revertedBy(plan, await world.ledger.findings.open(row.workspace));
  const met = metBy(await world.ledger.runs.get(row.run)).filter(
    (place) => !known.some((one) => one.address === place.address && one.path === place.path),
  );
  return [...known, ...met];
};

const metBy = (run: Run | null): readonly RevertedPath[] => {
  const met = run && isJsonObject(run.result) ? run.result["overridden"] : undefined;
  if (!Array.isArray(met)) return [];
  return (met as unknown as readonly Finding[]).map(({ address, path }) => ({ address, path }));
};

export const planChangesSomething = (row: PlanRow): boolean => {
  const summary = row.summary as unknown as PlanSummary;
  return changesSomething({ summary, inspection: summary.inspection });
};
