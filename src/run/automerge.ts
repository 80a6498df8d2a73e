import { asPlumblineError, PlumblineError } from "../model/errors.ts";
import { type FollowUp, followUps, nothing, type Outcome } from "../model/job.ts";
import { isJsonObject } from "../model/json.ts";
import type { PlanSummary } from "../model/plan.ts";
import { type PullRef, type PullRequest, pullKey } from "../model/pull.ts";
import type { Run } from "../model/run.ts";
import { latestApplies, newestRuns } from "./newest-runs.ts";
import { changesSomething } from "./plan-step.ts";
import { OWN_CONTEXTS, requirementFacts } from "./requirements.ts";
import { type RunInput, readRunInput } from "./run-input.ts";
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
  if (inputs === null || !inputs.every(({ rules }) => rules?.automerge === true)) return nothing;
  const refused = await whyNot(world, pull, inputs);
  if (refused !== null) return followUps(told(pull, refused));
  const deleteBranch = inputs.every(({ rules }) => rules?.deleteSourceBranchOnMerge === true);
  // Written before the merge: whoever hears of it after a crash knows that it was ours.
  await world.ledger.meta.set(markOf(pull), { head: pull.head.sha, deleteBranch });
  const failed = await mergeAnyWay(world, pull);
  if (failed !== null) {
    await world.ledger.meta.set(markOf(pull), null);
    return followUps(told(pull, failed));
  }
  await world.ledger.audit.append({
    ...{ at: world.clock.now(), actor: "plumbline", action: "automerged", subject: pullKey(pull) },
    details: { head: pull.head.sha, by },
  });
  return followUps(mergeSoon(pull, by));
};

const markOf = (pull: PullRef): string => `automerge:${pullKey(pull)}`;

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

/** Null where nothing stands in the way. Throws `forge-unavailable` while the forge does not know yet. */
const whyNot = async (
  world: World,
  pull: PullRequest,
  inputs: readonly RunInput[],
): Promise<string | null> => {
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

/** After a merge of ours: deletes the branch where the repository wants that, and nobody needs or moved it. */
export const tidyAutomerged = async (world: World, pull: PullRequest): Promise<void> => {
  const mark = await world.ledger.meta.get(markOf(pull));
  if (!isJsonObject(mark)) return;
  if (mark["head"] === pull.head.sha && mark["deleteBranch"] === true && (await isOver(world, pull)))
    await world.git.deleteBranch(pull.repo, pull.head.ref);
  await world.ledger.meta.set(markOf(pull), null);
};

/** A branch of this repository, as it was merged, on which no other pull request is based. */
const isOver = async (world: World, { repo, fork, head, base }: PullRequest): Promise<boolean> => {
  if (fork || head.ref === base.ref || head.ref === (await world.forge.defaultBranch(repo))) return false;
  await world.git.fetch(repo);
  if ((await world.git.resolve(repo, head.ref)) !== head.sha) return false;
  const others = await world.forge.openPulls(repo);
  return !others.some((other) => other.base.ref === head.ref || (!other.fork && other.head.ref === head.ref));
};
