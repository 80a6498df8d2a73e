import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { FollowUp } from "../model/job.ts";
import type { DeliveryRows, OutboxRows } from "../ports/ledger-messages.ts";
import type { Tables } from "./database-tables.ts";
import { fromText, toText } from "./ledger-values.ts";
import { trail } from "./trail.ts";

export const deliveryRows = (kysely: Kysely<Tables>): DeliveryRows => ({
  remember: async (id, now) => {
    const rows = await kysely
      .insertInto("deliveries")
      .values({ id, seen_at: now })
      .onConflict((conflict) => conflict.column("id").doNothing())
      .returning("id")
      .execute();
    return rows.length > 0;
  },
  forget: async (before) => {
    const result = await kysely.deleteFrom("deliveries").where("seen_at", "<", before).executeTakeFirst();
    return Number(result.numDeletedRows);
  },
});

/**
 * `take` reserves rows for half a minute by the database's time: a relay that dies meanwhile delays them, and two
 * relays never move the same row at once.
 */
export const outboxRows = (kysely: Kysely<Tables>): OutboxRows => ({
  add: async (followUps, now) => {
    if (followUps.length === 0) return;
    const { request } = trail();
    const rows = followUps.map((followUp) => ({
      follow_up: toText(request === undefined ? followUp : { request, ...followUp }),
      added_at: now,
    }));
    await kysely.insertInto("outbox").values(rows).execute();
  },
  take: async (limit) => {
    const { rows } = await sql<{ id: number; follow_up: string }>`
      update outbox set taken_until = clock_timestamp() + interval '30 seconds'
      where id in (
        select id from outbox where taken_until is null or taken_until < clock_timestamp()
        order by id limit ${limit} for update skip locked)
      returning id, follow_up`.execute(kysely);
    return rows
      .sort((left, right) => left.id - right.id)
      .map((row) => ({ id: row.id, followUp: followUpOf(row.follow_up) }));
  },
  done: async (ids) => {
    if (ids.length > 0) await kysely.deleteFrom("outbox").where("id", "in", ids).execute();
  },
});

const followUpOf = (text: string): FollowUp => {
  const { notBefore, ...rest } = fromText<Omit<FollowUp, "notBefore"> & { notBefore?: string }>(text);
  return notBefore === undefined ? rest : { ...rest, notBefore: new Date(notBefore) };
};
