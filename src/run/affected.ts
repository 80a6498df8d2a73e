import { affectedWorkspaces, removedWorkspaces } from "../config/affected.ts";
import { directDependencies } from "../config/dependencies.ts";
import { planWaves } from "../config/waves.ts";
import { BUILT_IN_DEFAULTS } from "../config/workspace-entry.ts";
import type { ConfigProblem, PullRules, RepoConfig, WorkspaceConfig } from "../model/config.ts";
import type { PullRequest } from "../model/pull.ts";
import { parseWorkspaceKey, type WorkspaceId, workspaceKey } from "../model/workspace.ts";
import { withOverrides } from "../risk/overrides.ts";
import { driftOf } from "./drift-of.ts";
import type { MergedHead } from "./merge-head.ts";
import { configAt, idOf, type NewWorkspaceRow, rowOf } from "./repo-workspaces.ts";
import { matches, type Selector } from "./select.ts";
import type { World } from "./world.ts";

export interface AffectedWorkspace {
  readonly id: WorkspaceId;
  readonly config: WorkspaceConfig;
  readonly row: NewWorkspaceRow;
  /** What to check out: the trial merge, or the base for a workspace that the pull request removes. */
  readonly commit: string;
  readonly destroy: boolean;
  /** Keys of affected workspaces that must be applied before this one. */
  readonly provisionalOn: readonly string[];
}

export interface Affected {
  readonly workspaces: readonly AffectedWorkspace[];
  readonly problems: readonly ConfigProblem[];
  /** What the protected branch says of the pull request as a whole; left out where it could not be read. */
  readonly rules?: PullRules;
}

/**
 * What a pull request touches. Which workspaces exist is read from the merged head, how they are gated from the
 * protected branch: a pull request must not loosen its own rules (design, decision 11).
 */
export const affectedBy = async (
  world: World,
  pull: PullRequest,
  merged: MergedHead & { readonly commit: string },
  select?: Selector,
): Promise<Affected> => {
  const head = await configAt(world, pull.repo, merged.commit);
  if (!head.ok) return { workspaces: [], problems: head.problems };
  const overrides = withOverrides(world.catalogue, head.value.stateful ?? []);
  if (!overrides.ok) return { workspaces: [], problems: overrides.problems };
  const base = await configAt(world, pull.repo, merged.base);
  const before = base.ok ? base.value : null;
  const chosen = select
    ? head.value.workspaces.filter((workspace) => matches(select, workspace))
    : await touched(world, pull, merged, head.value, before);
  const removed = before && !select ? removedWorkspaces(before, head.value) : [];
  const branch = await world.forge.defaultBranch(pull.repo);
  const gated = chosen.map((workspace) => withProtectedRules(workspace, before));
  const shape = (config: WorkspaceConfig, destroy: boolean): AffectedWorkspace => {
    const id = idOf(pull.repo, config);
    return {
      id,
      config,
      row: rowOf(id, config, branch),
      commit: destroy ? merged.base : merged.commit,
      destroy,
      provisionalOn: upstreamOf(pull.repo, config, gated),
    };
  };
  return {
    problems: [],
    ...(before ? { rules: rulesIn(before) } : {}),
    workspaces: [
      ...planWaves(gated, head.value.workspaces)
        .flat()
        .map((config) => shape(config, false)),
      ...removed.map((config) => shape(config, true)),
    ],
  };
};

const rulesIn = (config: RepoConfig): PullRules => {
  const { automerge, parallelPlan, parallelApply, deleteSourceBranchOnMerge, silencePrComments } = config;
  return { automerge, parallelPlan, parallelApply, deleteSourceBranchOnMerge, silencePrComments };
};

const touched = async (
  world: World,
  pull: PullRequest,
  merged: MergedHead & { readonly commit: string },
  head: RepoConfig,
  base: RepoConfig | null,
): Promise<readonly WorkspaceConfig[]> => {
  const changedFiles = await world.git.changedFiles(pull.repo, merged.base, merged.commit);
  const { code } = await world.codeAt(pull.repo, merged.commit);
  const config = asPlannedByBase(head, base);
  const found = affectedWorkspaces({ config, changedFiles, code, ...(base ? { base } : {}) })
    .map(({ workspace }) => workspace)
    .filter((workspace) => workspace.autoplan);
  const drifted = await driftedWorkspace(world, pull, head);
  return drifted && !found.includes(drifted) ? [...found, drifted] : found;
};

/** A drift pull request is about its workspace, whatever files it holds yet. */
const driftedWorkspace = async (
  world: World,
  pull: PullRequest,
  head: RepoConfig,
): Promise<WorkspaceConfig | undefined> => {
  const key = await driftOf(world, pull);
  const id = key ? parseWorkspaceKey(key) : undefined;
  return (
    id && head.workspaces.find((workspace) => workspaceKey(idOf(pull.repo, workspace)) === workspaceKey(id))
  );
};

const sameIn = (base: RepoConfig | null, workspace: WorkspaceConfig): WorkspaceConfig | undefined =>
  base?.workspaces.find((other) => other.dir === workspace.dir && other.name === workspace.name);

/** A pull request must not hide itself: whether and for what a known workspace is planned is the base's word. */
const asPlannedByBase = (head: RepoConfig, base: RepoConfig | null): RepoConfig => ({
  ...head,
  workspaces: head.workspaces.map((workspace) => {
    const known = sameIn(base, workspace);
    return known ? { ...workspace, autoplan: known.autoplan, whenModified: known.whenModified } : workspace;
  }),
});

/** New with the pull request: what loosens a gate comes from the base's defaults, what tightens it may be its own. */
const asNewcomer = (workspace: WorkspaceConfig, base: RepoConfig | null): WorkspaceConfig => {
  const { apply, lock, digestIgnore, branch, drift, ...defaults } = base?.defaults ?? BUILT_IN_DEFAULTS;
  const both = <T>(left: readonly T[], right: readonly T[]): readonly T[] => [
    ...new Set([...left, ...right]),
  ];
  return {
    ...workspace,
    apply,
    lock,
    digestIgnore,
    branch,
    drift,
    planRequirements: both(defaults.planRequirements, workspace.planRequirements),
    applyRequirements: both(defaults.applyRequirements, workspace.applyRequirements),
  };
};

const withProtectedRules = (workspace: WorkspaceConfig, base: RepoConfig | null): WorkspaceConfig => {
  const guarded = sameIn(base, workspace);
  if (!guarded) return asNewcomer(workspace, base);
  const { apply, lock, planRequirements, applyRequirements, owners, digestIgnore, branch, drift, schedule } =
    guarded;
  return {
    ...workspace,
    apply,
    lock,
    planRequirements,
    applyRequirements,
    owners,
    digestIgnore,
    branch,
    drift,
    schedule,
  };
};

const upstreamOf = (
  repo: string,
  workspace: WorkspaceConfig,
  affected: readonly WorkspaceConfig[],
): readonly string[] =>
  directDependencies(workspace, affected)
    .filter((other) => other !== workspace)
    .map((other) => workspaceKey(idOf(repo, other)));
