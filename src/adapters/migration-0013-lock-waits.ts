import type { Kysely } from "kysely";
import { sql } from "kysely";

/** What was measured beside the time of an SQL migration: lock waits (ms), changed rows, the replica furthest behind (s). */
export const up = async (database: Kysely<unknown>): Promise<void> => {
  await sql`alter table migration_steps add column waited integer, add column rows double precision,
    add column lag double precision`.execute(database);
};
