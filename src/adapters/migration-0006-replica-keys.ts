import type { Kysely } from "kysely";
import { sql } from "kysely";

/** With which keys each replica works: a change of keys goes on only once all of them have the new one. */
export const up = async (database: Kysely<unknown>): Promise<void> => {
  await sql.raw("alter table replicas add key_ids text").execute(database);
};
