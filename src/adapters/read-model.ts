import type { ReadModel } from "../ports/read-model.ts";
import type { Database } from "./database.ts";
import { guardedBy } from "./ledger.ts";
import { backfillQueries } from "./read-model-backfills.ts";
import { findingQueries } from "./read-model-findings.ts";
import { numberQueries } from "./read-model-numbers.ts";
import type { Looks } from "./read-model-numbers-cycle.ts";
import { recordQueries } from "./read-model-records.ts";
import { runQueries } from "./read-model-runs.ts";
import { workspaceQueries } from "./read-model-workspaces.ts";

/** What the configuration says of what is read; null where nobody knows it. */
export interface ReadModelOptions {
  readonly looks?: Looks | null;
  /** Names of the alert channels: what is kept of others is of no concern any more. */
  readonly channels?: readonly string[] | null;
  readonly now?: () => Date;
}

/** Questions of people over the ledger's tables, in either home of the database. */
export const createReadModel = (
  { kysely }: Pick<Database, "kysely">,
  { looks = null, channels = null, now = () => new Date() }: ReadModelOptions = {},
): ReadModel => {
  const backfills = backfillQueries(kysely);
  const runs = runQueries(kysely, backfills);
  const findings = findingQueries(kysely, now);
  const records = recordQueries(kysely, runs);
  const workspaces = workspaceQueries(kysely, { runs, findings, records, looks, backfills });
  const numbers = numberQueries(kysely, { ...workspaces, ...records }, { looks, channels });
  return guardedBy(() => {})({ ...workspaces, ...runs, ...findings, ...records, ...backfills, ...numbers });
};
