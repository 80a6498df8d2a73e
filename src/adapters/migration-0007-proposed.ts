import type { Kysely } from "kysely";
import { sql } from "kysely";

/** When a drift pull request first held a finding: how long that takes is one of the numbers that matter. */
export const up = async (database: Kysely<unknown>): Promise<void> => {
  await sql`alter table findings add proposed_at timestamptz`.execute(database);
};
