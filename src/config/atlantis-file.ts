import type { ConfigProblem } from "../model/config.ts";
import { ATLANTIS_KEYS } from "./atlantis-keys.ts";
import type { AtlantisYaml, ProjectYaml } from "./atlantis-schema.ts";
import { keyNotes } from "./atlantis-told.ts";
import { type AtlantisWorkflows, type WorkflowTold, workflowFiles } from "./atlantis-workflows.ts";
import type { PlumblineYaml, WorkspaceYaml } from "./plumbline-schema.ts";

/** An atlantis.yaml in the words of plumbline.yaml, with a warning for each key that does nothing here. */
export interface FromAtlantis {
  readonly yaml: PlumblineYaml;
  readonly warnings: readonly ConfigProblem[];
  /** What is to be said of the steps of custom workflows, by their places; among the warnings too. */
  readonly steps: readonly WorkflowTold[];
}

/**
 * Translates an atlantis.yaml whose shape is right; nothing is dropped without a warning. Variable files that a workflow
 * hands to its plan step are the workspace's; `server` holds what Atlantis's server says of workflows, where it is known.
 */
export const fromAtlantisYaml = (yaml: AtlantisYaml, server: AtlantisWorkflows = {}): FromAtlantis => {
  const projects = yaml.projects ?? [];
  const mode = yaml.autodiscover?.mode ?? "auto";
  const lock = yaml.repo_locks?.mode;
  const read = projects.map((project) => workflowFiles(yaml, project, server));
  const everywhere = projects.length === 0 ? workflowFiles(yaml, { dir: "." }, server) : NO_FILES;
  const steps = [...read, everywhere].flatMap(({ told }) => told);
  return {
    yaml: {
      version: 1,
      // Atlantis applies by comment, before the merge; a repository that brings its file keeps that habit.
      defaults: {
        apply: "on_comment",
        ...(lock && { lock }),
        ...(everywhere.varFiles.length > 0 && { var_files: [...everywhere.varFiles] }),
      },
      workspaces: projects.map((project, index) => workspaceFrom(project, read[index]?.varFiles ?? [])),
      autodiscover: {
        ...(mode !== "auto" && { enabled: mode === "enabled" }),
        ignore_paths: yaml.autodiscover?.ignore_paths ?? [],
      },
      automerge: yaml.automerge,
      parallel_plan: yaml.parallel_plan,
      parallel_apply: yaml.parallel_apply,
      delete_source_branch_on_merge: yaml.delete_source_branch_on_merge,
      silence_pr_comments: yaml.silence_pr_comments,
    },
    warnings: [
      ...keyNotes(yaml, ATLANTIS_KEYS)
        .filter(({ key }) => IDLE.has(ATLANTIS_KEYS[key]?.fate ?? "same"))
        .filter(({ key }) => !/workflows?$/.test(key))
        .map(({ path, note }) => ({ path, message: `This key does nothing here. ${note}` })),
      ...steps.filter(({ fate }) => fate === "lost").map(({ key, note }) => ({ path: key, message: note })),
    ],
    steps,
  };
};

const NO_FILES = { varFiles: [], told: [] };
const IDLE: ReadonlySet<string> = new Set(["lost", "unneeded"]);

const workspaceFrom = (project: ProjectYaml, varFiles: readonly string[]): WorkspaceYaml => ({
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
  lock: project.repo_locks?.mode ?? (project.repo_locking === false ? "disabled" : undefined),
  ...(varFiles.length > 0 && { var_files: [...varFiles] }),
});
