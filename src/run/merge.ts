import type { GateReason } from "../model/decision.ts";
import { type FollowUp, followUps, nothing, type Outcome } from "../model/job.ts";
import { isJsonObject } from "../model/json.ts";
import type { PullRef, PullRequest } from "../model/pull.ts";
import type { Run } from "../model/run.ts";
import type { Ledger, PlanRow } from "../ports/ledger.ts";
import { automerge, keepAutomerge } from "./automerge.ts";
import { releaseLock, releaseLocks } from "./close.ts";
import { currentPlans } from "./current-plans.ts";
import { deleteMergedBranch } from "./delete-merged-branch.ts";
import { forgetAsked } from "./drift-asked.ts";
import { driftOf } from "./drift-of.ts";
import { latestApplies, newestRuns } from "./newest-runs.ts";
import { type RunInput, readRunInput, writeRunInput } from "./run-input.ts";
import { publishSoon } from "./settle-run.ts";
import { lineOf } from "./store-assessment.ts";
import { letUnplannedGo, sayUnplanned } from "./unplanned-merge.ts";
import type { World } from "./world.ts";

/**
 * After the merge: queues the applies that are due, in the order of their dependencies. Before it: merges where the
 * repository wants that and all is applied by comment. Idempotent: it runs at the merge and again after each apply, and
 * looks every time at what is done.
 */
export const applyMerged =
  (world: World) =>
  async ({ pull: ref, by }: { readonly pull: PullRef; readonly by: string }): Promise<Outcome> => {
    const pull = await world.forge.pull(ref);
    if (pull.state === "open") return automerge(world, pull, by);
    if (pull.state !== "merged") return nothing;
    await world.git.fetch(pull.repo);
    const tip = await world.git.resolve(pull.repo, pull.base.ref);
    if (tip === null) return nothing;
    const doomed = await keepAutomerge(world, pull);
    const drifted = await driftOf(world, pull);
    if (drifted !== null && !(await hasNext(world, ref, drifted))) await forgetAsked(world, drifted);
    const deploys = pull.base.ref === (await world.forge.defaultBranch(pull.repo));
    await world.ledger.transaction(async (ledger) => {
      if (!(await markMerged(world, ledger, pull))) return;
      const jobs = deploys
        ? await applyDue(world, ledger, pull, { by, commit: tip, intent: "merge" })
        : await letGo(world, ledger, pull);
      // With the runs or not at all: a run whose job a crash swallowed would wait for ever.
      await ledger.outbox.add(jobs, world.clock.now());
    });
    const unplanned = deploys ? await sayUnplanned(world, pull) : [];
    if (drifted !== null || doomed) await deleteMergedBranch(world, pull);
    return followUps(publishSoon(ref), ...unplanned);
  };

/** This runs again after each apply: by then what was asked for may be about the next drift pull request. */
const hasNext = async ({ ledger }: World, { number }: PullRef, driftOf: string): Promise<boolean> =>
  (await ledger.pulls.list({ driftOf, state: "open" })).some(({ pull }) => pull.number !== number);

const applyDue = async (
  world: World,
  ledger: Ledger,
  pull: PullRequest,
  wish: Parameters<typeof queueApply>[4],
): Promise<readonly FollowUp[]> => {
  const due = await dueApplies(world, ledger, pull, await mergedSince(world, ledger, pull));
  const applies = await Promise.all(due.map((plan) => queueApply(world, ledger, pull, plan, wish)));
  return [...applies, ...(await releaseApplied(ledger, pull)), ...(await letUnplannedGo(ledger, pull))];
};

/** What is planned after the merge nobody has looked at: it waits for a word. Word of the merge may come late. */
const mergedSince = async (world: World, ledger: Ledger, pull: PullRequest): Promise<Date> => {
  const heard = await heardOfMerge(world, ledger, pull);
  // To the second: it may have been at its end.
  const told = pull.mergedAt && new Date(pull.mergedAt.getTime() + 999);
  return told && told < heard ? told : heard;
};

const heardOfMerge = async ({ clock }: World, ledger: Ledger, pull: PullRef): Promise<Date> => {
  const key = `merged:${pull.repo}#${pull.number}`;
  const known = await ledger.meta.get(key);
  if (typeof known === "string") return new Date(known);
  const now = clock.now();
  await ledger.meta.set(key, now.toISOString());
  return now;
};

const markMerged = async (world: World, ledger: Ledger, pull: PullRequest): Promise<boolean> => {
  const row = await ledger.pulls.get(pull);
  const changed = { state: "merged", publishedHash: null, updatedAt: world.clock.now() } as const;
  await ledger.pulls.put({ ...(row ?? unseen(pull)), ...changed });
  return row !== null;
};

/** Opened and merged in a gap of deliveries. Remembered, so that no poll finds it again. */
const unseen = ({ repo, number, head }: PullRequest) => ({
  pull: { repo, number },
  head: head.sha,
  deployBranch: true,
  driftOf: null,
  commentIds: {},
  notes: [],
});

/** Merged into another branch, whatever its base was when it was planned: nothing here is ever applied. */
const letGo = async (world: World, ledger: Ledger, pull: PullRequest): Promise<readonly FollowUp[]> => {
  await ledger.plans.discard(pull, world.clock.now());
  return (await releaseLocks(ledger, pull)).followUps;
};

/** What was applied before the merge kept its lock until now: the code is on the deploy branch at last. */
const releaseApplied = async (ledger: Ledger, pull: PullRef): Promise<readonly FollowUp[]> => {
  const jobs: FollowUp[] = [];
  for (const [workspace, apply] of latestApplies(await ledger.runs.list({ pull }))) {
    if (apply.state === "succeeded" && readRunInput(apply).intent === "comment")
      jobs.push(...(await releaseLock(ledger, workspace, pull)));
  }
  return jobs;
};

/** What an apply repeats: the run that planned it, which may have failed. */
type Planned = Pick<PlanRow, "run" | "workspace" | "base">;

/** Reviewed plans whose workspace applies on merge, was not tried yet, and waits for no other. */
const dueApplies = async (
  world: World,
  ledger: Ledger,
  pull: PullRequest,
  since: Date,
): Promise<readonly Planned[]> => {
  const runs = await ledger.runs.list({ pull });
  const plans = await currentPlans(ledger, pull, runs);
  const failed = failedPlans(runs, pull, plans);
  // As the gate has it: what a denied apply left behind is nobody's plan, however new.
  const reviewed = newestRuns(runs.filter(({ kind, state }) => kind === "plan" && state === "succeeded"));
  const wasSeen = ({ workspace }: Planned): boolean => {
    const ended = reviewed.get(workspace)?.endedAt ?? null;
    return ended !== null && ended <= since;
  };
  const inputs = new Map<string, RunInput>();
  for (const plan of [...plans, ...failed]) inputs.set(plan.workspace, readPlanInput(runs, plan));
  const applied = latestApplies(runs);
  const isDone = (key: string): boolean => applied.get(key)?.state === "succeeded";
  const isFree = new Set((await ledger.locks.heldBy(pull)).map((lock) => lock.workspace));
  const isOpen = ({ workspace }: Planned): boolean => {
    const before = applied.get(workspace);
    const again = before?.state === "interrupted" || (isFree.has(workspace) && wasOnlyLocked(before));
    return inputs.get(workspace)?.config.apply === "on_merge" && (!before || again);
  };
  const upstreamOf = ({ workspace }: Planned): readonly string[] =>
    (inputs.get(workspace)?.provisionalOn ?? []).filter((key) => inputs.has(key));
  const due = [
    ...plans.filter((plan) => wasSeen(plan) && isOpen(plan) && upstreamOf(plan).every(isDone)),
    // What failed because it was planned too early is planned now; the gate stops it, so that people see it first.
    ...failed.filter((plan) => isOpen(plan) && upstreamOf(plan).length > 0 && upstreamOf(plan).every(isDone)),
  ];
  if (due.length > 0)
    world.log.info("applies are due after a merge", {
      pull: pull.number,
      workspaces: due.map((plan) => plan.workspace),
    });
  return due;
};

/** The newest plan run of each workspace that has no plan. */
const failedPlans = (
  runs: readonly Run[],
  pull: PullRequest,
  plans: readonly PlanRow[],
): readonly Planned[] => {
  const ofHead = newestRuns(runs.filter(({ kind, head }) => kind === "plan" && head === pull.head.sha));
  return [...ofHead.values()]
    .filter((run) => run.state === "failed" && !plans.some((plan) => plan.workspace === run.workspace))
    .map((run) => ({ run: run.id, workspace: run.workspace, base: run.base ?? pull.base.sha }));
};

/** Nothing but another pull request's lock stood in the way: it goes on by itself once that is free. */
const wasOnlyLocked = (run: Run | undefined): boolean => {
  const denied = run && isJsonObject(run.result) ? run.result["denied"] : undefined;
  if (run?.state !== "failed" || !Array.isArray(denied) || denied.length === 0) return false;
  return (denied as unknown as readonly GateReason[]).every((reason) => reason.gate === "locked");
};

const readPlanInput = (runs: readonly Run[], plan: Planned): RunInput => {
  const run = runs.find((candidate) => candidate.id === plan.run);
  if (!run) throw new Error(`The plan of run ${plan.run} has no run.`);
  return readRunInput(run);
};

/** Creates an apply run that repeats the reviewed plan's input at the given commit. */
export const queueApply = async (
  world: World,
  ledger: Ledger,
  pull: PullRequest,
  plan: Planned,
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
  const line = lineOf(pull, input.rules?.parallelApply);
  return { job: { kind: "apply", run: id, workspace: plan.workspace, ...line } };
};
