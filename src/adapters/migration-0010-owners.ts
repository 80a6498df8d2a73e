import type { Kysely } from "kysely";
import { sql } from "kysely";

const STATEMENTS: readonly string[] = [
  // Who owns a workspace, by its configuration or CODEOWNERS; null until the deploy branch was read for it.
  "alter table workspaces add owners text",
  // Of an older failure nobody knows which kind it was: only a message that goes through ends it.
  "alter table alert_channels add refused boolean not null default false",
  "update alert_channels set refused = true where failing_since is not null",
];

export const up = async (database: Kysely<unknown>): Promise<void> => {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
};
