import type { CodeTree } from "./code-tree.ts";
import { joinPath } from "./paths.ts";

/** Everything in the repository that a root module is made of. Paths are real ones, links followed. */
export interface Trace {
  /** The root's own folder first, then those of its local modules, at any depth. */
  readonly dirs: readonly string[];
  /** Files and folders that the code reads or links to. */
  readonly reads: readonly string[];
  /** Whether some of the code also reads files of which nothing is certain. */
  readonly readsUntold: boolean;
  /** Local sources that lead nowhere, outside of the repository or round in a circle. */
  readonly problems: readonly { readonly file: string; readonly message: string }[];
}

/**
 * Follows local `module` sources (`./x`, `../x`) from a root module through the repository. A module is never left
 * out for being broken: what could be read of it counts. Remote sources are not followed.
 */
export const traceModules = (code: CodeTree, root: string): Trace => {
  const start = code.real(root) ?? root;
  const dirs: string[] = [];
  const reads = new Set<string>();
  const problems: { file: string; message: string }[] = [];
  let readsUntold = false;
  const open = [start];
  for (let dir = open.shift(); dir !== undefined; dir = open.shift()) {
    if (dirs.includes(dir)) continue;
    dirs.push(dir);
    for (const target of code.linked(dir)) reads.add(target);
    const facts = code.facts(dir);
    readsUntold ||= facts.readsUntold;
    for (const { base, path } of facts.reads) {
      const found = code.real(joinPath(base === "module" ? dir : start, path));
      if (found !== undefined) reads.add(found);
    }
    for (const { name, source, file } of facts.calls) {
      if (source === null || !isLocal(source)) continue;
      const target = moduleDir(code, dir, source);
      if (typeof target === "string") open.push(target);
      else problems.push({ file, message: `The source ${source} of module ${name} ${target.problem}.` });
    }
  }
  return { dirs, reads: [...reads], readsUntold, problems };
};

/** Sources that begin so are folders beside the caller, for every engine. */
export const isLocal = (source: string): boolean => /^\.\.?(\/|$)/.test(source);

const moduleDir = (code: CodeTree, dir: string, source: string): string | { readonly problem: string } => {
  const target = code.real(joinPath(dir, source));
  if (target === undefined) return { problem: "leads out of the repository" };
  return code.names(target).length === 0 ? { problem: "is no folder of the repository" } : target;
};
