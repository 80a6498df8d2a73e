import type { ConfigProblem } from "../model/config.ts";
import type { AtlantisYaml, ProjectYaml } from "./atlantis-schema.ts";
import type { PlumblineYaml, WorkspaceYaml } from "./plumbline-schema.ts";

/** An atlantis.yaml in the words of plumbline.yaml, with a warning for each key that does nothing here. */
export interface FromAtlantis {
  readonly yaml: PlumblineYaml;
  readonly warnings: readonly ConfigProblem[];
}

/** Translates an atlantis.yaml whose shape is right; nothing is dropped without a warning. */
export const fromAtlantisYaml = (yaml: AtlantisYaml): FromAtlantis => {
  const projects = yaml.projects ?? [];
  const mode = yaml.autodiscover?.mode ?? "auto";
  return {
    yaml: {
      version: 1,
      // Atlantis applies by comment, before the merge; a repository that brings its file keeps that habit.
      defaults: { apply: "on_comment" },
      workspaces: projects.map((project) => workspaceFrom(project, yaml)),
      autodiscover: {
        ...(mode !== "auto" && { enabled: mode === "enabled" }),
        ignore_paths: yaml.autodiscover?.ignore_paths ?? [],
      },
      automerge: yaml.automerge,
      parallel_plan: yaml.parallel_plan,
      parallel_apply: yaml.parallel_apply,
      delete_source_branch_on_merge:
        yaml.delete_source_branch_on_merge ??
        projects.find((project) => project.delete_source_branch_on_merge !== undefined)
          ?.delete_source_branch_on_merge,
      silence_pr_comments: yaml.silence_pr_comments,
    },
    warnings: [
      ...idleKeys(yaml, IDLE_KEYS, ""),
      ...projects.flatMap((project, index) => idleKeys(project, IDLE_PROJECT_KEYS, `projects[${index}].`)),
    ],
  };
};

const workspaceFrom = (project: ProjectYaml, yaml: AtlantisYaml): WorkspaceYaml => ({
  dir: project.dir,
  name: project.workspace,
  project: project.name,
  branch: project.branch,
  terraform_distribution: project.terraform_distribution,
  terraform_version: project.terraform_version,
  autoplan: project.autoplan?.enabled,
  when_modified: project.autoplan?.when_modified,
  plan_requirements: project.plan_requirements,
  apply_requirements: project.apply_requirements,
  depends_on: project.depends_on,
  execution_order_group: project.execution_order_group,
  lock: lockOf(project, yaml),
});

const lockOf = (project: ProjectYaml, yaml: AtlantisYaml): WorkspaceYaml["lock"] => {
  const mode = project.repo_locks?.mode ?? yaml.repo_locks?.mode;
  return project.repo_locking === false && project.repo_locks === undefined ? "disabled" : mode;
};

type Idle = Readonly<Record<string, string>>;

const CUSTOM_STEPS = "Plumbline runs no custom steps: it plans and applies with its own.";
const POLICIES = "Policies of atlantis.yaml are not read here; they come from the server's configuration.";
const IDLE_KEYS: Idle = {
  workflows: CUSTOM_STEPS,
  policies: POLICIES,
  allowed_regexp_prefixes: "Names are matched exactly here.",
  emoji_reaction: "Comments are answered, not reacted to.",
  abort_on_execution_order_fail: "What depends on a failed workspace is never applied here.",
};
const IDLE_PROJECT_KEYS: Idle = {
  workflow: CUSTOM_STEPS,
  import_requirements: "There is no import command here.",
  policy_check: POLICIES,
  custom_policy_check: POLICIES,
  silence_pr_comments: "Only the key at the top of the file counts here.",
};

const idleKeys = (from: Readonly<Record<string, unknown>>, idle: Idle, prefix: string): ConfigProblem[] =>
  Object.entries(idle)
    .filter(([key]) => from[key] !== undefined)
    .map(([key, why]) => ({ path: `${prefix}${key}`, message: `This key does nothing here. ${why}` }));
