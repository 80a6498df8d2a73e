import type { Kysely } from "kysely";
import { sql } from "kysely";

/** Where each SQL migration of a run is, and each of its statements that is sent outside of a transaction. */
const STATEMENTS: readonly string[] = [
  // `statement` counts from 1; 0 is the migration as a whole.
  `create table migration_steps (
    run text not null, script text not null, statement integer not null, workspace text not null,
    version text, checksum text not null, state text not null, statements integer not null, transactional boolean,
    attempt integer not null, backend text, milliseconds integer not null, rehearsed integer, message text,
    at timestamptz not null, primary key (run, script, statement))`,
  "create index migration_steps_past on migration_steps (script, checksum) where statement = 0",
];

export const up = async (database: Kysely<unknown>): Promise<void> => {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
};
