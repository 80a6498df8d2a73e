import type { MigrationStepRow } from "../ports/ledger-migrations.ts";
import type { World } from "./world.ts";

/** The migration that a workspace's last apply left half-way, with its run; null where all of them are said to have ended. */
export const brokenMigration = async (
  world: Pick<World, "ledger">,
  workspace: string,
): Promise<MigrationStepRow | null> => {
  const ran = await Promise.all(
    (["apply", "state"] as const).map((kind) => world.ledger.runs.list({ workspace, kind })),
  );
  for (const { id } of ran.flat().toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime())) {
    const rows = await world.ledger.migrations.of(id);
    const broken = rows.find(({ statement, state }) => statement === 0 && OPEN.includes(state));
    if (broken) return broken;
  }
  return null;
};

const OPEN: readonly MigrationStepRow["state"][] = ["running", "unknown", "failed-partial"];
