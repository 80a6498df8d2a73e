import { cp, lstat, mkdir } from "node:fs/promises";
import { basename, isAbsolute, join, relative, sep } from "node:path";
import { PlumblineError } from "../model/errors.ts";
import type { EngineCall, EngineResult } from "../ports/engine.ts";

/** Copies a repository to its own place below `folder`, by the names that are wanted; gives the copy's root. */
export const copyRepository = async (
  repoRoot: string,
  folder: string,
  isWanted: (name: string) => boolean,
): Promise<string> => {
  // Taken away again by `asThere`, paths that the code makes are what they were.
  const root = join(folder, ROOT, repoRoot);
  await mkdir(root, { recursive: true, mode: 0o700 });
  const filter = async (path: string): Promise<boolean> => {
    if (path === repoRoot) return true;
    if (!isWanted(basename(path))) return false;
    const kind = await lstat(path);
    return kind.isDirectory() || kind.isFile() || kind.isSymbolicLink();
  };
  await cp(repoRoot, root, { recursive: true, verbatimSymlinks: true, filter });
  return root;
};

const ROOT = "root";

/** Everything but Git's own folder and what engines and package managers keep beside the code. */
export const isKept = (name: string): boolean =>
  ![".git", ".terraform", ".terragrunt-cache", "node_modules"].includes(name) && !name.endsWith(".tfplan");

/** Words of an engine that worked in the copy, with the paths of the repository. */
export const asThere = (folder: string, text: string): string => text.replaceAll(join(folder, ROOT), "");

/** Variable files of a workspace as they lie in a copy; those outside of the repository stay where they are. */
export const varFilesIn = (
  root: string,
  workspace: {
    readonly repoRoot: string;
    readonly call: Pick<EngineCall, "dir">;
    readonly varFiles: readonly string[];
  },
): readonly string[] =>
  workspace.varFiles.map((file) => {
    const path = relative(workspace.repoRoot, isAbsolute(file) ? file : join(workspace.call.dir, file));
    return path.startsWith(`..${sep}`) || isAbsolute(path) ? file : join(root, path);
  });

/** @throws `engine-failed` */
export const mustWork = <T extends EngineResult>(what: string, result: T): T => {
  if (!result.failed) return result;
  throw new PlumblineError(
    "engine-failed",
    `${what} of the proof failed.\n${result.diagnostics || result.shortMessage}`,
  );
};
