import type { FollowUp } from "../model/job.ts";
import type { PullRequest } from "../model/pull.ts";
import type { WorkspaceRow } from "../ports/ledger.ts";
import { type RunInput, readConfig, writeRunInput } from "./run-input.ts";
import type { World } from "./world.ts";

export interface StateWish {
  readonly pull: Pick<PullRequest, "repo" | "number" | "head">;
  readonly by: string;
  /** Commit of the deploy branch. */
  readonly base: string;
  /** What the run checks out. */
  readonly commit: string;
  readonly intent: RunInput["intent"];
  readonly targets: RunInput["targets"];
}

/** Stores a run of the kind `state`, that somebody asked for on a pull request; returns the job that starts it. */
export const queueState = async (
  world: World,
  row: WorkspaceRow,
  { pull, by, base, commit, intent, targets }: StateWish,
): Promise<FollowUp> => {
  const run = world.newId("run");
  await world.ledger.runs.create({
    id: run,
    workspace: row.key,
    kind: "state",
    pull: { repo: pull.repo, number: pull.number },
    head: pull.head.sha,
    base,
    trigger: intent,
    requestedBy: by,
    createdAt: world.clock.now(),
    input: writeRunInput({
      config: readConfig(row.config),
      commit,
      destroy: false,
      flags: [],
      provisionalOn: [],
      intent,
      targets,
    }),
  });
  return { job: { kind: "state", run, workspace: row.key } };
};
