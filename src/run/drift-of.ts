import type { PullRequest } from "../model/pull.ts";
import { driftBranch } from "../report/drift-pull.ts";
import type { World } from "./world.ts";

/**
 * The workspace that a pull request is the drift pull request of; null for any other. Told by author and branch, so
 * that the webhook of its opening may overtake what the ledger remembers of it.
 */
export const driftOf = async (world: World, pull: PullRequest): Promise<string | null> => {
  const row = await world.ledger.pulls.get(pull);
  if (row?.driftOf) return row.driftOf;
  if (pull.fork || pull.author !== (await world.forge.identity())) return null;
  const rows = await world.ledger.workspaces.list({ repo: pull.repo, removed: false });
  return rows.find((workspace) => driftBranch(workspace.key) === pull.head.ref)?.key ?? null;
};
