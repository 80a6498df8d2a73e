import type { PlanSummary } from "../model/plan.ts";
import type { Rehearsal } from "../model/rehearsal.ts";
import type { Run } from "../model/run.ts";
import type { PastMigration } from "../ports/ledger-migrations.ts";
import type { World } from "./world.ts";

/** The rehearsal of the plan that people looked at; null where none was made. */
export const reviewedRehearsal = async (
  { ledger }: Pick<World, "ledger">,
  { workspace, pull }: Pick<Run, "workspace" | "pull">,
): Promise<Rehearsal | null> => {
  const row = pull ? await ledger.plans.current(workspace, pull) : null;
  const summary = row?.summary as unknown as PlanSummary | undefined;
  return summary?.migration?.rehearsal ?? null;
};

/** How long this very file took in other workspaces, newest first. */
export const elsewhere = async (
  { ledger }: Pick<World, "ledger">,
  { workspace }: Pick<Run, "workspace">,
  { script, checksum }: { readonly script: string; readonly checksum: string },
): Promise<readonly PastMigration[]> =>
  (await ledger.migrations.past(script, checksum, 5)).filter((one) => one.workspace !== workspace);
