import type { WorkspaceConfig } from "../model/config.ts";

type Named = Pick<WorkspaceConfig, "dir" | "name" | "project">;
type Dependent = Named & Pick<WorkspaceConfig, "dependsOn">;

/** How a workspace is called inside its repository: its project's name, else `dir#name`. */
export const workspaceLabel = ({ dir, name, project }: Named): string => project ?? `${dir}#${name}`;

/**
 * The workspace that a `depends_on` names: by project, by `dir#name`, or by `dir` alone where one workspace lies
 * there. `several` where it cannot be told, `undefined` where there is none.
 */
export const dependencyOf = <T extends Named>(
  name: string,
  workspaces: readonly T[],
): T | "several" | undefined => {
  const byProject = workspaces.find(({ project }) => project === name);
  if (byProject) return byProject;
  const [dir = "", workspace] = name.split("#", 2);
  const clean = dir === "." ? dir : dir.replace(/^\.\//, "").replace(/\/+$/, "");
  const there = workspaces.filter(
    (other) => other.dir === clean && (workspace === undefined || other.name === workspace),
  );
  return there.length > 1 ? "several" : there[0];
};

/** Labels that wait for each other, in order, without the first repeated at the end; `undefined` for none. */
export const dependencyCycle = (workspaces: readonly Dependent[]): readonly string[] | undefined => {
  const done = new Set<Dependent>();
  const visit = (workspace: Dependent, above: readonly Dependent[]): readonly Dependent[] | undefined => {
    const start = above.indexOf(workspace);
    if (start !== -1) return above.slice(start);
    if (done.has(workspace)) return undefined;
    for (const next of directDependencies(workspace, workspaces)) {
      const cycle = next === workspace ? undefined : visit(next, [...above, workspace]);
      if (cycle) return cycle;
    }
    done.add(workspace);
    return undefined;
  };
  for (const workspace of workspaces) {
    const cycle = visit(workspace, []);
    if (cycle) return cycle.map(workspaceLabel);
  }
  return undefined;
};

/** The workspaces that one names itself; names that lead nowhere, or to several, are left out. */
export const directDependencies = <T extends Dependent>(workspace: T, workspaces: readonly T[]): T[] =>
  workspace.dependsOn
    .map((name) => dependencyOf(name, workspaces))
    .filter((found): found is T => found !== undefined && found !== "several");
