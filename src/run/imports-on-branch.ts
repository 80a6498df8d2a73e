import type { FollowUp } from "../model/job.ts";
import type { PullRequest } from "../model/pull.ts";
import type { WorkspaceRow } from "../ports/ledger.ts";
import { driftBranch } from "../report/drift-pull.ts";
import { queueImport } from "./import-command.ts";
import type { World } from "./world.ts";

/** An import whose commit lies on a branch of ours. */
export interface ImportOnBranch {
  readonly address: string;
  readonly id: string;
  readonly by: string;
  /** Number of the pull request. */
  readonly pull: number;
  readonly commit: string;
}

const metaKey = (workspace: string): string => `imports:${workspace}`;

const importsOnBranch = async (
  world: Pick<World, "ledger">,
  workspace: string,
): Promise<readonly ImportOnBranch[]> => {
  const stored = await world.ledger.meta.get(metaKey(workspace));
  return Array.isArray(stored) ? (stored as unknown as readonly ImportOnBranch[]) : [];
};

export const rememberImport = async (
  world: Pick<World, "ledger">,
  workspace: string,
  entry: ImportOnBranch,
): Promise<void> => {
  const others = (await importsOnBranch(world, workspace)).filter(({ address }) => address !== entry.address);
  await world.ledger.meta.set(
    metaKey(workspace),
    [...others, entry].map((one) => ({ ...one })),
  );
};

/**
 * A drift branch is built anew when the drift changes, and goes when it ends: imports that lay on it are written again,
 * or whoever waits for them is told.
 */
export const importsOwed = async (
  world: World,
  row: WorkspaceRow,
  drift: PullRequest | null,
): Promise<readonly FollowUp[]> => {
  const known = await importsOnBranch(world, row.key);
  if (known.length === 0) return [];
  const owed: FollowUp[] = [];
  const kept: ImportOnBranch[] = [];
  for (const entry of known) {
    const pull = await world.forge.pull({ repo: row.repo, number: entry.pull });
    const onDrift = pull.head.ref === driftBranch(row.key);
    if (pull.state === "open") kept.push(entry);
    else if (onDrift && pull.state === "closed") owed.push(lost(row, entry));
    if (pull.state !== "open" || drift?.number !== entry.pull) continue;
    await world.git.fetch(row.repo);
    const tip = await world.git.resolve(row.repo, pull.head.ref);
    if (tip === null || (await world.git.isAncestor(row.repo, entry.commit, tip))) continue;
    const again = await queueImport(
      world,
      row,
      { ...entry, pull },
      { ...pull, head: { ...pull.head, sha: tip } },
    );
    if (again) owed.push(again);
  }
  await world.ledger.meta.set(
    metaKey(row.key),
    kept.map((one) => ({ ...one })),
  );
  return owed;
};

const lost = ({ repo }: WorkspaceRow, { pull, address, id }: ImportOnBranch): FollowUp => ({
  job: {
    kind: "reply",
    pull: { repo, number: pull },
    key: `reply:import-lost:${address}`,
    body: `The import of \`${address}\` lay on this branch and was not merged. To have it in a pull request of its own, comment \`plumbline formalize ${address} --id ${id}\` on any other pull request.`,
  },
});
