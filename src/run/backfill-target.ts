import { PlumblineError } from "../model/errors.ts";
import type { BackfillCall } from "../ports/backfills.ts";
import type { BackfillRow } from "../ports/ledger-backfills.ts";
import { readRunInput } from "./run-input.ts";
import type { DatabaseWorld, World } from "./world.ts";

export interface BackfillTarget {
  readonly call: BackfillCall;
  readonly databases: DatabaseWorld;
}

/** Where a backfill works, by the settings that were approved with it. */
export const targetOf = async (
  world: World,
  { run: id, workspace }: BackfillRow,
): Promise<BackfillTarget> => {
  const run = await world.ledger.runs.get(id);
  const database = run && readRunInput(run).config.database;
  const { databases } = world;
  if (!database || !databases)
    throw new PlumblineError(
      "config-invalid",
      "This server does not know the backfill's database any more.",
      {
        hint: "Put `databases` of the server's file right, then comment `plumbline backfill resume`.",
      },
    );
  const url = (identity: Parameters<BackfillCall["url"]>[0]) =>
    databases.urls.resolve(workspace, database, identity);
  return { databases, call: { workspace, database, url } };
};
