import type { SqlParser } from "../migration/script.ts";
import { PlumblineError } from "../model/errors.ts";
import type { MigrationTool } from "../model/migration.ts";
import type { MigrationEngine, MigrationEngines } from "../ports/migrations.ts";
import { builtinMigrations } from "./builtin-migrations.ts";

/** The tools that this machine has. */
export const migrationEngines = (parse: SqlParser): MigrationEngines => {
  const engines: { readonly [tool in MigrationTool]?: MigrationEngine } = {
    builtin: builtinMigrations(parse),
  };
  return {
    pick: async (tool) => {
      const engine = engines[tool];
      if (engine) return engine;
      throw new PlumblineError("engine-missing", `This server does not run ${tool}.`, {
        hint: "Set database.tool to builtin, which reads Flyway's files and history.",
      });
    },
  };
};
