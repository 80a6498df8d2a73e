import { schemaLifecycle } from "../drift/schema-lifecycle.ts";
import type { SchemaDrift } from "../model/migration.ts";
import type { WorkspaceRow } from "../ports/ledger.ts";
import type { FoundDrift } from "./findings.ts";
import { readConfig } from "./run-input.ts";
import type { World } from "./world.ts";

/** One look at a live schema, and what it means for the findings that are open; asks the ledger, changes nothing. */
export const findInSchema = async (
  world: World,
  workspace: WorkspaceRow,
  { findings: seen, states }: SchemaDrift,
): Promise<FoundDrift> => ({
  ...schemaLifecycle({
    seen,
    states,
    open: await world.ledger.findings.open(workspace.key),
    ignore: readConfig(workspace.config).drift.ignore,
    key: world.key,
    workspace: workspace.key,
    now: world.clock.now(),
  }),
  state: null,
});
