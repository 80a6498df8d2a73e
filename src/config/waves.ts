import type { WorkspaceConfig } from "../model/config.ts";
import { directDependencies } from "./dependencies.ts";

/**
 * The order in which workspaces may run: each wave can run at once when the one before has ended. Smaller
 * `execution_order_group`s come first; what a workspace depends on, directly or through workspaces that are not among
 * the given ones (`all`), comes before it even from a later group. Those that wait for each other run in the last
 * wave, one after the other as they are given: `mergeRepoConfig` has said so already.
 */
export const planWaves = <T extends WorkspaceConfig>(
  workspaces: readonly T[],
  all: readonly WorkspaceConfig[] = workspaces,
): readonly (readonly T[])[] => {
  const before = new Map(workspaces.map((workspace) => [workspace, above(workspace, workspaces, all)]));
  const waves: T[][] = [];
  const left = new Set(workspaces);
  while (left.size > 0) {
    const free = [...left].filter((workspace) => !before.get(workspace)?.some((other) => left.has(other)));
    if (free.length === 0) return [...waves, ...[...left].map((workspace) => [workspace])];
    const first = Math.min(...free.map(({ executionOrderGroup }) => executionOrderGroup));
    const wave = free.filter(({ executionOrderGroup }) => executionOrderGroup === first);
    waves.push(wave);
    for (const workspace of wave) left.delete(workspace);
  }
  return waves;
};

/** Which of the given workspaces one waits for, however many others lie between. */
const above = <T extends WorkspaceConfig>(
  workspace: T,
  workspaces: readonly T[],
  all: readonly WorkspaceConfig[],
): T[] => {
  const reached = new Set<WorkspaceConfig>();
  const open: WorkspaceConfig[] = directDependencies<WorkspaceConfig>(workspace, all);
  for (let next = open.pop(); next; next = open.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    open.push(...directDependencies<WorkspaceConfig>(next, all));
  }
  const places = new Set([...reached].map(({ dir, name, project }) => `${dir}#${name}:${project}`));
  return workspaces.filter(
    (other) => other !== workspace && places.has(`${other.dir}#${other.name}:${other.project}`),
  );
};
