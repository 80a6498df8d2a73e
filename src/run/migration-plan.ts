import { migrationGate } from "../gate/migrations.ts";
import { rehearsalGates } from "../gate/rehearsal.ts";
import type { GateReason } from "../model/decision.ts";
import { PlumblineError } from "../model/errors.ts";
import { type Finding, isByHand } from "../model/finding.ts";
import type { Outcome } from "../model/job.ts";
import type { Json, JsonObject } from "../model/json.ts";
import type { MigrationSummary } from "../model/migration.ts";
import type { PolicyVerdict } from "../model/policy.ts";
import { frame, type Scratch } from "./frame.ts";
import { type PreparedMigrations, prepareMigrations } from "./migration-prepare.ts";
import { ownProof, provenPurpose } from "./migration-proof.ts";
import { makeMigrationPlan, type SavedMigrations } from "./migration-step.ts";
import { keepPlan } from "./plan-run.ts";
import { withVerdict } from "./policies.ts";
import { policyStep } from "./policy-step.ts";
import { readRunInput } from "./run-input.ts";
import { publishSoon, type Settled } from "./settle-run.ts";
import type { World } from "./world.ts";

/** A plan run of migrations, read aloud: check out, ask the database where it stands, judge, keep, publish. */
export const migrationPlan =
  (world: World) =>
  (job: { readonly run: string }, signal: AbortSignal): Promise<Outcome> =>
    frame(world, job.run, signal, async (scratch) => {
      const input = readRunInput(scratch.run);
      const prepared = await prepareMigrations(world, scratch, input);
      scratch.afterwards(() => prepared.tree.release());
      const saved = await makeMigrationPlan(world, scratch, prepared, input, {
        name: "plan",
        rehearse: true,
      });
      const row = await scratch.step("keep", () => keepPlan(world, scratch, prepared, saved));
      const policies = await policyStep(world, scratch, input, saved);
      const ended = await planned(world, scratch, prepared, saved, policies);
      return { ...ended, store: (ledger) => ledger.plans.add(row) };
    });

/** A plan that nobody may apply failed, and is kept and shown all the same. */
const planned = async (
  world: World,
  scratch: Scratch,
  prepared: PreparedMigrations,
  saved: SavedMigrations,
  policies: PolicyVerdict | null,
): Promise<Settled> => {
  const denied = [...migrationGate(saved.migration), ...rehearsalReasons(saved.migration, prepared)];
  const error = new PlumblineError("sql-invalid", denied.map(({ message }) => message).join(" "));
  const { run } = scratch;
  return {
    to: denied.length === 0 ? "succeeded" : "failed",
    commit: prepared.tree.commit,
    ...(denied.length === 0 ? {} : { error: { code: error.code, message: error.message, hint: error.hint } }),
    result: {
      ...withVerdict(run.result, policies),
      ...(denied.length === 0 ? {} : { denied: denied as unknown as Json }),
      errored: false,
      ...(await driftBeside(world, scratch)),
    },
    followUps: run.pull ? [publishSoon(run.pull)] : [],
  };
};

/** Drift that the plan leaves alone, and drift that it formalizes; what it takes back is neither. */
const driftBeside = async (world: World, scratch: Scratch): Promise<JsonObject> => {
  const open = (await world.ledger.findings.open(scratch.workspace.key)).filter(isByHand);
  const proof = await ownProof(world, scratch);
  const isHeld = ({ address, path }: Finding): boolean =>
    proof?.formalized.some((place) => place.address === address && place.path === path) === true;
  const formalized = proof !== null && provenPurpose(proof) === "formalize" ? open.filter(isHeld) : [];
  return {
    aside: open.filter((finding) => !isHeld(finding)) as unknown as Json,
    formalized: formalized as unknown as Json,
  };
};

/** Where files do not even stand in order, nothing is said of a rehearsal that could not work. */
const rehearsalReasons = (
  { rehearsal, changes, migrations, problems, backfills = [] }: MigrationSummary,
  { call }: PreparedMigrations,
): readonly GateReason[] => {
  const { enabled, rowLimit } = call.database.rehearsal;
  if (migrations.length + backfills.length === 0 || problems.length > 0) return [];
  return rehearsalGates({ rehearsal: rehearsal ?? null, required: enabled, changes, rowLimit });
};
