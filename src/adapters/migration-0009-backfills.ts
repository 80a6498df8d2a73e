import type { Kysely } from "kysely";
import { sql } from "kysely";

/** Backfills that were approved with a pull request, and how far they are. */
const STATEMENTS: readonly string[] = [
  `create table backfills (
    workspace text not null, name text not null, run text not null, pull_repo text, pull_number integer,
    commit text not null, path text not null, checksum text not null, "table" text not null, class text not null,
    state text not null, wish text, token integer not null, reason text, throttle text,
    lag double precision, active integer, done bigint not null, changed bigint not null, dead integer not null,
    total bigint, rate double precision, left_out text not null, requested_by text not null,
    created_at timestamptz not null, progressed_at timestamptz, updated_at timestamptz not null,
    ended_at timestamptz, primary key (workspace, name))`,
  "create index backfills_pull on backfills (pull_repo, pull_number)",
  "create index backfills_run on backfills (run)",
];

export const up = async (database: Kysely<unknown>): Promise<void> => {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
};
