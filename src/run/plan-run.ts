import type { FollowUp, Outcome } from "../model/job.ts";
import type { Json } from "../model/json.ts";
import type { PolicyVerdict } from "../model/policy.ts";
import type { Run } from "../model/run.ts";
import type { PlanRow } from "../ports/ledger.ts";
import { driftOnTheWay, type MetDrift } from "./drift-on-the-way.ts";
import { frame, type Scratch } from "./frame.ts";
import { makePlan, type SavedPlan } from "./plan-step.ts";
import { withVerdict } from "./policies.ts";
import { policyStep } from "./policy-step.ts";
import { type CheckedOut, type Prepared, prepare } from "./prepare.ts";
import { readRunInput } from "./run-input.ts";
import { publishSoon, type Settled } from "./settle-run.ts";
import type { World } from "./world.ts";

/** A plan run, read aloud: check out and init, plan and judge, keep, publish. */
export const planRun =
  (world: World) =>
  (job: { readonly run: string }, signal: AbortSignal): Promise<Outcome> =>
    frame(world, job.run, signal, async (scratch) => {
      const input = readRunInput(scratch.run);
      const prepared = await prepare(world, scratch, input);
      scratch.afterwards(() => prepared.tree.release());
      const saved = await makePlan(world, scratch, prepared, input, { name: "plan", lock: false });
      const row = await scratch.step("keep", () => keepPlan(world, scratch, prepared, saved));
      const policies = await policyStep(world, scratch, input, saved);
      const drift = await driftOnTheWay(world, scratch, saved);
      return planned(scratch, prepared, saved, row, { drift, policies });
    });

/** Stores the plan's JSON, encrypted, and returns the row that binds approvals to its digest. */
export const keepPlan = async (
  world: World,
  scratch: Scratch,
  prepared: CheckedOut,
  saved: SavedPlan,
): Promise<Omit<PlanRow, "discardedAt">> => {
  const { run } = scratch;
  const jsonArtifact = await world.artifacts.put(
    `runs/${run.id}/plan.json`,
    new TextEncoder().encode(saved.json),
  );
  return {
    run: run.id,
    workspace: run.workspace,
    pull: run.pull,
    head: run.head ?? prepared.tree.commit,
    base: run.base ?? prepared.tree.commit,
    digest: saved.digest.digest,
    digestParts: saved.digest.parts as Json,
    summary: saved.summary as unknown as Json,
    planArtifact: null,
    jsonArtifact,
    createdAt: world.clock.now(),
  };
};

const planned = (
  scratch: Scratch,
  prepared: Prepared,
  saved: SavedPlan,
  row: Omit<PlanRow, "discardedAt">,
  { drift, policies }: { readonly drift: MetDrift; readonly policies: PolicyVerdict | null },
): Settled => ({
  to: "succeeded",
  commit: prepared.tree.commit,
  result: {
    ...withVerdict(scratch.run.result, policies),
    errored: saved.inspection.errored,
    overridden: drift.overridden,
    aside: drift.aside,
    formalized: drift.formalized,
    leftOpen: drift.leftOpen,
  } as unknown as Json,
  followUps: [
    ...(scratch.run.pull ? [publishSoon(scratch.run.pull)] : []),
    ...(drift.news ? [lookSoon(scratch.run)] : []),
  ],
  store: async (ledger) => {
    await ledger.plans.add(row);
  },
});

/** A look for drift that was not on the schedule: a plan met something that nobody has recorded. */
export const lookSoon = (run: Run): FollowUp => ({
  job: { kind: "drift", workspace: run.workspace, slot: `found-by:${run.id}` },
  dedupeKey: `drift:${run.workspace}`,
});
