import type { ConfigProblem, RepoConfig, WorkspaceConfig } from "../model/config.ts";
import { didYouMean } from "../model/similar.ts";
import { dependencyCycle, dependencyOf, workspaceLabel } from "./dependencies.ts";
import { hasGlob, matchesDir } from "./dir-glob.ts";
import { leavesRepository } from "./leaf-rules.ts";

/**
 * What is wrong between entries. `list` is the key of the file that holds them, `places` where each of them stands in
 * it, if some were left out.
 */
export const repoProblems = (
  config: RepoConfig,
  list: "workspaces" | "projects",
  places?: readonly number[],
): ConfigProblem[] => {
  const at = (index: number, key = ""): string =>
    `${list}[${places?.[index] ?? index}]${key === "" ? "" : `.${key}`}`;
  return [
    ...twins(config.workspaces, at),
    ...sharedProjects(config.workspaces, at, list),
    ...config.workspaces.flatMap((workspace, index) => fileProblems(workspace, (key) => at(index, key))),
    ...dependencyProblems(config, at),
  ];
};

type Place = (index: number, key?: string) => string;

/** Entries that share folder and engine workspace are told apart by their names alone, so all of them need one. */
const twins = (workspaces: readonly WorkspaceConfig[], at: Place): ConfigProblem[] => {
  const before = new Map<string, { readonly index: number; readonly project: string | null }>();
  return workspaces.flatMap(({ dir, name, project }, index) => {
    const id = `${dir}#${name}`;
    const other = before.get(id);
    if (!other || project === null) before.set(id, { index, project });
    if (!other || (project !== null && other.project !== null)) return [];
    const message = `${dir} with the workspace ${name} is listed already at ${at(other.index)}. Remove one, or give each its own name.`;
    return [{ path: at(index), message }];
  });
};

const sharedProjects = (
  workspaces: readonly WorkspaceConfig[],
  at: Place,
  list: "workspaces" | "projects",
): ConfigProblem[] => {
  const key = list === "projects" ? "name" : "project";
  const first = new Map<string, number>();
  return workspaces.flatMap(({ project, dir }, index) => {
    if (project === null) return [];
    const before = first.get(project);
    if (before === undefined) first.set(project, index);
    if (hasGlob(dir) && list === "workspaces")
      return [
        { path: at(index, key), message: "A glob stands for many workspaces; they cannot share one name." },
      ];
    return before === undefined
      ? []
      : [{ path: at(index, key), message: `The name ${project} is taken already at ${at(before)}.` }];
  });
};

const fileProblems = (workspace: WorkspaceConfig, at: (key: string) => string): ConfigProblem[] =>
  workspace.varFiles
    .map((file, index) => ({ file, index }))
    .filter(({ file }) => !hasGlob(workspace.dir) && leavesRepository(workspace.dir, file))
    .map(({ file, index }) => ({
      path: at(`var_files[${index}]`),
      message: `${file} lies outside of the repository.`,
    }));

const dependencyProblems = (config: RepoConfig, at: Place): ConfigProblem[] => {
  const { workspaces } = config;
  const unknown = workspaces.flatMap((workspace, index) =>
    workspace.dependsOn.flatMap((name, position) => {
      const message = referenceProblem(name, workspace, config);
      return message ? [{ path: at(index, `depends_on[${position}]`), message }] : [];
    }),
  );
  const cycle = dependencyCycle(workspaces);
  if (cycle === undefined) return unknown;
  const index = workspaces.findIndex((workspace) => workspaceLabel(workspace) === cycle[0]);
  const message = `These wait for each other: ${[...cycle, cycle[0]].join(" -> ")}.`;
  return [...unknown, { path: at(index, "depends_on"), message }];
};

const referenceProblem = (
  name: string,
  workspace: WorkspaceConfig,
  { workspaces, autodiscover, source }: RepoConfig,
): string | undefined => {
  const found = dependencyOf(name, workspaces);
  if (found === "several")
    return `${name} stands for several workspaces. Write DIR#NAME, or the project's name.`;
  if (found) return found === workspace ? "A workspace cannot depend on itself." : undefined;
  const dir = name.split("#", 1)[0] ?? "";
  if (workspaces.some((other) => hasGlob(other.dir) && matchesDir(other.dir, dir))) return undefined;
  // What discovery will find is not known yet; a name that leads nowhere then is a warning of the merge.
  if (autodiscover.enabled) return undefined;
  const known = workspaces.map(workspaceLabel);
  const meant = didYouMean(name, known);
  // Atlantis passes over names that lead nowhere, so its files may hold old ones: only a mistyped one stops here.
  if (source === "atlantis.yaml" && meant === "") return undefined;
  return `There is no workspace ${name}.${meant || (known.length > 1 ? ` Known: ${known.join(", ")}.` : "")}`;
};
