import type { Run } from "../model/run.ts";

/** The newest apply of each workspace. */
export const latestApplies = (runs: readonly Run[]): ReadonlyMap<string, Run> =>
  newestRuns(runs.filter((run) => run.kind === "apply"));

/** The newest of each workspace. */
export const newestRuns = (runs: readonly Run[]): ReadonlyMap<string, Run> => {
  const found = new Map<string, Run>();
  for (const run of runs) {
    const known = found.get(run.workspace);
    if (!known || known.createdAt <= run.createdAt) found.set(run.workspace, run);
  }
  return found;
};
