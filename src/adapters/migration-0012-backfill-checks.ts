import type { Kysely } from "kysely";
import { sql } from "kysely";

/** Who lets a backfill work through a freeze, and what a count of left rows told at its end. */
export const up = async (database: Kysely<unknown>): Promise<void> => {
  await sql`alter table backfills add column freeze_override text, add column verification text`.execute(
    database,
  );
};
