import type { FollowUp } from "../model/job.ts";
import type { WorkspaceRow } from "../ports/ledger.ts";
import { foreignBranch, placesList } from "../report/drift-answers.ts";
import { code } from "../report/escape.ts";
import type { Asked } from "./asked.ts";
import { othersOn } from "./drift-branch.ts";
import { askRevert, selectDrift } from "./drift-selection.ts";
import type { World } from "./world.ts";

export interface RevertAnswer {
  readonly text: string;
  readonly jobs: readonly FollowUp[];
}

/**
 * `revert` of a database: the files run forward only, so its drift pull request comes to hold the migration that takes
 * the change back. It is proven, planned, judged and approved like any other, and nothing is done before its merge.
 */
export const revertByMigration = async (
  world: World,
  { by, command, commentId }: Asked,
  { key }: WorkspaceRow,
  named: Parameters<typeof placesList>[0],
): Promise<RevertAnswer> => {
  const open = await openDriftPull(world, key);
  const others = open === null ? [] : await othersOn(world, open);
  if (others.length > 0)
    return {
      text: `${foreignBranch(others)} Write the migration that takes the change back there, or take their commits off and ask again.`,
      jobs: [],
    };
  await selectDrift(world, key, command.args ?? []);
  await askRevert(world, key, by);
  const where =
    open === null ? "A drift pull request is being opened" : `#${open.number} is being written anew`;
  return {
    text: [
      `${code(key)} is a database, and its schema goes forward only: a migration takes the change back. ${where} to hold it for:`,
      "",
      placesList(named),
      "",
      `It is proven, planned and judged like every other one, and nothing is done before somebody merges it. \`${trigger(world)} formalize\` on it goes back to keeping the change.`,
    ].join("\n"),
    jobs: [{ job: { kind: "drift", workspace: key, slot: `revert:${commentId}` } }],
  };
};

const trigger = (world: World): string => world.server.triggerWords[0] ?? "plumbline";

const openDriftPull = async (world: World, key: string) => {
  const [row] = await world.ledger.pulls.list({ driftOf: key, state: "open" });
  if (!row) return null;
  const pull = await world.forge.pull(row.pull);
  return pull.state === "open" ? pull : null;
};
