import { isModuleFile } from "../hcl/module.ts";
import type { RepoConfig, WorkspaceConfig } from "../model/config.ts";
import type { CodeTree } from "./code-tree.ts";
import { baseName, isUnder, joinPath, parentOf } from "./paths.ts";
import { compilePatterns, patternsUnder } from "./patterns.ts";
import { traceModules } from "./trace.ts";
import { DEFAULT_WHEN_MODIFIED } from "./workspace-entry.ts";

export interface AffectedInput {
  /** Merged with this commit's files (`mergeRepoConfig`). */
  readonly config: RepoConfig;
  /** As Git names them between base and head, both names of a rename. */
  readonly changedFiles: readonly string[];
  /** The code at the head (as merged). */
  readonly code: CodeTree;
  /** The merged configuration at the base: a workspace that is new, or planned otherwise than before, is affected. */
  readonly base?: RepoConfig;
}

export interface AffectedBy {
  readonly workspace: WorkspaceConfig;
  /** The first file that made it so, or the configuration. */
  readonly because: string;
}

/**
 * The workspaces whose plan may differ, in the configuration's order; those with `autoplan: false` too. A file counts
 * that matches `when_modified`, or that the workspace is made of: its local modules at any depth, files that they
 * read, its variable files, what its links lead to. A `!` pattern has the last word on either.
 */
export const affectedWorkspaces = ({
  config,
  changedFiles,
  code,
  base,
}: AffectedInput): readonly AffectedBy[] => {
  const dirs = config.workspaces.map(({ dir }) => dir);
  return config.workspaces.flatMap((workspace) => {
    const counts = inputOf(workspace, code, dirs);
    const file = changedFiles.find(counts);
    if (file !== undefined) return [{ workspace, because: file }];
    return base && plansOtherwise(workspace, base) ? [{ workspace, because: "configuration" }] : [];
  });
};

/** Workspaces of the base that the head no longer has: their destroy is to be planned from the base. */
export const removedWorkspaces = (base: RepoConfig, head: RepoConfig): readonly WorkspaceConfig[] => {
  const left = new Set(head.workspaces.map(identityOf));
  return base.workspaces.filter((workspace) => !left.has(identityOf(workspace)));
};

// A name given to a workspace, or taken from it, is no new workspace: state knows folder and workspace only.
const identityOf = ({ dir, name }: WorkspaceConfig): string => `${dir}#${name}`;

const inputOf = (
  workspace: WorkspaceConfig,
  code: CodeTree,
  dirs: readonly string[],
): ((file: string) => boolean) => {
  const { dir, whenModified } = workspace;
  const compiled = compilePatterns(patternsUnder(dir, whenModified));
  // Patterns are judged when the configuration is read; what is no pattern matches nothing.
  const matcher = compiled.ok ? compiled.matcher : undefined;
  const isMadeOf = readsFile(workspace, code);
  const untouched = isDefault(whenModified);
  return (file) => {
    if (matcher?.excludes(file)) return false;
    const matches = matcher?.matches(file) && !(untouched && belongsToNested(file, dir, dirs));
    return matches || isMadeOf(file);
  };
};

const isDefault = (patterns: readonly string[]): boolean =>
  patterns.length === DEFAULT_WHEN_MODIFIED.length &&
  patterns.every((pattern, index) => pattern === DEFAULT_WHEN_MODIFIED[index]);

/** The default patterns reach into every folder below; one that is a workspace of its own stands for itself. */
const belongsToNested = (file: string, dir: string, dirs: readonly string[]): boolean =>
  dirs.some((other) => other !== dir && isUnder(other, dir) && isUnder(file, other));

/**
 * Whether a file is part of what a workspace plans: its root, its local modules at any depth, what they read, its
 * variable files. No pattern of its configuration counts.
 */
export const readsFile = (workspace: WorkspaceConfig, code: CodeTree): ((file: string) => boolean) => {
  if (workspace.kind !== "terraform") return () => false;
  const trace = traceModules(code, workspace.dir);
  const dirs = new Set(trace.dirs);
  const root = trace.dirs[0] ?? workspace.dir;
  const varFiles = new Set([
    ...workspace.varFiles.map((file) => joinPath(root, file)),
    joinPath(root, `env/${workspace.name}.tfvars`),
    joinPath(root, ".terraform.lock.hcl"),
  ]);
  return (file) =>
    (isModuleFile(file) && dirs.has(parentOf(file))) ||
    (parentOf(file) === root && isLoadedByItself(baseName(file))) ||
    varFiles.has(file) ||
    trace.reads.some((read) => isUnder(file, read));
};

/**
 * As `readsFile`, where nobody may be left out: code that reads a file whose name is computed from its beginning may
 * read any that is neither code nor variables.
 */
export const mayReadFile = (workspace: WorkspaceConfig, code: CodeTree): ((file: string) => boolean) => {
  const reads = readsFile(workspace, code);
  if (workspace.kind !== "terraform" || !traceModules(code, workspace.dir).readsUntold) return reads;
  const isCode = (file: string): boolean => isModuleFile(file) || /\.(tfvars(\.json)?|hcl)$/.test(file);
  return (file) => reads(file) || !isCode(file);
};

const isLoadedByItself = (name: string): boolean =>
  /^terraform\.tfvars(\.json)?$/.test(name) || /\.auto\.tfvars(\.json)?$/.test(name);

const plansOtherwise = (workspace: WorkspaceConfig, base: RepoConfig): boolean => {
  const before = base.workspaces.find((other) => identityOf(other) === identityOf(workspace));
  return !before || planning(before) !== planning(workspace);
};

/** What of a workspace's configuration shows in its plan. */
const planning = ({ kind, engine, varFiles }: WorkspaceConfig): string =>
  JSON.stringify([kind, engine.distribution ?? null, engine.version ?? null, varFiles]);
