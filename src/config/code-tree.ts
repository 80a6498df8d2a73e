import type { ModuleFacts } from "../hcl/facts.ts";
import { isModuleFile, type ReadModule } from "../hcl/module.ts";
import { baseName, cleanPath, escapes, joinPath, parentOf } from "./paths.ts";

/** One commit of a repository, as Git lists and holds it. */
export interface CommitFiles {
  /** Every path. */
  readonly paths: readonly string[];
  /** The text of every path that `isWanted` names; what is left out counts as empty. */
  readonly texts: ReadonlyMap<string, string>;
  /** Symbolic links with their targets as Git keeps them (the link's own text). */
  readonly links?: ReadonlyMap<string, string>;
}

/** Whether discovery and tracing need the text of this file. */
export const isWanted = (path: string): boolean => isModuleFile(path) && !isMachinery(path);

/** The code of a commit, folder by folder; modules are read when they are first asked for. */
export interface CodeTree {
  /** Folders that hold module files, sorted. */
  readonly folders: readonly string[];
  /** Names of the files (and links) that lie directly in a folder. */
  names(dir: string): readonly string[];
  facts(dir: string): ModuleFacts;
  /** The real path behind symbolic links; `undefined` where it leaves the repository or goes round in a circle. */
  real(path: string): string | undefined;
  /** The files to which links in a folder lead; a linked folder counts only where code goes through it. */
  linked(dir: string): readonly string[];
}

export const codeTree = (files: CommitFiles, read: ReadModule): CodeTree => {
  const links = files.links ?? new Map<string, string>();
  const paths = new Set(files.paths);
  const byFolder = new Map<string, string[]>();
  for (const path of files.paths) {
    const names = byFolder.get(parentOf(path));
    if (names) names.push(baseName(path));
    else byFolder.set(parentOf(path), [baseName(path)]);
  }
  const real = (path: string): string | undefined => followed(cleanPath(path), links);
  const names = (dir: string): readonly string[] => byFolder.get(real(dir) ?? dir) ?? [];
  const known = new Map<string, ModuleFacts>();
  const facts = (dir: string): ModuleFacts => {
    const before = known.get(dir);
    if (before) return before;
    const module = read(moduleTexts(dir, names(dir), files.texts, real));
    known.set(dir, module);
    return module;
  };
  return {
    folders: [...byFolder.keys()]
      .filter((dir) => names(dir).some(isModuleFile) && !isMachinery(`${dir}/x`))
      .sort(),
    names,
    facts,
    real,
    linked: (dir) =>
      names(dir).flatMap((name) => {
        const target = links.has(joinPath(dir, name)) ? real(joinPath(dir, name)) : undefined;
        return target !== undefined && paths.has(target) ? [target] : [];
      }),
  };
};

/** Folders that tools make, never code of the repository. */
const isMachinery = (path: string): boolean =>
  /(^|\/)(\.terraform|\.terragrunt-cache|\.git|node_modules)\//.test(path);

const moduleTexts = (
  dir: string,
  names: readonly string[],
  texts: ReadonlyMap<string, string>,
  real: CodeTree["real"],
): ReadonlyMap<string, string> =>
  new Map(
    names.filter(isModuleFile).flatMap((name): [string, string][] => {
      const path = joinPath(dir, name);
      const text = texts.get(real(path) ?? path);
      return text === undefined ? [] : [[path, text]];
    }),
  );

const MOST_LINKS = 20;

const followed = (path: string, links: ReadonlyMap<string, string>): string | undefined => {
  let current = path;
  for (let turn = 0; turn <= MOST_LINKS; turn += 1) {
    if (escapes(current)) return undefined;
    const link = stepsTo(current).find((step) => links.has(step));
    if (link === undefined) return current;
    const target = links.get(link) ?? "";
    if (target.startsWith("/")) return undefined;
    current = joinPath(parentOf(link), target, current.slice(link.length + 1));
  }
  return undefined;
};

/** `a`, `a/b`, `a/b/c` */
export const stepsTo = (path: string): string[] => {
  const steps = path.split("/");
  return steps.map((_, index) => steps.slice(0, index + 1).join("/"));
};
