import type { Kysely, Selectable } from "kysely";
import type { PullRef } from "../model/pull.ts";
import type { LockRows, PullLock } from "../ports/ledger-leases.ts";
import type { Tables } from "./database-tables.ts";
import { oneAfterAnother, together } from "./ledger-values.ts";

/** A workspace's queue is its rows in order of arrival: the first holds the lock, so letting go promotes the next. */
export const lockRows = (kysely: Kysely<Tables>): LockRows => ({
  request: (workspace, pull, by, now) =>
    together(kysely, async (transaction) => {
      await oneAfterAnother(transaction, `lock:${workspace}`);
      await transaction
        .insertInto("locks")
        .values({ workspace, pull_repo: pull.repo, pull_number: pull.number, by, since: now })
        .onConflict((conflict) => conflict.columns(["workspace", "pull_repo", "pull_number"]).doNothing())
        .execute();
      const queue = await queueOf(transaction, workspace);
      const lock = queue.find((entry) => isOf(entry, pull));
      const holder = queue[0];
      if (!lock || !holder) throw new Error("a lock that was just stored is gone");
      return { lock, holder };
    }),
  release: (workspace, pull) =>
    together(kysely, async (transaction) => (await release(transaction, workspace, pull))?.next ?? null),
  releaseAll: (pull) =>
    together(kysely, async (transaction) => {
      const released = [];
      for (const { workspace } of await ofPull(transaction, pull)) {
        const done = await release(transaction, workspace, pull);
        if (done) released.push({ workspace, ...done });
      }
      return released;
    }),
  of: (workspace) => queueOf(kysely, workspace),
  heldBy: async (pull) => {
    const held: PullLock[] = [];
    for (const { workspace } of await ofPull(kysely, pull)) {
      const first = (await queueOf(kysely, workspace))[0];
      if (first && isOf(first, pull)) held.push(first);
    }
    return held;
  },
  list: async () => {
    const rows = await kysely
      .selectFrom("locks")
      .selectAll()
      .orderBy("workspace")
      .orderBy("sequence")
      .execute();
    return [...Map.groupBy(rows, ({ workspace }) => workspace).values()].flatMap((queue) =>
      queue.map(lockOf),
    );
  },
});

/** Null where another replica gave it up in the meantime: what follows from it is that one's to do. */
const release = async (
  transaction: Kysely<Tables>,
  workspace: string,
  pull: PullRef,
): Promise<{ readonly next: PullLock | null } | null> => {
  await oneAfterAnother(transaction, `lock:${workspace}`);
  const before = await queueOf(transaction, workspace);
  if (!before.some((entry) => isOf(entry, pull))) return null;
  await transaction
    .deleteFrom("locks")
    .where("workspace", "=", workspace)
    .where("pull_repo", "=", pull.repo)
    .where("pull_number", "=", pull.number)
    .execute();
  const held = before[0] !== undefined && isOf(before[0], pull);
  return { next: held ? ((await queueOf(transaction, workspace))[0] ?? null) : null };
};

const queueOf = async (kysely: Kysely<Tables>, workspace: string): Promise<readonly PullLock[]> => {
  const query = kysely.selectFrom("locks").selectAll().where("workspace", "=", workspace);
  return (await query.orderBy("sequence").execute()).map(lockOf);
};

// In order of name, so that two that release many never wait for each other in a circle.
const ofPull = (kysely: Kysely<Tables>, pull: PullRef) =>
  kysely
    .selectFrom("locks")
    .select("workspace")
    .where("pull_repo", "=", pull.repo)
    .where("pull_number", "=", pull.number)
    .orderBy("workspace")
    .execute();

const isOf = (lock: PullLock, pull: PullRef): boolean =>
  lock.pull.repo === pull.repo && lock.pull.number === pull.number;

const lockOf = (row: Selectable<Tables["locks"]>, position: number): PullLock => ({
  workspace: row.workspace,
  pull: { repo: row.pull_repo, number: row.pull_number },
  by: row.by,
  since: row.since,
  position,
});
