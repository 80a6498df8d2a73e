import { workspaceKey } from "../model/workspace.ts";
import type { Ledger } from "../ports/ledger.ts";
import { workspacesAt } from "./repo-workspaces.ts";
import { ownersAt } from "./workspace-owners.ts";
import type { World } from "./world.ts";

/**
 * Brings the ledger's workspaces in line with what the deploy branch holds: new ones become known to the schedule,
 * gone ones are marked removed. A broken configuration changes nothing: what was known stays watched.
 */
export const syncWorkspaces = async (world: World, repo: string, tip: string): Promise<void> => {
  const found = await workspacesAt(world, repo, tip);
  if (found.problems.length > 0) {
    world.log.info("the configuration on the deploy branch is broken; workspaces stay as they were", {
      repo,
      problems: found.problems,
    });
    return;
  }
  const at = world.clock.now();
  const ownersIn = await ownersAt(world, repo, tip);
  await world.ledger.transaction(async (ledger) => {
    const there = new Set(found.workspaces.map(({ id }) => workspaceKey(id)));
    for (const { row } of found.workspaces) await ledger.workspaces.upsert({ ...row, owners: ownersIn(row) });
    for (const row of await ledger.workspaces.list({ repo, removed: false })) {
      if (!there.has(row.key) && !(await isHeldByPull(ledger, row.key)))
        await ledger.workspaces.markRemoved(row.key, at);
    }
  });
};

/** A workspace that a pull request adds, or whose destroy is still to come, is not gone. */
const isHeldByPull = async (ledger: Ledger, key: string): Promise<boolean> =>
  (await ledger.locks.of(key)).length > 0;
