import type { Kysely } from "kysely";
import { sql } from "kysely";

/** What the overview asks of every workspace: which run of the branch failed last, and which run is the newest. */
const STATEMENTS: readonly string[] = [
  `create index runs_failed_on_branch on runs (workspace, created_at desc, id desc)
    where state = 'failed' and kind in ('apply', 'drift', 'migrate', 'state')`,
  "create index runs_newest on runs (workspace, created_at desc, id desc)",
  "drop index runs_by_workspace",
];

export const up = async (database: Kysely<unknown>): Promise<void> => {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
};
