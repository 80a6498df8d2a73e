import type { Kysely } from "kysely";
import type { RequestRows } from "../ports/ledger-messages.ts";
import type { Tables } from "./database-tables.ts";
import { fromText, toText } from "./ledger-values.ts";

export const requestRows = (kysely: Kysely<Tables>): RequestRows => ({
  begin: async (key, fingerprint, now, staleBefore) => {
    const taken = await kysely
      .insertInto("api_requests")
      .values({ key, fingerprint, status: null, answer: null, at: now })
      // Whoever began it may be gone: after a while the next one takes it up.
      .onConflict((conflict) =>
        conflict
          .column("key")
          .doUpdateSet({ at: now })
          .where("api_requests.status", "is", null)
          .where("api_requests.fingerprint", "=", fingerprint)
          .where("api_requests.at", "<", staleBefore),
      )
      .returning("key")
      .executeTakeFirst();
    if (taken) return { is: "new" };
    const row = await kysely.selectFrom("api_requests").selectAll().where("key", "=", key).executeTakeFirst();
    if (row && row.fingerprint !== fingerprint) return { is: "other" };
    return row?.status == null || row.answer === null
      ? { is: "going" }
      : { is: "done", status: row.status, answer: fromText(row.answer) };
  },
  finish: async (key, status, answer) => {
    await kysely
      .updateTable("api_requests")
      .set({ status, answer: toText(answer) })
      .where("key", "=", key)
      .execute();
  },
  drop: async (key) => {
    await kysely.deleteFrom("api_requests").where("key", "=", key).execute();
  },
  forget: async (before) => {
    const result = await kysely.deleteFrom("api_requests").where("at", "<", before).executeTakeFirst();
    return Number(result.numDeletedRows);
  },
});
