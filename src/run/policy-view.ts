import { openDenials } from "../gate/policies.ts";
import type { PullRef } from "../model/pull.ts";
import type { Run } from "../model/run.ts";
import type { PlanRow } from "../ports/ledger.ts";
import type { WorkspaceView } from "../report/pull-view.ts";
import { isInForce } from "./command-policies.ts";
import { verdictIn } from "./policies.ts";
import { withOwners } from "./policy-approvals.ts";
import type { World } from "./world.ts";

/** What policies say of a workspace's current plan, less what enough owners have approved of exactly that plan. */
export const policyView = async (
  world: World,
  pull: PullRef,
  run: Run,
  plan: PlanRow | null,
): Promise<Pick<WorkspaceView, "policies">> => {
  const verdict = verdictIn(run.result);
  if (!verdict) return {};
  const rows = plan
    ? (await world.ledger.approvals.list(pull)).filter((row) => isInForce(row, plan.head))
    : [];
  const mine = rows.filter(({ workspace }) => workspace === null || workspace === run.workspace);
  const known = await withOwners(world, pull.repo, verdict.denied, mine);
  const open = openDenials(known, mine, plan?.digest ?? "");
  return {
    policies: {
      denied: open.map(({ set, policy, message, named, needs = 1 }) => ({
        set,
        policy,
        message,
        owners: named,
        needs,
      })),
      approved: known.filter((one) => !open.includes(one)),
      warned: verdict.warned,
      dryRun: verdict.dryRun,
      excepted: verdict.excepted,
    },
  };
};
