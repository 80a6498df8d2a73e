import type { SqlParser } from "../migration/script.ts";
import type { MigrationTool } from "../model/database.ts";
import type { MigrationEngine, MigrationEngines } from "../ports/migrations.ts";
import type { Redactor } from "../ports/redactor.ts";
import { builtinMigrations } from "./builtin-migrations.ts";
import { flywayMigrations } from "./flyway-cli.ts";
import { liquibaseMigrations } from "./liquibase-cli.ts";
import { findMigrationProgram } from "./migration-program.ts";
import type { Sandbox } from "./sandbox.ts";

/** Where the tools are: `PLUMBLINE_FLYWAY` and `PLUMBLINE_LIQUIBASE`, else their own names on the PATH. */
export interface MigrationTools {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly redactor: Redactor;
  /** Null: none on this machine, or a person's own files. */
  readonly sandbox: Sandbox | null;
}

/** The tools that this machine has. */
export const migrationEngines = (
  parse: SqlParser,
  { env, redactor, sandbox }: MigrationTools,
): MigrationEngines => {
  const find = (name: Exclude<MigrationTool, "builtin">) => {
    const configured = env[`PLUMBLINE_${name.toUpperCase()}`] || null;
    return findMigrationProgram(name, { configured, env, redactor, sandbox });
  };
  const engines: { readonly [tool in MigrationTool]: () => Promise<MigrationEngine> } = {
    builtin: async () => builtinMigrations(parse),
    flyway: async () => flywayMigrations(await find("flyway"), parse),
    liquibase: async () => liquibaseMigrations(await find("liquibase"), parse),
  };
  return { pick: (tool) => engines[tool]() };
};
