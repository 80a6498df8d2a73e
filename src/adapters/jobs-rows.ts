import type { Kysely } from "kysely";
import { sql } from "kysely";
import { type FollowUp, type Job, type JobKind, orderKeyOf, priorityOf } from "../model/job.ts";
import { isUniqueViolation } from "./database-errors.ts";
import type { Tables } from "./database-tables.ts";
import { type Slot, slotOf } from "./jobs-slots.ts";
import { fromText, together, toText } from "./ledger-values.ts";

export interface ClaimedRow {
  readonly id: number;
  readonly job: Job;
  readonly slot: Slot;
  readonly attempt: number;
  readonly request: string | null;
}

const overdueText = (row: { readonly id: number; readonly alive_until: Date | null }): string =>
  `${row.id}@${row.alive_until?.getTime()}`;

/** The statements of the queue. Each is one round trip and right by itself, with any number of replicas. */
export const jobRows = (kysely: Kysely<Tables>, holder: string) => ({
  /** Where a job with the same key waits already, the new one is dropped; the earlier of both times counts. */
  insert: async (jobs: readonly FollowUp[], now: Date): Promise<void> => {
    await together(kysely, async (transaction) => {
      for (const followUp of jobs) await insert(transaction, followUp, now);
    });
  },

  /** The next job that is due, has a slot, and whose order key is free; null where there is none. */
  claim: async (slots: readonly Slot[], now: Date, aliveMs: number): Promise<ClaimedRow | null> => {
    for (;;) {
      try {
        return await claim(kysely, slots, holder, now, aliveMs);
      } catch (thrown) {
        // Another replica claimed a job of the same order key in this moment; look again.
        if (!isUniqueViolation(thrown)) throw thrown;
      }
    }
  },

  /** False where the job was given to somebody else meanwhile. */
  beat: async ({ id, attempt }: ClaimedRow, now: Date, aliveMs: number): Promise<boolean> => {
    const aliveUntil = new Date(now.getTime() + aliveMs);
    const { rows } = await sql`update jobs set alive_until = ${aliveUntil}
      where id = ${id} and attempt = ${attempt} and holder = ${holder} returning id`.execute(kysely);
    return rows.length > 0;
  },

  finish: async ({ id, attempt }: ClaimedRow): Promise<void> => {
    await sql`delete from jobs where id = ${id} and attempt = ${attempt} and holder = ${holder}`.execute(
      kysely,
    );
  },

  retry: async ({ id, attempt }: ClaimedRow, at: Date, message: string): Promise<void> => {
    await kysely
      .updateTable("jobs")
      .set({ ...WAITING, not_before: at, message })
      .where("id", "=", id)
      .where("attempt", "=", attempt)
      .where("holder", "=", holder)
      .execute();
  },

  /** Jobs of other workers whose time is over by this clock, as `id@time`. */
  overdue: async (now: Date): Promise<readonly string[]> => {
    const query = kysely.selectFrom("jobs").select(["id", "alive_until"]).where("state", "=", "running");
    const rows = await query.where("alive_until", "<", now).where("holder", "<>", holder).execute();
    return rows.map((row) => overdueText(row));
  },

  /** Those of them wait again, at the head of their key, that were not prolonged since. */
  reclaim: async (overdue: readonly string[]): Promise<void> => {
    const query = kysely.selectFrom("jobs").select(["id", "alive_until"]).where("state", "=", "running");
    for (const row of await query.where("holder", "<>", holder).execute()) {
      if (!overdue.includes(overdueText(row))) continue;
      const one = kysely.updateTable("jobs").set(WAITING).where("id", "=", row.id);
      await one.where("state", "=", "running").where("alive_until", "=", row.alive_until).execute();
    }
  },

  /** At the start of an instance: what it left running when it died. */
  reclaimOf: async (instance: string): Promise<void> => {
    const query = kysely.updateTable("jobs").set(WAITING).where("state", "=", "running");
    await query.where(sql<string>`split_part(holder, '/', 1)`, "=", instance).execute();
  },

  /** At the start of the only process that uses this database: whatever runs, its worker is dead. */
  reclaimAll: async (): Promise<void> => {
    await kysely.updateTable("jobs").set(WAITING).where("state", "=", "running").execute();
  },

  /** When the next job of the future becomes due; null where there is none. */
  nextDue: async (now: Date): Promise<Date | null> => {
    const { rows } = await sql<{ due: Date | null }>`
      select min(not_before) as due from jobs where state = 'waiting' and not_before > ${now}`.execute(
      kysely,
    );
    return rows[0]?.due ?? null;
  },

  busy: async (now: Date): Promise<boolean> => {
    const { rows } = await sql<{ busy: boolean }>`
      select exists (select 1 from jobs where state = 'running' or not_before <= ${now}) as busy`.execute(
      kysely,
    );
    return rows[0]?.busy ?? false;
  },

  depth: async (): Promise<readonly { kind: JobKind; state: "waiting" | "running"; count: number }[]> => {
    const { rows } = await sql<{ kind: JobKind; state: "waiting" | "running"; count: number }>`
      select kind, state, count(*) as count from jobs group by kind, state`.execute(kysely);
    return rows;
  },
});

const WAITING = { state: "waiting", holder: null, alive_until: null };

const insert = async (transaction: Kysely<Tables>, followUp: FollowUp, now: Date): Promise<void> => {
  await transaction
    .insertInto("jobs")
    .values(rowOf(followUp, now))
    .onConflict((conflict) =>
      conflict
        .column("dedupe_key")
        .where("state", "=", "waiting")
        .where("attempt", "=", 0)
        .doUpdateSet({ not_before: sql<Date>`least(jobs.not_before, excluded.not_before)` }),
    )
    .execute();
};

const rowOf = ({ job, dedupeKey, notBefore, request }: FollowUp, now: Date) => ({
  kind: job.kind,
  slot: slotOf(job),
  priority: priorityOf(job),
  order_key: orderKeyOf(job),
  dedupe_key: dedupeKey ?? null,
  job: toText(job),
  not_before: notBefore ?? now,
  request: request ?? null,
});

const claim = async (
  kysely: Kysely<Tables>,
  slots: readonly Slot[],
  holder: string,
  now: Date,
  aliveMs: number,
): Promise<ClaimedRow | null> => {
  const { rows } = await sql<Omit<ClaimedRow, "job"> & { job: string }>`
    update jobs set state = 'running', attempt = attempt + 1, holder = ${holder},
      alive_until = ${new Date(now.getTime() + aliveMs)}
    where id = (
      select id from jobs as next
      where state = 'waiting' and not_before <= ${now} and slot = any(${[...slots]}::text[])
        and not exists (select 1 from jobs as running
          where running.order_key = next.order_key and running.state = 'running')
      order by priority, id limit 1 for update skip locked)
    returning id, job, slot, attempt, request`.execute(kysely);
  const row = rows[0];
  return row ? { ...row, job: fromText<Job>(row.job) } : null;
};
