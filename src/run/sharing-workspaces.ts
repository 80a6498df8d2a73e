import { mayReadFile } from "../config/affected.ts";
import { workspaceLabel } from "../config/dependencies.ts";
import { joinPath } from "../config/paths.ts";
import type { WorkspaceConfig } from "../model/config.ts";
import { workspaceKey } from "../model/workspace.ts";
import type { CodifyRequest } from "./codify.ts";
import type { Scratch } from "./frame.ts";
import { lendCredentials } from "./lend-credentials.ts";
import { type Prepared, varFilesOf } from "./prepare.ts";
import type { SharingWorkspace } from "./prove-elsewhere.ts";
import { configAt, idOf } from "./repo-workspaces.ts";
import type { World } from "./world.ts";

/** What a codify request says of the other workspaces. */
export type Others = Required<Pick<CodifyRequest, "others" | "othersUnknown" | "mostOthers">>;

/**
 * The other workspaces of the repository at the commit that was looked at, each with what it reads. They are planned
 * in private copies with the plan credentials: no checkout, lease or lock of theirs is taken.
 */
export const sharingWorkspaces = async (
  world: World,
  scratch: Scratch,
  { tree }: Pick<Prepared, "tree">,
): Promise<Others> => {
  const mostOthers = world.server.drift.maxSharedProofs;
  const { repo, key } = scratch.workspace;
  const config = await configAt(world, repo, tree.commit);
  if (!config.ok) return { others: [], othersUnknown: UNKNOWN, mostOthers };
  const { code } = await world.codeAt(repo, tree.commit);
  const others = await Promise.all(
    config.value.workspaces
      .filter((one) => one.kind === "terraform" && workspaceKey(idOf(repo, one)) !== key)
      .map(async (one) => ({
        label: workspaceLabel(one),
        engine: () => world.engines.pick(one.engine),
        call: callOf(world, scratch, tree.root, one, repo),
        varFiles: await varFilesOf(world, joinPath(tree.root, one.dir), one),
        reads: mayReadFile(one, code),
      })),
  );
  return { others, othersUnknown: null, mostOthers };
};

/** Said of the workspaces of a repository whose configuration cannot be read. */
export const UNKNOWN =
  "the repository's configuration is not in order, so that nobody knows which workspaces share the files";

const callOf = (
  world: World,
  scratch: Scratch,
  root: string,
  config: WorkspaceConfig,
  repo: string,
): SharingWorkspace["call"] => ({
  dir: joinPath(root, config.dir),
  workspace: config.name,
  ...lendCredentials(world, scratch, "plan", workspaceKey(idOf(repo, config))),
  signal: scratch.signal,
  timeoutMs: world.server.engine.timeoutSeconds * 1000,
  onLine: (line) => scratch.log.line(line),
});
