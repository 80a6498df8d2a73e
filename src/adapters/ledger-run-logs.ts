import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { RunLogRows } from "../ports/ledger-runs.ts";
import type { Tables } from "./database-tables.ts";

/** Only who holds a run's lease writes its log, so that no two parts begin at the same place. */
export const runLogRows = (kysely: Kysely<Tables>): RunLogRows => ({
  append: async (run, text) => {
    await sql`insert into run_log_parts (run, start, bytes, text)
      select ${run}, coalesce(max(start + bytes), 0), octet_length(convert_to(${text}::text, 'UTF8')), ${text}::text
      from run_log_parts where run = ${run}`.execute(kysely);
  },
  size: async (run) => {
    const { rows } = await sql<{ size: number }>`
      select coalesce(max(start + bytes), 0)::integer as size from run_log_parts where run = ${run}`.execute(
      kysely,
    );
    return rows[0]?.size ?? 0;
  },
  read: (run, from, limit) =>
    kysely
      .selectFrom("run_log_parts")
      .select(["start", "bytes", "text"])
      .where("run", "=", run)
      .where(sql<boolean>`start + bytes > ${from}`)
      .orderBy("start")
      .limit(limit)
      .execute(),
  forget: async (run) => {
    await kysely.deleteFrom("run_log_parts").where("run", "=", run).execute();
  },
});
