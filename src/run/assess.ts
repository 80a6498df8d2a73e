import { followUps, type JobOf, nothing, type Outcome } from "../model/job.ts";
import type { PullRequest } from "../model/pull.ts";
import { workspaceKey } from "../model/workspace.ts";
import { type Affected, affectedBy } from "./affected.ts";
import { driftOf } from "./drift-of.ts";
import { publishSoon } from "./frame.ts";
import { type MergedHead, mergeHead } from "./merge-head.ts";
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
    if (await settledAlready(world, pull, job)) return nothing;
    await world.git.fetch(pull.repo);
    const merged = await mergeHead(world, pull);
    const affected = isMerged(merged) ? await affectedBy(world, pull, merged, job.select) : nothingAffected;
    const wanted = onlyWanted(affected, job);
    if (job.trigger === "base-moved" && !(await anyInputMoved(world, pull, wanted, merged))) return nothing;
    const plans = await storeAssessment(world, {
      pull,
      job,
      merged,
      affected: wanted,
      notes: notesFor(merged, affected),
      driftOf: await driftOf(world, pull),
    });
    return followUps(...plans, publishSoon(pull));
  };

const nothingAffected: Affected = { workspaces: [], problems: [] };
const isMerged = (merged: MergedHead): merged is MergedHead & { readonly commit: string } =>
  merged.commit !== null;

const settledAlready = async (world: World, pull: PullRequest, job: JobOf<"assess">): Promise<boolean> => {
  if (pull.state !== "open") return true;
  const asked = job.trigger === "command";
  if (pull.fork && !(world.server.forks && asked)) return true;
  if (pull.draft && !world.server.drafts && !asked) return true;
  const row = await world.ledger.pulls.get(pull);
  const automatic = job.trigger === "opened" || job.trigger === "pushed" || job.trigger === "edited";
  return automatic && row?.head === pull.head.sha && row.state === "open";
};

const onlyWanted = (affected: Affected, job: JobOf<"assess">): Affected =>
  job.only
    ? {
        ...affected,
        workspaces: affected.workspaces.filter(({ id }) => job.only?.includes(workspaceKey(id))),
      }
    : affected;

/** After a push to the deploy branch only those plans are made again whose inputs really changed. */
const anyInputMoved = async (
  world: World,
  pull: PullRequest,
  affected: Affected,
  merged: MergedHead,
): Promise<boolean> => {
  for (const { id } of affected.workspaces) {
    const current = await world.ledger.plans.current(workspaceKey(id), pull);
    if (!current || current.base === merged.base) continue;
    const run = await world.ledger.runs.get(current.run);
    const changed = await world.git.changedFiles(
      pull.repo,
      run?.commit ?? current.base,
      merged.commit ?? merged.base,
    );
    if (changed.length > 0) return true;
  }
  return false;
};
