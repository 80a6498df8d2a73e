import type { PullRequest } from "../model/pull.ts";
import type { Run } from "../model/run.ts";
import type { Ledger, PlanRow } from "../ports/ledger.ts";

/** Plans that still count; while the pull request is open only those of its head, however late its push is heard of. */
export const currentPlans = async (
  ledger: Ledger,
  pull: PullRequest,
  runs: readonly Run[],
): Promise<readonly PlanRow[]> => {
  const workspaces = [...new Set(runs.filter((run) => run.kind === "plan").map((run) => run.workspace))];
  const plans = await Promise.all(workspaces.map((workspace) => ledger.plans.current(workspace, pull)));
  const kept = plans.filter((plan) => plan !== null);
  return kept.filter((plan) => pull.state !== "open" || plan.head === pull.head.sha);
};
