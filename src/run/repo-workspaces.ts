import { discoverRoots } from "../config/discovery.ts";
import { mergeRepoConfig } from "../config/merge.ts";
import { readRepoConfig } from "../config/repo-config.ts";
import type { ConfigProblem, RepoConfig, WorkspaceConfig } from "../model/config.ts";
import type { Json } from "../model/json.ts";
import { type WorkspaceId, workspaceKey } from "../model/workspace.ts";
import type { WorkspaceRow } from "../ports/ledger.ts";
import type { World } from "./world.ts";

export type NewWorkspaceRow = Omit<WorkspaceRow, "frozen" | "removedAt" | "lastDriftAt">;

export interface RepoWorkspaces {
  /** Null where the configuration is broken. */
  readonly repo: RepoConfig | null;
  readonly problems: readonly ConfigProblem[];
  readonly workspaces: readonly { readonly id: WorkspaceId; readonly row: NewWorkspaceRow }[];
}

/** The workspaces of one commit: what its files configure, and the roots that are found without them. */
export const workspacesAt = async (world: World, repo: string, commit: string): Promise<RepoWorkspaces> => {
  const config = await configAt(world, repo, commit);
  if (!config.ok) return { repo: null, problems: config.problems, workspaces: [] };
  const branch = await world.forge.defaultBranch(repo);
  const workspaces = config.value.workspaces.map((workspace) => {
    const id = idOf(repo, workspace);
    return { id, row: rowOf(id, workspace, branch) };
  });
  return { repo: config.value, problems: [], workspaces };
};

/** Both files of a commit, laid over what discovery finds in it. */
export const configAt = async (
  world: World,
  repo: string,
  commit: string,
): Promise<ReturnType<typeof readRepoConfig>> => {
  const read = await filesConfigAt(world, repo, commit);
  if (!read.ok) return read;
  const { code, paths } = await world.codeAt(repo, commit);
  return { ok: true, value: mergeRepoConfig(read.value, paths, discoverRoots(code)) };
};

/** What both files of a commit say by themselves. */
export const filesConfigAt = async (
  world: Pick<World, "git">,
  repo: string,
  commit: string,
): Promise<ReturnType<typeof readRepoConfig>> => {
  const names = ["plumbline.yaml", "atlantis.yaml"] as const;
  const files = await world.git.readFiles(repo, commit, names);
  const text = (name: (typeof names)[number]): string | null => {
    const bytes = files.get(name);
    return bytes ? new TextDecoder().decode(bytes) : null;
  };
  return readRepoConfig({
    "plumbline.yaml": text("plumbline.yaml"),
    "atlantis.yaml": text("atlantis.yaml"),
  });
};

export const idOf = (repo: string, { dir, name, project }: WorkspaceConfig): WorkspaceId => ({
  repo,
  dir,
  name,
  ...(project === null ? {} : { project }),
});

export const rowOf = (id: WorkspaceId, config: WorkspaceConfig, branch: string): NewWorkspaceRow => ({
  key: workspaceKey(id),
  repo: id.repo,
  dir: id.dir,
  name: id.name,
  project: id.project ?? null,
  kind: config.kind,
  refs: {
    desired: { repo: id.repo, dir: id.dir, branch },
    recorded: { type: "terraform-state", lineage: null, serial: null },
    actual: { type: "providers", sources: [] },
  },
  config: JSON.parse(JSON.stringify(config)) as Json,
});
