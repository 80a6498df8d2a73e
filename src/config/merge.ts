import type { ConfigProblem, RepoConfig, WorkspaceConfig } from "../model/config.ts";
import { dependencyCycle, dependencyOf, workspaceLabel } from "./dependencies.ts";
import { hasGlob, matchesDir } from "./dir-glob.ts";
import { baseName, isUnder, parentOf } from "./paths.ts";
import { BUILT_IN_DEFAULTS } from "./workspace-entry.ts";

/** A root module that no file names; `discoverRoots` finds them. */
export interface DiscoveredRoot {
  readonly dir: string;
}

/**
 * The configuration as it holds for one commit: globs become the folders that hold code, discovered roots are added
 * where discovery is on (a listed folder is never added again), `dependsOn` becomes labels of workspaces
 * (`workspaceLabel`). An entry whose folder holds no code (any more) is left out, so that a pull request that deletes
 * the folder takes the workspace out. What leads nowhere becomes a warning. `files` are all paths of the commit, links
 * to folders among them.
 */
export const mergeRepoConfig = (
  config: RepoConfig,
  files: readonly string[],
  roots: readonly DiscoveredRoot[] = [],
): RepoConfig => {
  const folders = codeFolders(files);
  const known = new Set([...files, ...folders.terraform, ...folders["postgres-migrations"]]);
  const named = config.workspaces.filter(({ dir }) => !hasGlob(dir));
  const present = named.filter(({ dir }) => known.has(dir));
  const globs = config.workspaces.filter(({ dir }) => hasGlob(dir));
  const covered = globs.map((workspace) => expanded(workspace, folders[workspace.kind]));
  const taken = new Set(present.map(placeOf));
  const byPlace = [...Map.groupBy(covered.flat(), placeOf).values()].flatMap(([first]) => first ?? []);
  const listed = [...present, ...byPlace.filter((workspace) => !taken.has(placeOf(workspace)))];
  const workspaces = [...listed, ...discoveredOf(config, listed, roots)];
  const warnings = [
    ...config.warnings,
    ...named
      .filter(({ dir }) => !known.has(dir))
      .map(({ dir }) => emptyAt(dir, "There is no code in this folder.")),
    ...globs
      .filter((_, index) => covered[index]?.length === 0)
      .map(({ dir }) => emptyAt(dir, "This glob covers no folder with code.")),
  ];
  return { ...config, ...resolved(workspaces, warnings) };
};

const emptyAt = (path: string, message: string): ConfigProblem => ({ path, message });

const expanded = (workspace: WorkspaceConfig, folders: readonly string[]): WorkspaceConfig[] =>
  folders
    .filter((dir) => matchesDir(workspace.dir, dir))
    // One name for many would not tell them apart.
    .map((dir) => ({ ...workspace, dir, project: workspace.project && `${workspace.project}/${dir}` }));

const placeOf = ({ dir, name }: WorkspaceConfig): string => `${dir}#${name}`;

const CODE = { terraform: /\.(tf|tofu)(\.json)?$/, "postgres-migrations": /\.sql$/i } as const;

const codeFolders = (files: readonly string[]): Record<WorkspaceConfig["kind"], string[]> => {
  const under = (pattern: RegExp): string[] =>
    [...new Set(files.filter((file) => pattern.test(baseName(file))).map(parentOf))]
      .filter((dir) => !dir.split("/").some((step) => step === ".terraform" || step === ".git"))
      .sort();
  return { terraform: under(CODE.terraform), "postgres-migrations": under(CODE["postgres-migrations"]) };
};

const discoveredOf = (
  { autodiscover, defaults }: RepoConfig,
  listed: readonly WorkspaceConfig[],
  roots: readonly DiscoveredRoot[],
): WorkspaceConfig[] => {
  if (!autodiscover.enabled) return [];
  const taken = new Set(listed.map(({ dir }) => dir));
  return roots
    .filter(({ dir }) => !taken.has(dir) && !isIgnored(dir, autodiscover.ignorePaths))
    .map(({ dir }) => ({
      ...(defaults ?? BUILT_IN_DEFAULTS),
      dir,
      name: "default",
      project: null,
      discovered: true,
    }));
};

/** Whether a folder, or one that it lies in, is covered by an `ignore_paths` of discovery. */
const isIgnored = (dir: string, globs: readonly string[]): boolean =>
  globs.some((glob) => matchesDir(glob, dir) || (!hasGlob(glob) && isUnder(dir, glob.replace(/\/+$/, ""))));

const resolved = (
  workspaces: readonly WorkspaceConfig[],
  before: readonly ConfigProblem[],
): Pick<RepoConfig, "workspaces" | "warnings"> => {
  const warnings = [...before];
  const named = workspaces.map((workspace) => {
    const dependsOn = workspace.dependsOn.flatMap((name) => {
      const found = dependencyOf(name, workspaces);
      if (found && found !== "several") return found === workspace ? [] : [workspaceLabel(found)];
      const why = found === "several" ? "stands for several workspaces" : "is no workspace";
      warnings.push({ path: workspaceLabel(workspace), message: `depends_on: ${name} ${why}.` });
      return [];
    });
    return { ...workspace, dependsOn: [...new Set(dependsOn)] };
  });
  const cycle = dependencyCycle(named);
  if (cycle)
    warnings.push({
      path: cycle[0] ?? "",
      message: `These wait for each other: ${[...cycle, cycle[0]].join(" -> ")}.`,
    });
  return { workspaces: named, warnings };
};
