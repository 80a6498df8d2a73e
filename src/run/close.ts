import { type FollowUp, followUps, type Outcome } from "../model/job.ts";
import type { PullRef } from "../model/pull.ts";
import type { PullLock } from "../ports/ledger.ts";
import { publishSoon } from "./frame.ts";
import type { World } from "./world.ts";

/** A pull request closed unmerged: its waiting runs end, its plans are thrown away, its locks pass on. */
export const closePull =
  (world: World) =>
  async ({ pull }: { readonly pull: PullRef }): Promise<Outcome> => {
    const at = world.clock.now();
    return world.ledger.transaction(async (ledger) => {
      const row = await ledger.pulls.get(pull);
      if (row) await ledger.pulls.put({ ...row, state: "closed", publishedHash: null, updatedAt: at });
      await ledger.runs.supersede(pull, "", at);
      await ledger.plans.discard(pull, at);
      const released = await ledger.locks.releaseAll(pull);
      await ledger.audit.append({
        at,
        actor: "plumbline",
        action: "locks-released",
        subject: `${pull.repo}#${pull.number}`,
        details: { why: "closed unmerged" },
      });
      return followUps(publishSoon(pull), ...released.flatMap(({ next }) => planNext(next)));
    });
  };

/** Whoever waited for the lock is planned again: the world has changed since its plan was made. */
export const planNext = (next: PullLock | null): readonly FollowUp[] =>
  next
    ? [
        {
          job: {
            kind: "assess",
            pull: next.pull,
            head: "",
            trigger: "lock-released",
            by: next.by,
            only: [next.workspace],
          },
          dedupeKey: `lock:${next.workspace}:${next.pull.number}`,
        },
      ]
    : [];
