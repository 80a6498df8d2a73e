import type { ConfigProblem, RepoConfig, StatefulOverride, WorkspaceDefaults } from "../model/config.ts";
import { SENSITIVE_DATA } from "../model/resource-context.ts";
import { governanceOf } from "./governance.ts";
import type { PlumblineYaml } from "./plumbline-schema.ts";
import { exceptionOf } from "./policy-schema.ts";
import { BUILT_IN_DEFAULTS, withEntry, workspaceOf } from "./workspace-entry.ts";

/** What a repository without a file has: everything discovered, everything by default. */
export const DEFAULT_REPO_CONFIG: RepoConfig = {
  source: "defaults",
  workspaces: [],
  autodiscover: { enabled: true, ignorePaths: [] },
  automerge: false,
  parallelPlan: true,
  parallelApply: true,
  deleteSourceBranchOnMerge: false,
  silencePrComments: [],
  stateful: [],
  defaults: BUILT_IN_DEFAULTS,
  warnings: [],
};

/** A plumbline.yaml whose shape is right. Listing a workspace turns discovery off unless the file turns it on. */
export const fromPlumblineYaml = (yaml: PlumblineYaml): RepoConfig => {
  const defaults = withEntry(BUILT_IN_DEFAULTS, yaml.defaults ?? {});
  const entries = yaml.workspaces ?? [];
  return {
    source: "plumbline.yaml",
    workspaces: entries.map((entry) => workspaceOf(defaults, entry)),
    autodiscover: {
      enabled: yaml.autodiscover?.enabled ?? entries.length === 0,
      ignorePaths: yaml.autodiscover?.ignore_paths ?? [],
    },
    automerge: yaml.automerge ?? DEFAULT_REPO_CONFIG.automerge,
    parallelPlan: yaml.parallel_plan ?? DEFAULT_REPO_CONFIG.parallelPlan,
    parallelApply: yaml.parallel_apply ?? DEFAULT_REPO_CONFIG.parallelApply,
    deleteSourceBranchOnMerge:
      yaml.delete_source_branch_on_merge ?? DEFAULT_REPO_CONFIG.deleteSourceBranchOnMerge,
    silencePrComments: yaml.silence_pr_comments ?? [],
    stateful: (yaml.stateful ?? []).map(statefulOf),
    ...(yaml.governance ? { governance: governanceOf(yaml.governance) } : {}),
    ...(yaml.policy_exceptions
      ? { policyExceptions: yaml.policy_exceptions.map((one) => ({ set: one.set, ...exceptionOf(one) })) }
      : {}),
    ...(yaml.resource_context ? { resourceContext: contextOf(yaml.resource_context) } : {}),
    defaults,
    warnings: idleKeys(yaml, defaults),
  };
};

/** Keys that can never come to act, as the file stands. */
const idleKeys = (yaml: PlumblineYaml, { apply }: WorkspaceDefaults): readonly ConfigProblem[] => {
  const byComment = [apply, ...(yaml.workspaces ?? []).map((one) => one.apply ?? apply)].includes(
    "on_comment",
  );
  return [
    ...(yaml.automerge === true && !byComment
      ? [
          {
            path: "automerge",
            message:
              "It merges what was applied by comment, and no workspace here has `apply: on_comment`: the merge itself applies.",
          },
        ]
      : []),
    ...(yaml.delete_source_branch_on_merge === true && yaml.automerge !== true
      ? [
          {
            path: "delete_source_branch_on_merge",
            message: "It deletes branches after merges of Plumbline's own, which `automerge` makes.",
          },
        ]
      : []),
  ];
};

const contextOf = (
  yaml: NonNullable<PlumblineYaml["resource_context"]>,
): NonNullable<RepoConfig["resourceContext"]> => ({
  files: yaml.files ?? [],
  sensitive: yaml.sensitive?.map((name) => name.toLowerCase()) ?? SENSITIVE_DATA,
});

const statefulOf = (entry: NonNullable<PlumblineYaml["stateful"]>[number]): StatefulOverride => ({
  type: entry.type,
  stateful: entry.stateful ?? null,
  destroy: entry.destroy ?? null,
  ...(entry.rules ? { rules: entry.rules } : {}),
  reason: entry.reason,
});
