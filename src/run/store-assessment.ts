import type { FollowUp, JobOf } from "../model/job.ts";
import { type PullRef, type PullRequest, pullKey } from "../model/pull.ts";
import { workspaceKey } from "../model/workspace.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { Affected, AffectedWorkspace } from "./affected.ts";
import { releaseLock } from "./close.ts";
import type { MergedHead } from "./merge-head.ts";
import { writeRunInput } from "./run-input.ts";
import type { World } from "./world.ts";

export interface Assessment {
  readonly pull: PullRequest;
  readonly job: JobOf<"assess">;
  readonly merged: MergedHead;
  /** What is planned now. */
  readonly affected: Affected;
  /** Keys of everything that the pull request touches; null where only a part was asked about. */
  readonly touched: readonly string[] | null;
  readonly notes: readonly string[];
  /** The workspace that this is the drift pull request of. */
  readonly driftOf: string | null;
}

/** What stands above the table when something keeps Plumbline from planning. */
export const notesFor = (merged: MergedHead, affected: Affected): readonly string[] => [
  ...(merged.commit === null
    ? [
        `The head does not merge into the base branch: ${merged.conflicts.join(", ")}. Merge or rebase, then push.`,
      ]
    : []),
  ...affected.problems.map((problem) => `${problem.path}: ${problem.message}`),
];

/** One transaction: older heads superseded, approvals of other heads voided, locks asked for, plans queued. */
export const storeAssessment = async (world: World, assessment: Assessment): Promise<readonly FollowUp[]> => {
  const { superseded, jobs } = await world.ledger.transaction(async (ledger) => {
    const stored = await store(world, ledger, assessment);
    // With the runs or not at all: a run whose job a crash swallowed would wait for ever.
    await ledger.outbox.add(stored.jobs, world.clock.now());
    return stored;
  });
  // What nobody waits for any more makes way for what replaces it.
  for (const run of superseded) world.cancel(run);
  return jobs;
};

const store = async (
  world: World,
  ledger: Ledger,
  assessment: Assessment,
): Promise<{ readonly superseded: readonly string[]; readonly jobs: readonly FollowUp[] }> => {
  const { pull, merged, affected, notes, driftOf } = assessment;
  const at = world.clock.now();
  const previous = await ledger.pulls.get(pull);
  const superseded = await ledger.runs.supersede(pull, pull.head.sha, at);
  await ledger.approvals.void(pull, { head: pull.head.sha }, at);
  await ledger.pulls.put({
    pull: { repo: pull.repo, number: pull.number },
    head: pull.head.sha,
    state: "open",
    deployBranch: merged.deployBranch,
    driftOf,
    commentIds: previous?.commentIds ?? {},
    publishedHash: null,
    notes,
    updatedAt: at,
  });
  const jobs: FollowUp[] = [...(await letGo(ledger, assessment, at))];
  for (const workspace of affected.workspaces)
    jobs.push(await queuePlan(world, ledger, assessment, workspace, at));
  return { superseded, jobs };
};

/**
 * What the pull request touched before and does not touch any more: its plan must not be applied, and others may have
 * its lock. While a conflict or a broken configuration hides what is touched, nothing is let go.
 */
const letGo = async (
  ledger: Ledger,
  { pull, notes, touched }: Assessment,
  at: Date,
): Promise<readonly FollowUp[]> => {
  if (touched === null || notes.length > 0) return [];
  const asked = new Set<string>();
  const gone = new Set<string>();
  for (const run of await ledger.runs.list({ pull, kind: "plan" })) {
    if (run.trigger === "command" && run.head === pull.head.sha) asked.add(run.workspace);
    else if (!touched.includes(run.workspace)) gone.add(run.workspace);
  }
  const jobs: FollowUp[] = [];
  for (const workspace of gone) {
    if (asked.has(workspace)) continue;
    await ledger.plans.discard(pull, at, workspace);
    jobs.push(...(await releaseLock(ledger, workspace, pull)));
  }
  return jobs;
};

/** What a known workspace is says the deploy branch alone; a new one needs a row for its runs and its lock. */
const introduce = async (ledger: Ledger, { row }: AffectedWorkspace): Promise<void> => {
  const known = await ledger.workspaces.get(row.key);
  if (!known || known.removedAt !== null) await ledger.workspaces.upsert(row);
};

/** The line in which the runs of a pull request stand where they are not to go side by side. */
export const lineOf = (pull: PullRef, parallel: boolean | undefined): { readonly line?: string } =>
  parallel === false ? { line: pullKey(pull) } : {};

const queuePlan = async (
  world: World,
  ledger: Ledger,
  { pull, job, merged, driftOf, affected: { rules } }: Assessment,
  affected: AffectedWorkspace,
  at: Date,
): Promise<FollowUp> => {
  const key = workspaceKey(affected.id);
  await introduce(ledger, affected);
  // A drift pull request takes no lock before it merges (decision 13).
  if (affected.config.lock === "on_plan" && merged.deployBranch && driftOf !== key)
    await ledger.locks.request(key, pull, pull.author, at);
  const run = world.newId("run");
  await ledger.runs.create({
    id: run,
    workspace: key,
    kind: "plan",
    pull: { repo: pull.repo, number: pull.number },
    head: pull.head.sha,
    base: merged.base,
    trigger: job.trigger,
    requestedBy: job.by,
    createdAt: at,
    input: writeRunInput({
      config: affected.config,
      commit: affected.commit,
      destroy: affected.destroy,
      flags: job.flags ?? [],
      provisionalOn: affected.provisionalOn,
      intent: "plan",
      targets: [],
      ...(rules ? { rules } : {}),
    }),
  });
  return { job: { kind: "plan", run, workspace: key, ...lineOf(pull, rules?.parallelPlan) } };
};
