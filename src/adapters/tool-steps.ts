import type { MigrationStanding, MigrationStep, PendingMigration } from "../model/migration.ts";
import type { MigrationOrder } from "../ports/migrations.ts";

/** Tells of a tool that runs a migration as a whole; each is told `running` once, whenever it was noticed. */
export interface StepTeller {
  readonly told: (script: string, state: MigrationStep["state"], milliseconds?: number) => Promise<void>;
}

export const tellSteps = (
  { pending }: Pick<MigrationStanding, "pending">,
  { progress }: Pick<MigrationOrder, "progress">,
): StepTeller => {
  const running = new Set<string>();
  const send = async (script: string, state: MigrationStep["state"], milliseconds: number): Promise<void> => {
    const migration = pending.find((one) => one.script === script);
    if (migration) await progress(stepOf(migration, state, milliseconds));
  };
  return {
    told: async (script, state, milliseconds = 0) => {
      if (!running.has(script)) {
        running.add(script);
        await send(script, "running", 0);
      }
      if (state !== "running") await send(script, state, milliseconds);
    },
  };
};

const stepOf = (
  { script, version, checksum, transactional }: PendingMigration,
  state: MigrationStep["state"],
  milliseconds: number,
): MigrationStep => ({
  script,
  version,
  checksum,
  state,
  statement: 0,
  statements: 0,
  transactional,
  attempt: 1,
  backend: null,
  milliseconds,
});
