import type { WorkspaceConfig } from "../model/config.ts";
import type { CodeTree } from "./code-tree.ts";
import { joinPath } from "./paths.ts";
import { traceModules } from "./trace.ts";

/**
 * A symbolic link out of the repository that an engine may follow from this workspace: it lies in a folder of its code, on
 * the way to a file that the code or the configuration names, or anywhere where the code computes names. Undefined for none.
 */
export const escapingLink = (
  code: CodeTree,
  links: readonly string[],
  config: Pick<WorkspaceConfig, "dir" | "name" | "varFiles">,
): string | undefined => {
  const out = links.filter((link) => code.real(link) === undefined);
  if (out.length === 0) return undefined;
  const { dirs, named, readsUntold } = filesOfCode(code, config);
  if (readsUntold) return out[0];
  return out.find(
    (link) =>
      dirs.some((each) => each === "." || isUnder(link, each)) || named.some((path) => isUnder(path, link)),
  );
};

/** The folders of a workspace's code, and the files that code and configuration name besides. */
export const filesOfCode = (
  code: CodeTree,
  { dir, name, varFiles }: Pick<WorkspaceConfig, "dir" | "name" | "varFiles">,
): { readonly dirs: readonly string[]; readonly named: readonly string[]; readonly readsUntold: boolean } => {
  const { dirs, readsUntold } = traceModules(code, dir);
  const [root = dir] = dirs;
  const named = [
    ...[...varFiles, `env/${name}.tfvars`].map((file) => joinPath(root, file)),
    ...dirs.flatMap((each) =>
      code.facts(each).reads.map(({ base, path }) => joinPath(base === "module" ? each : root, path)),
    ),
  ];
  return { dirs, named, readsUntold };
};

const isUnder = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);
