import { type FollowUp, followUps, type JobOf, nothing, type Outcome } from "../model/job.ts";
import { canonicalJson } from "../model/json.ts";
import type { PullRequest } from "../model/pull.ts";
import type { Run } from "../model/run.ts";
import { parseWorkspaceKey, workspaceKey } from "../model/workspace.ts";
import { type Affected, type AffectedWorkspace, affectedBy } from "./affected.ts";
import { reply } from "./asked.ts";
import { driftOf } from "./drift-of.ts";
import { suggestOpenDrift } from "./drift-suggest.ts";
import { forkWaits } from "./fork-word.ts";
import { inputTreeHash } from "./inputs.ts";
import { type MergedHead, mergeHead } from "./merge-head.ts";
import { beforePlan, type PlanGate } from "./plan-gate.ts";
import { mayPlan } from "./plan-requirements.ts";
import { testChangedPolicies } from "./policy-tests.ts";
import { keepPullFiles, readPullFiles, seeClaim } from "./pull-files.ts";
import { type RunInput, readRunInput } from "./run-input.ts";
import { mergeSoon, publishSoon, unhurried } from "./settle-run.ts";
import { notesFor, storeAssessment } from "./store-assessment.ts";
import type { World } from "./world.ts";

/**
 * Which workspaces does this pull request touch? Reads the facts, merges the head into the deploy branch, and
 * queues one plan per affected workspace; an older head's plans are superseded.
 */
export const assessPull =
  (world: World) =>
  async (job: JobOf<"assess">): Promise<Outcome> => {
    const pull = await world.forge.pull(job.pull);
    // It was merged while it waited: what the lock alone stopped goes on, and what was never planned is said.
    if (pull.state === "merged" && ["lock-released", "recovered"].includes(job.trigger))
      return followUps(mergeSoon(pull, job.by));
    const claim = await seeClaim(world, pull);
    if (await settledAlready(world, pull, job)) return claim.changed ? followUps(publishSoon(pull)) : nothing;
    const fork = await forkWaits(world, pull, job);
    if (fork !== null && job.trigger === "base-moved") return nothing;
    await world.git.fetch(pull.repo);
    const merged = await mergeHead(world, pull);
    if (isMerged(merged)) {
      await lookAtFiles(world, pull, merged);
      if (fork === null) await testChangedPolicies(world, pull, merged);
    }
    const affected = isMerged(merged) ? await affectedBy(world, pull, merged, job.select) : nothingAffected;
    const { affected: ready, notes: waiting } = await mayPlan(world, pull, onlyWanted(affected, job));
    const gate = await beforePlan(world, pull, merged, job);
    // Asked for a fork too: what is shown now may be let go by the same word.
    const { affected: passed, notes: held } = await gate(ready);
    const wanted = fork === null ? passed : { ...passed, workspaces: [] };
    const notes = [...(fork === null ? [] : [fork]), ...notesFor(merged, affected), ...waiting, ...held];
    const due =
      job.trigger === "base-moved" ? await movedOnly(world, pull, merged, wanted, notes, gate) : wanted;
    if (due === null) return nothing;
    const plans = await storeAssessment(world, {
      pull,
      job,
      merged,
      affected: due,
      touched: isPartial(job) ? null : wanted.workspaces.map(({ id }) => workspaceKey(id)),
      notes,
      driftOf: await driftOf(world, pull),
    });
    if (!isPartial(job) && fork === null) await suggestOpenDrift(world, pull);
    // Small plans are done before anybody could read that they are queued.
    const word = plans.length > 0 ? unhurried(publishSoon(pull), world.clock.now()) : publishSoon(pull);
    return followUps(word, ...(fork === null ? namesNothing(job, wanted) : []));
  };

/** A command that names what is not there would go unanswered else. */
const namesNothing = (job: JobOf<"assess">, affected: Affected): readonly FollowUp[] => {
  const { select, commentId } = job;
  if (!select || commentId === undefined || affected.problems.length + affected.workspaces.length > 0)
    return [];
  const named = [
    ["-d", select.dir],
    ["-w", select.workspace],
    ["-p", select.project],
  ].flatMap(([flag, value]) => (value === undefined ? [] : [`${flag} ${value}`]));
  const what = named.join(" ").replaceAll("`", "'");
  return [
    reply(
      { pull: job.pull, commentId },
      `No workspace of this pull request is called \`${what}\`. Leave the flags out to plan all that it touches.`,
    ),
  ];
};

/** What files beside the Terraform code do to durable state. */
const lookAtFiles = async (
  world: World,
  pull: PullRequest,
  { base, commit }: MergedHead & { readonly commit: string },
): Promise<void> => {
  const commits = { head: pull.head.sha, base, merged: commit };
  await keepPullFiles(world, pull, await readPullFiles(world, pull.repo, commits));
};

const notPlanned = (world: World, pull: PullRequest, asked: boolean): string | null => {
  if (pull.fork && !world.server.forks) return "pull requests from forks are not planned on this server";
  return pull.draft && !world.server.drafts && !asked ? "a draft: planned once it is ready for review" : null;
};

/** The required status is on every head: what is not planned must not look as if it were. */
const sayNotPlanned = (world: World, { repo, head }: PullRequest, description: string): Promise<void> =>
  world.forge.setStatus(repo, head.sha, {
    context: "plumbline/plan",
    state: "error",
    description,
    targetUrl: null,
  });

const nothingAffected: Affected = { workspaces: [], problems: [] };
const isMerged = (merged: MergedHead): merged is MergedHead & { readonly commit: string } =>
  merged.commit !== null;

const settledAlready = async (world: World, pull: PullRequest, job: JobOf<"assess">): Promise<boolean> => {
  if (pull.state !== "open") return true;
  const asked = job.trigger === "command";
  const why = notPlanned(world, pull, asked);
  if (why !== null) {
    await sayNotPlanned(world, pull, why);
    return true;
  }
  const row = await world.ledger.pulls.get(pull);
  const automatic = job.trigger === "opened" || job.trigger === "pushed" || job.trigger === "edited";
  if (!automatic || row?.head !== pull.head.sha || row.state !== "open") return false;
  // Another base means other rules, other locks, another plan.
  return row.deployBranch === (pull.base.ref === (await world.forge.defaultBranch(pull.repo)));
};

const onlyWanted = (affected: Affected, job: JobOf<"assess">): Affected =>
  job.only
    ? {
        ...affected,
        workspaces: affected.workspaces.filter(({ id }) => job.only?.includes(workspaceKey(id))),
      }
    : affected;

const isPartial = ({ only, select, trigger }: JobOf<"assess">): boolean =>
  only !== undefined || select !== undefined || trigger === "base-moved";

/**
 * After a push to the deploy branch only those plans are made again whose inputs or rules really changed. Null where
 * there is nothing to say: a conflict that came or went is news too.
 */
const movedOnly = async (
  world: World,
  pull: PullRequest,
  merged: MergedHead,
  affected: Affected,
  notes: readonly string[],
  gate: PlanGate,
): Promise<Affected | null> => {
  const runs = await world.ledger.runs.list({ pull, kind: "plan", head: pull.head.sha });
  const left = await gate({
    ...affected,
    workspaces: await noLongerTouched(world, pull, merged, affected, runs),
  });
  const now = [...affected.workspaces, ...left.affected.workspaces];
  const moved: AffectedWorkspace[] = [];
  for (const workspace of now) {
    const before = runs.find((run) => run.workspace === workspaceKey(workspace.id));
    if (!before || (await hasMoved(world, pull.repo, readRunInput(before), workspace))) moved.push(workspace);
  }
  const row = await world.ledger.pulls.get(pull);
  const saysTheSame = canonicalJson([...notes]) === canonicalJson([...(row?.notes ?? [])]);
  return moved.length === 0 && saysTheSame ? null : { ...affected, workspaces: moved };
};

/** The deploy branch may have come to say the same: then the plan that people see should be empty. */
const noLongerTouched = async (
  world: World,
  pull: PullRequest,
  merged: MergedHead,
  affected: Affected,
  runs: readonly Run[],
): Promise<readonly AffectedWorkspace[]> => {
  if (!isMerged(merged) || affected.problems.length > 0) return [];
  const there = new Set(affected.workspaces.map(({ id }) => workspaceKey(id)));
  const left = new Set(runs.map((run) => run.workspace).filter((key) => !there.has(key)));
  const found: AffectedWorkspace[] = [];
  for (const key of left) {
    const id = parseWorkspaceKey(key);
    if (!id) continue;
    const { workspaces } = await affectedBy(world, pull, merged, { dir: id.dir, workspace: id.name });
    found.push(...workspaces);
  }
  return found;
};

const hasMoved = async (
  world: World,
  repo: string,
  before: RunInput,
  { commit, config }: AffectedWorkspace,
): Promise<boolean> => {
  if (before.commit === commit) return false;
  if (JSON.stringify(before.config) !== JSON.stringify(config)) return true;
  const [old, fresh] = await Promise.all([
    inputTreeHash(world, repo, before.commit, config),
    inputTreeHash(world, repo, commit, config),
  ]);
  return old !== fresh;
};
