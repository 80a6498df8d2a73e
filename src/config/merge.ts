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
 * (`workspaceLabel`). What leads nowhere becomes a warning. `files` are all paths of the commit.
 */
export const mergeRepoConfig = (
  config: RepoConfig,
  files: readonly string[],
  roots: readonly DiscoveredRoot[] = [],
): RepoConfig => {
  const folders = codeFolders(files);
  const warnings: ConfigProblem[] = [...config.warnings];
  const listed = config.workspaces.filter(({ dir }) => !hasGlob(dir));
  const taken = new Set(listed.map(placeOf));
  for (const workspace of config.workspaces.filter(({ dir }) => hasGlob(dir))) {
    const found = folders[workspace.kind].filter((dir) => matchesDir(workspace.dir, dir));
    if (found.length === 0)
      warnings.push({ path: workspace.dir, message: "This glob covers no folder with code." });
    for (const dir of found) {
      // One name for many would not tell them apart.
      const project = workspace.project === null ? null : `${workspace.project}/${dir}`;
      const expanded = { ...workspace, dir, project };
      if (!taken.has(placeOf(expanded))) listed.push(expanded);
      taken.add(placeOf(expanded));
    }
  }
  const workspaces = [...listed, ...discoveredOf(config, listed, roots)];
  return { ...config, ...resolved(workspaces, warnings) };
};

const placeOf = ({ dir, name }: WorkspaceConfig): string => `${dir}#${name}`;

const CODE = { terraform: /\.(tf|tofu)(\.json)?$/, "postgres-migrations": /\.sql$/ } as const;

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
