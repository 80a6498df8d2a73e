import { asPlumblineError, PlumblineError } from "../model/errors.ts";
import { type FollowUp, followUps, nothing, type Outcome } from "../model/job.ts";
import { isJsonObject } from "../model/json.ts";
import type { PlanSummary } from "../model/plan.ts";
import { type PullRef, type PullRequest, pullKey } from "../model/pull.ts";
import type { Run } from "../model/run.ts";
import { code } from "../report/escape.ts";
import { latestApplies, newestRuns } from "./newest-runs.ts";
import { changesSomething } from "./plan-step.ts";
import { pullView } from "./pull-view.ts";
import { OWN_CONTEXTS, requirementFacts } from "./requirements.ts";
import { type RunInput, readRunInput } from "./run-input.ts";
import { sayStatuses, statusesOf } from "./say-statuses.ts";
import { mergeSoon } from "./settle-run.ts";
import type { World } from "./world.ts";

/**
 * Merges an open pull request whose repository wants that, once every workspace that it touches is applied by comment
 * and verified, or has nothing to apply. Bound to the head that was applied: a push in between is not merged. The forge
 * and the workspaces' requirements are asked once more; where they say no, that is told once for this head. The merge
 * applies nothing again, since what applies by comment is never due after it.
 */
export const automerge = async (world: World, pull: PullRequest, by: string): Promise<Outcome> => {
  const inputs = await appliedInputs(world, pull);
  if (inputs === null || !inputs.every(({ rules }) => rules?.automerge === true)) {
    await forgetMark(world, pull);
    return nothing;
  }
  const refused = await whyNot(world, pull, inputs);
  if (refused === null) {
    const deleteBranch = inputs.every(({ rules }) => rules?.deleteSourceBranchOnMerge === true);
    // Written before the merge: whoever hears of it after a crash knows that it was ours.
    await world.ledger.meta.set(markOf(pull), { head: pull.head.sha, deleteBranch, by });
  }
  const failed = refused ?? (await mergeAnyWay(world, pull));
  if (failed === null) return followUps(mergeSoon(pull, by));
  await forgetMark(world, pull);
  return followUps(told(pull, failed));
};

const markOf = (pull: PullRef): string => `automerge:${pullKey(pull)}`;

/** Open still: a try before this one merged nothing, and a later merge by hand is not ours. */
const forgetMark = async ({ ledger }: World, pull: PullRef): Promise<void> => {
  if ((await ledger.meta.get(markOf(pull))) !== null) await ledger.meta.set(markOf(pull), null);
};

/** Of every workspace what its plan was asked; null where one is not done, or nothing was applied. */
const appliedInputs = async (world: World, pull: PullRequest): Promise<readonly RunInput[] | null> => {
  const row = await world.ledger.pulls.get(pull);
  const isOurs = row?.state === "open" && row.head === pull.head.sha && row.deployBranch;
  // Whether a drift pull request is merged, its own commands say.
  if (!isOurs || row.driftOf !== null || row.notes.length > 0) return null;
  const runs = await world.ledger.runs.list({ pull });
  const plans = [
    ...newestRuns(runs.filter(({ kind, head }) => kind === "plan" && head === row.head)).values(),
  ];
  const applies = latestApplies(runs);
  const done = await Promise.all(plans.map((plan) => isDone(world, pull, plan, applies.get(plan.workspace))));
  const wasApplied = plans.some(({ workspace }) => applies.get(workspace)?.head === row.head);
  return wasApplied && done.every(Boolean) ? plans.map((plan) => readRunInput(plan)) : null;
};

const isDone = async (world: World, pull: PullRef, plan: Run, apply: Run | undefined): Promise<boolean> => {
  if (plan.state !== "succeeded") return false;
  if (apply && apply.createdAt >= plan.createdAt) {
    const { result, state, head } = apply;
    const verified = isJsonObject(result) && result["verified"] === true && result["leftOpen"] !== true;
    return (
      state === "succeeded" && head === plan.head && verified && readRunInput(apply).intent === "comment"
    );
  }
  const row = await world.ledger.plans.current(plan.workspace, pull);
  const summary = row?.run === plan.id ? (row.summary as unknown as PlanSummary) : null;
  return summary !== null && !changesSomething({ summary, inspection: summary.inspection });
};

/**
 * Null where nothing stands in the way. Our own statuses are said first: a rule of the forge may demand the one that an
 * apply has just turned green. Throws `forge-unavailable` while the forge does not know yet.
 */
const whyNot = async (
  world: World,
  pull: PullRequest,
  inputs: readonly RunInput[],
): Promise<string | null> => {
  const failing = await ownFailures(world, pull);
  if (failing.length > 0) return `what it says itself is not green: ${failing.map(code).join(", ")}`;
  const mergeable = await world.forge.mergeable(pull, OWN_CONTEXTS);
  if (mergeable === null)
    throw new PlumblineError("forge-unavailable", "The forge does not say yet whether this can be merged.");
  if (!mergeable || pull.draft)
    return "the forge does not let it be merged (a draft, conflicts, checks or reviews)";
  const wanted = [...new Set(inputs.flatMap(({ config }) => config.applyRequirements))];
  const { approved, undiverged } = await requirementFacts(world, wanted, pull);
  if (!approved) return "the approval that its applies demand does not stand any more";
  return undiverged ? null : "its branch does not hold all of the base branch, which its applies demand";
};

/** Contexts of ours that say no, whether the forge demands them or not: tests of changed policies are one. */
const ownFailures = async (world: World, pull: PullRequest): Promise<readonly string[]> => {
  const row = await world.ledger.pulls.get(pull);
  if (row?.head !== pull.head.sha) return [];
  const statuses = statusesOf(await pullView(world, row));
  await sayStatuses(world, row, statuses);
  return statuses.flatMap(({ context, state }) =>
    state === "failure" || state === "error" ? [context] : [],
  );
};

const METHODS = ["merge", "squash", "rebase"] as const;

/** By the first way that the repository allows. Null where it is merged; else what the forge says. */
const mergeAnyWay = async (world: World, pull: PullRequest): Promise<string | null> => {
  let said = "";
  for (const method of METHODS) {
    try {
      await world.forge.merge(pull, { method, head: pull.head.sha });
      return null;
    } catch (thrown) {
      const { code, message } = asPlumblineError(thrown);
      if (code !== "forge-conflict" && code !== "forge-refused") throw thrown;
      said = message;
    }
  }
  return `the forge refused: ${world.redactor.redact(said)}`;
};

const told = (pull: PullRequest, why: string): FollowUp => ({
  job: {
    ...{ kind: "reply", pull: { repo: pull.repo, number: pull.number } },
    key: `automerge:${pull.head.sha}`,
    body: `Every workspace is applied, and this pull request was not merged: ${why}. Merge it by hand, or comment \`plumbline apply\` once that is settled; nothing is applied twice.`,
  },
});

/**
 * After a merge: where it was ours, the audit says so, once. Tells whether the repository wants its branch deleted. The
 * mark alone does not tell: it stays where every try failed, and somebody else may then merge the same head.
 */
export const keepAutomerge = async (world: World, pull: PullRequest): Promise<boolean> => {
  const mark = await world.ledger.meta.get(markOf(pull));
  if (!isJsonObject(mark)) return false;
  const { head, by = pull.author, deleteBranch } = mark;
  const isOurs =
    head === pull.head.sha && (pull.mergedBy === null || pull.mergedBy === (await world.forge.identity()));
  await world.ledger.transaction(async (ledger) => {
    if (isOurs)
      await ledger.audit.append({
        ...{ at: world.clock.now(), actor: "plumbline", action: "automerged", subject: pullKey(pull) },
        details: { head, by },
      });
    await ledger.meta.set(markOf(pull), null);
  });
  return isOurs && deleteBranch === true;
};
