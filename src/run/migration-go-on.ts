import type { FollowUp } from "../model/job.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { Scratch } from "./frame.ts";
import { queueApply } from "./merge.ts";
import type { BrokenMigration } from "./migration-broken.ts";
import { readRunInput } from "./run-input.ts";
import type { World } from "./world.ts";

/**
 * Makes the apply that goes on with the approval of the one that stopped, at the commit that was looked at. Every gate
 * is asked again there. Null where that apply, or its plan, is not known any more.
 */
export const applyToGoOn = async (
  world: World,
  { run, workspace }: Pick<Scratch, "run" | "workspace">,
  found: BrokenMigration | null,
  commit: string,
): Promise<((ledger: Ledger) => Promise<FollowUp>) | null> => {
  const apply = found?.apply;
  if (!apply?.pull) return null;
  const plan = await world.ledger.plans.current(workspace.key, apply.pull);
  if (!plan) return null;
  const pull = await world.forge.pull(apply.pull);
  const { intent } = readRunInput(apply);
  return (ledger) => queueApply(world, ledger, pull, plan, { by: run.requestedBy, commit, intent });
};
