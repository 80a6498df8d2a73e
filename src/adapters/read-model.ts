import type { ReadModel } from "../ports/read-model.ts";
import type { Database } from "./database.ts";
import { guardedBy } from "./ledger.ts";
import { findingQueries } from "./read-model-findings.ts";
import { numberQueries } from "./read-model-numbers.ts";
import type { Looks } from "./read-model-numbers-cycle.ts";
import { recordQueries } from "./read-model-records.ts";
import { runQueries } from "./read-model-runs.ts";
import { workspaceQueries } from "./read-model-workspaces.ts";

/** Questions of people over the ledger's tables, in either home of the database. `looks`: null where nobody knows. */
export const createReadModel = (
  { kysely }: Pick<Database, "kysely">,
  looks: Looks | null = null,
): ReadModel => {
  const runs = runQueries(kysely);
  const findings = findingQueries(kysely);
  const records = recordQueries(kysely, runs);
  const workspaces = workspaceQueries(kysely, { runs, findings, records, looks });
  const numbers = numberQueries(kysely, { ...workspaces, ...records }, looks);
  return guardedBy(() => {})({ ...workspaces, ...runs, ...findings, ...records, ...numbers });
};
