import { joinPath, parentOf } from "../config/paths.ts";
import { traceModules } from "../config/trace.ts";
import type { WorkspaceConfig } from "../model/config.ts";
import type { World } from "./world.ts";

const isInside = (dir: string, path: string): boolean =>
  (dir === "." || path.startsWith(`${dir}/`)) && !path.endsWith(".md");

/**
 * Hash over everything in the repository that a workspace is made of: the files of its root and of its local modules,
 * what they read, its variable files. A changed provisioner shows here and nowhere in a plan's resource changes.
 */
export const inputTreeHash = async (
  world: World,
  repo: string,
  commit: string,
  config: WorkspaceConfig,
): Promise<string> => {
  const { code, paths } = await world.codeAt(repo, commit);
  if (config.kind === "postgres-migrations")
    return world.git.treeHash(
      repo,
      commit,
      paths.filter((path) => isInside(config.dir, path)),
    );
  const { dirs, reads } = traceModules(code, config.dir);
  const folders = new Set(dirs);
  const files = paths.filter((path) => folders.has(parentOf(path)) && !path.endsWith(".md"));
  const varFiles = config.varFiles.map((file) => joinPath(config.dir, file));
  return world.git.treeHash(repo, commit, [...files, ...reads, ...varFiles]);
};
