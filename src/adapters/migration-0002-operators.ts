import type { Kysely } from "kysely";
import { sql } from "kysely";

/** What operators see and say: marks on findings, classes of plans, requests of the API, and indexes to find them by. */
const STATEMENTS: readonly string[] = [
  `alter table findings
    add acked_by text, add acked_at timestamptz, add ack_note text,
    add snoozed_by text, add snoozed_until timestamptz, add snooze_reason text`,
  "create index findings_by_opening on findings (opened_at desc, sequence desc)",

  "alter table plans add class text",
  "update plans set class = summary::json #>> '{inspection,class}'",

  "create index plans_by_workspace on plans (workspace, created_at desc, sequence desc)",
  // What says how a workspace stands: a plan of a pull request that fails is that pull request's trouble.
  `create index runs_on_branch on runs (workspace, created_at desc, id desc)
    where kind in ('apply', 'drift', 'migrate', 'state')`,
  "create index runs_by_time on runs (created_at desc, id desc)",
  "create index audit_by_evidence on audit (sequence) where position('\"evidence\":{' in details) > 0",

  `create table api_requests (
    key text primary key, fingerprint text not null, status integer, answer text, at timestamptz not null)`,
  "create index api_requests_by_age on api_requests (at)",
];

export const up = async (database: Kysely<unknown>): Promise<void> => {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
};
