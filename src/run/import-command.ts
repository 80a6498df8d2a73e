import type { FollowUp } from "../model/job.ts";
import type { PullRequest } from "../model/pull.ts";
import type { WorkspaceRow } from "../ports/ledger.ts";
import { driftBranch } from "../report/drift-pull.ts";
import { importBranch } from "../report/import-pull.ts";
import { type CommandHandler, reply } from "./asked.ts";
import { queueState } from "./queue-state.ts";
import { selectRows } from "./select.ts";
import type { World } from "./world.ts";

const HOW =
  "Name one resource and one workspace: `plumbline formalize ADDRESS --id ID -d DIR`, with the id that `terraform import` takes.";

/**
 * `formalize ADDRESS --id ID`: takes over what was made by hand. On a drift pull request its branch gets one more
 * commit; from anywhere else the import gets a pull request of its own.
 */
export const importCommand: CommandHandler = async (world, asked) => {
  const id = asked.command.flags?.["id"];
  const [address, ...more] = asked.command.args ?? [];
  const [row, ...others] = await selectRows(world, asked.pull, asked.command);
  if (typeof id !== "string" || !address || more.length > 0 || !row || others.length > 0)
    return [reply(asked, HOW)];
  if (world.server.mode === "observe")
    return [
      reply(
        asked,
        "This server only observes: it writes no branch. `plumbline codify --import` does the same at a terminal.",
      ),
    ];
  const known = await world.ledger.pulls.get(asked.pull);
  const onto =
    known?.driftOf === row.key ? asked.pull : await world.forge.findPull(row.repo, importBranch(row.key));
  const wish = { address, id, by: asked.by, pull: asked.pull };
  const queued = await queueImport(world, row, wish, onto);
  return queued
    ? [reply(asked, `Writing \`${address}\` for \`${row.key}\` and proving it by a plan.`), queued]
    : [];
};

export interface AskedImport {
  readonly address: string;
  readonly id: string;
  readonly by: string;
  /** Where it was asked for. */
  readonly pull: Pick<PullRequest, "repo" | "number" | "head">;
}

/** The branch on which an import of a workspace lies: its drift branch, where that is the pull request's. */
export const branchOf = (workspace: string, onto: Pick<PullRequest, "head"> | null): string =>
  onto?.head.ref === driftBranch(workspace) ? driftBranch(workspace) : importBranch(workspace);

/** A run that grows the pull request's branch by one commit; without one, from the deploy branch. */
export const queueImport = async (
  world: World,
  row: WorkspaceRow,
  { address, id, by, pull }: AskedImport,
  onto: PullRequest | null,
): Promise<FollowUp | null> => {
  await world.git.fetch(row.repo);
  const base = await world.git.resolve(row.repo, row.refs.desired.branch);
  if (base === null) return null;
  return queueState(world, row, {
    pull,
    by,
    base,
    commit: onto?.head.sha ?? base,
    intent: "import",
    targets: [address, id, branchOf(row.key, onto)],
  });
};
