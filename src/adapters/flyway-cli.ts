import type { SqlParser } from "../migration/script.ts";
import type { MigrationEngine } from "../ports/migrations.ts";
import { builtinMigrations } from "./builtin-migrations.ts";
import { lookByHistory } from "./flyway-cli-look.ts";
import { withFlyway } from "./flyway-cli-plan.ts";
import { migrateByFlyway } from "./flyway-cli-run.ts";
import { askFlyway } from "./flyway-command.ts";
import { whyRunning } from "./migration-alive.ts";
import type { MigrationProgram } from "./migration-program.ts";

/**
 * The team's own Flyway behind the port. It says what is pending and what speaks against a run, and it runs; files,
 * history and schema are read as ours are, since they are the same, and where the two disagree nothing runs.
 */
export const flywayMigrations = (program: MigrationProgram, parse: SqlParser): MigrationEngine => {
  const builtin = builtinMigrations(parse);
  return {
    ...builtin,
    plan: async (call) => {
      const ours = await builtin.plan(call);
      const url = await call.url("read_only");
      return withFlyway(program, call, ours, await askFlyway(program, call, url, ["info", "validate"]));
    },
    migrate: (call, order) => migrateByFlyway(program, builtin, call, order),
    look: (call, last) => lookByHistory(builtin, call, last),
    working: (call) => whyRunning("flyway", call),
  };
};
