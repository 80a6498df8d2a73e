import type { AtlantisFate } from "./atlantis-keys.ts";
import type { AtlantisYaml, ProjectYaml } from "./atlantis-schema.ts";
import { type AtlantisWorkflow, readWorkflow } from "./atlantis-workflow.ts";

/** What Atlantis's server says of workflows for a repository. */
export interface AtlantisWorkflows {
  readonly workflows?: Readonly<Record<string, AtlantisWorkflow | null>> | undefined;
  /** Which one holds where a project names none. */
  readonly workflow?: string | undefined;
}

export interface WorkflowTold {
  /** Which file holds the workflow. */
  readonly from: "repository" | "server";
  /** `workflows.NAME.plan.steps[0]`, or `projects[].workflow` of a workflow that is in no file. */
  readonly key: string;
  readonly fate: AtlantisFate;
  readonly note: string;
}

/** Variable files that a project's workflow hands to its plan step, and what is to be said of its other steps. */
export const workflowFiles = (
  yaml: AtlantisYaml,
  project: Pick<ProjectYaml, "dir" | "workspace" | "workflow">,
  server: AtlantisWorkflows,
): { readonly varFiles: readonly string[]; readonly told: readonly WorkflowTold[] } => {
  const name = project.workflow ?? server.workflow ?? "default";
  const found = workflowOf(yaml, name, server);
  if (!found) return { varFiles: [], told: project.workflow === undefined ? [] : [missing(yaml, name)] };
  const { varFiles, told } = readWorkflow(found.workflow, {
    dir: project.dir,
    name: project.workspace ?? "",
  });
  const key = `workflows.${name}`;
  return {
    varFiles,
    told: told.map(({ path, ...one }) => ({ ...one, from: found.from, key: `${key}.${path}` })),
  };
};

const workflowOf = (
  yaml: AtlantisYaml,
  name: string,
  server: AtlantisWorkflows,
): { readonly workflow: AtlantisWorkflow; readonly from: WorkflowTold["from"] } | undefined => {
  const own = yaml.workflows?.[name];
  if (own) return { workflow: own, from: "repository" };
  const theirs = server.workflows?.[name];
  return theirs ? { workflow: theirs, from: "server" } : undefined;
};

const missing = (yaml: AtlantisYaml, name: string): WorkflowTold => ({
  from: "repository",
  key: `projects[${(yaml.projects ?? []).findIndex(({ workflow }) => workflow === name)}].workflow`,
  fate: "lost",
  note: `The workflow ${name} is in no file that was read: Atlantis's server has it. Plumbline runs no custom steps; variable files of its plan belong into var_files.`,
});
