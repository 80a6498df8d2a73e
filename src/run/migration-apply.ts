import { migrationGate } from "../gate/migrations.ts";
import { ALLOWED, deny } from "../model/decision.ts";
import type { Outcome } from "../model/job.ts";
import { applicationHealth } from "./application-health.ts";
import type { Applied } from "./applied.ts";
import { denied, ended, leftInDoubt } from "./apply-end.ts";
import { approveBackfills, backfillsDue } from "./backfill-approve.ts";
import { frame, type Scratch } from "./frame.ts";
import { type Decided, decideApply } from "./gate-facts.ts";
import { asApproved } from "./migration-begun.ts";
import { migrateOnce } from "./migration-once.ts";
import { type PreparedMigrations, prepareMigrations } from "./migration-prepare.ts";
import { askMigrationProof } from "./migration-proof.ts";
import { makeMigrationPlan, type SavedMigrations } from "./migration-step.ts";
import { historyState, verifyMigrations } from "./migration-verify.ts";
import { patiently } from "./patiently.ts";
import { changesSomething } from "./plan-step.ts";
import { type RunInput, readRunInput } from "./run-input.ts";
import type { World } from "./world.ts";

/**
 * An apply run of migrations, read aloud: check out the merged commit, ask the database where it stands, compare with
 * what was reviewed, ask the gates, run it once, look at history and schema again, keep the evidence.
 */
export const migrationApply =
  (world: World) =>
  (job: { readonly run: string }, signal: AbortSignal): Promise<Outcome> =>
    frame(world, job.run, signal, async (scratch) => {
      const input = readRunInput(scratch.run);
      const prepared = await prepareMigrations(world, scratch, input);
      const start = { engine: false };
      try {
        const fresh = await makeMigrationPlan(world, scratch, prepared, input, { name: "plan" });
        const saved = await asApproved(world, scratch, input, fresh);
        const decision = await scratch.step("gate", () => decide(world, scratch, prepared, input, saved));
        if (!decision.allowed) return await denied(world, scratch, prepared, saved, decision, NO_DRIFT);
        const { stateful, policies } = decision;
        const before = { stateful, policies, state: historyState(saved.standing) };
        await approveBackfills(world, scratch, prepared, saved);
        const applied =
          saved.migration.migrations.length > 0
            ? await migrateOnce(world, scratch, prepared, saved, before, start)
            : nothingToRun(saved);
        const patient = patiently(world);
        const verified = await verifyMigrations(patient, scratch, prepared, input, { applied, saved });
        const health = await applicationHealth(patient, scratch, prepared.tree.commit, { before, applied });
        const end = await ended(patient, scratch, prepared, saved, { before, applied, verified, health });
        return {
          ...end,
          followUps: [...end.followUps, ...(await backfillsDue(world.ledger, scratch.workspace.key))],
        };
      } catch (thrown) {
        if (!start.engine) throw thrown;
        return await leftInDoubt(patiently(world), scratch, thrown);
      } finally {
        await prepared.tree.release();
      }
    });

const NO_DRIFT = { overridden: [], news: false } as const;

/** Where a run before did the last of what was approved, it is applied all the same. */
const nothingToRun = ({ migration }: SavedMigrations): Applied => ({
  ...{ failed: false, log: "", diagnostics: "", frozen: null, killed: false },
  skipped: (migration.begun ?? []).length === 0,
});

/** Files run forward only, so that nothing of what somebody changed by hand is undone silently. */
const decide = async (
  world: World,
  scratch: Scratch,
  prepared: PreparedMigrations,
  input: RunInput,
  saved: SavedMigrations,
): Promise<Decided> => {
  const moved = changesSomething(saved) ? await askMigrationProof(world, scratch, prepared) : [];
  const reasons = [...migrationGate(saved.migration), ...moved];
  const own = reasons.length === 0 ? ALLOWED : deny(...reasons);
  const gates = await decideApply(world, scratch, input, saved, async () => ({
    overriddenDrift: [],
    beyondDrift: [],
  }));
  return {
    ...gates,
    allowed: own.allowed && gates.allowed,
    reasons: [...own.reasons, ...gates.reasons],
  };
};
