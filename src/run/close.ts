import { type FollowUp, followUps, nothing, type Outcome } from "../model/job.ts";
import type { PullRef } from "../model/pull.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { PullLock } from "../ports/ledger-leases.ts";
import { forgetAsked } from "./drift-asked.ts";
import { publishSoon } from "./settle-run.ts";
import type { World } from "./world.ts";

/** A pull request closed unmerged: its waiting runs end, its plans are thrown away, its locks pass on. */
export const closePull =
  (world: World) =>
  async ({ pull }: { readonly pull: PullRef }): Promise<Outcome> => {
    // Reopened since, or merged: another job's matter.
    if ((await world.forge.pull(pull)).state !== "closed") return nothing;
    const at = world.clock.now();
    const drifted = (await world.ledger.pulls.get(pull))?.driftOf;
    if (drifted) await forgetAsked(world, drifted);
    await world.ledger.transaction(async (ledger) => {
      const row = await ledger.pulls.get(pull);
      if (row) await ledger.pulls.put({ ...row, state: "closed", publishedHash: null, updatedAt: at });
      await ledger.runs.supersede(pull, "", at);
      await ledger.plans.discard(pull, at);
      const released = await releaseLocks(ledger, pull);
      await ledger.audit.append({
        at,
        actor: "plumbline",
        action: "locks-released",
        subject: `${pull.repo}#${pull.number}`,
        details: { why: "closed unmerged" },
      });
      await ledger.outbox.add(released.followUps, at);
    });
    return followUps(publishSoon(pull));
  };

/** Gives up everything that a pull request holds or waits for. */
export const releaseLocks = async (
  ledger: Ledger,
  pull: PullRef,
): Promise<{ readonly workspaces: readonly string[]; readonly followUps: readonly FollowUp[] }> => {
  const workspaces: string[] = [];
  const jobs: FollowUp[] = [];
  for (const { workspace, next } of await ledger.locks.releaseAll(pull)) {
    workspaces.push(workspace);
    jobs.push(...(await afterRelease(ledger, workspace, next)));
  }
  return { workspaces, followUps: jobs };
};

/** The same for one workspace. */
export const releaseLock = async (
  ledger: Ledger,
  workspace: string,
  pull: PullRef,
): Promise<readonly FollowUp[]> =>
  afterRelease(ledger, workspace, await ledger.locks.release(workspace, pull));

/**
 * Whoever has the lock now is planned again, since the world has changed since its plan was made; whoever still waits
 * is told for whom.
 */
const afterRelease = async (
  ledger: Ledger,
  workspace: string,
  next: PullLock | null,
): Promise<readonly FollowUp[]> => [
  ...(next ? [planNext(next)] : []),
  ...(await ledger.locks.of(workspace)).map((lock) => publishSoon(lock.pull)),
];

const planNext = (next: PullLock): FollowUp => ({
  job: {
    kind: "assess",
    pull: next.pull,
    head: "",
    trigger: "lock-released",
    by: next.by,
    only: [next.workspace],
  },
  dedupeKey: `lock:${next.workspace}:${next.pull.number}`,
});
