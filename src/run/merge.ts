import { type FollowUp, followUps, nothing, type Outcome } from "../model/job.ts";
import type { PullRef, PullRequest } from "../model/pull.ts";
import type { Run } from "../model/run.ts";
import type { Ledger, PlanRow } from "../ports/ledger.ts";
import { driftOf } from "./drift-of.ts";
import { publishSoon } from "./frame.ts";
import { type RunInput, readRunInput, writeRunInput } from "./run-input.ts";
import type { World } from "./world.ts";

/**
 * After the merge: queues the applies that are due, in the order of their dependencies. Idempotent: it runs at the
 * merge and again after each apply, and looks every time at what is done.
 */
export const applyMerged =
  (world: World) =>
  async ({ pull: ref, by }: { readonly pull: PullRef; readonly by: string }): Promise<Outcome> => {
    const pull = await world.forge.pull(ref);
    if (pull.state !== "merged") return nothing;
    await world.git.fetch(pull.repo);
    const tip = await world.git.resolve(pull.repo, pull.base.ref);
    if (tip === null) return nothing;
    if (await driftOf(world, pull)) await world.git.deleteBranch(pull.repo, pull.head.ref);
    const queued = await world.ledger.transaction(async (ledger) => {
      const deploys = await markMerged(world, ledger, pull);
      if (!deploys) return [];
      const due = await dueApplies(world, ledger, pull);
      return Promise.all(
        due.map((plan) => queueApply(world, ledger, pull, plan, { by, commit: tip, intent: "merge" })),
      );
    });
    return followUps(...queued, publishSoon(ref));
  };

const markMerged = async (world: World, ledger: Ledger, pull: PullRequest): Promise<boolean> => {
  const row = await ledger.pulls.get(pull);
  if (!row) return false;
  await ledger.pulls.put({ ...row, state: "merged", publishedHash: null, updatedAt: world.clock.now() });
  return row.deployBranch;
};

/** Reviewed plans whose workspace applies on merge, was not tried yet, and waits for no other. */
const dueApplies = async (world: World, ledger: Ledger, pull: PullRequest): Promise<readonly PlanRow[]> => {
  const runs = await ledger.runs.list({ pull });
  const plans = await currentPlans(ledger, pull, runs);
  const inputs = new Map<string, RunInput>();
  for (const plan of plans) inputs.set(plan.workspace, readPlanInput(runs, plan));
  const applied = latestApplies(runs);
  const due = plans.filter((plan) => {
    const input = inputs.get(plan.workspace);
    if (input?.config.apply !== "on_merge" || applied.has(plan.workspace)) return false;
    return input.provisionalOn.every((key) => !inputs.has(key) || applied.get(key)?.state === "succeeded");
  });
  if (due.length > 0)
    world.log.info("applies are due after a merge", {
      pull: pull.number,
      workspaces: due.map((plan) => plan.workspace),
    });
  return due;
};

export const currentPlans = async (
  ledger: Ledger,
  pull: PullRef,
  runs: readonly Run[],
): Promise<readonly PlanRow[]> => {
  const workspaces = [...new Set(runs.filter((run) => run.kind === "plan").map((run) => run.workspace))];
  const plans = await Promise.all(workspaces.map((workspace) => ledger.plans.current(workspace, pull)));
  return plans.filter((plan) => plan !== null);
};

/** The newest apply of each workspace. */
export const latestApplies = (runs: readonly Run[]): ReadonlyMap<string, Run> => {
  const newest = new Map<string, Run>();
  for (const run of runs) {
    if (run.kind !== "apply") continue;
    const known = newest.get(run.workspace);
    if (!known || known.createdAt <= run.createdAt) newest.set(run.workspace, run);
  }
  return newest;
};

const readPlanInput = (runs: readonly Run[], plan: PlanRow): RunInput => {
  const run = runs.find((candidate) => candidate.id === plan.run);
  if (!run) throw new Error(`The plan of run ${plan.run} has no run.`);
  return readRunInput(run);
};

/** Creates an apply run that repeats the reviewed plan's input at the given commit. */
export const queueApply = async (
  world: World,
  ledger: Ledger,
  pull: PullRequest,
  plan: PlanRow,
  wish: { readonly by: string; readonly commit: string; readonly intent: RunInput["intent"] },
): Promise<FollowUp> => {
  const planRun = await ledger.runs.get(plan.run);
  const input: RunInput = planRun ? readRunInput(planRun) : readPlanInput([], plan);
  const id = world.newId("run");
  // A workspace that the merge removed exists only before it: its destroy runs from the base that was reviewed.
  const commit = input.destroy ? input.commit : wish.commit;
  await ledger.runs.create({
    id,
    workspace: plan.workspace,
    kind: "apply",
    pull: { repo: pull.repo, number: pull.number },
    head: pull.head.sha,
    base: plan.base,
    trigger: wish.intent,
    requestedBy: wish.by,
    createdAt: world.clock.now(),
    input: writeRunInput({ ...input, commit, intent: wish.intent }),
  });
  return { job: { kind: "apply", run: id, workspace: plan.workspace } };
};
