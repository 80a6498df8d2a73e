import type { Outcome } from "../model/job.ts";
import type { WorkspaceKind } from "../model/workspace.ts";
import { readRunInput } from "./run-input.ts";
import type { World } from "./world.ts";

type RunJob = { readonly run: string; readonly workspace: string };
type Handle<J> = (job: J, signal: AbortSignal) => Promise<Outcome>;

/** The pipeline of a run's workspace, by the kind that was fixed when the run was created. */
export const byKind =
  <J extends RunJob>(world: World, pipelines: { readonly [kind in WorkspaceKind]: Handle<J> }): Handle<J> =>
  async (job, signal) => {
    const run = await world.ledger.runs.get(job.run);
    const kind = run === null ? "terraform" : readRunInput(run).config.kind;
    return pipelines[kind](job, signal);
  };
