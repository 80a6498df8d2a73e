import type { Kysely } from "kysely";
import { sql } from "kysely";

/** Logs of runs that go on, in parts, and which request from outside a job and a run came from. */
const STATEMENTS: readonly string[] = [
  // `start` and `bytes` count UTF-8.
  `create table run_log_parts (
    run text not null, start integer not null, bytes integer not null, text text not null, primary key (run, start))`,
  "alter table jobs add request text",
  "alter table runs add request text",
];

export const up = async (database: Kysely<unknown>): Promise<void> => {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
};
