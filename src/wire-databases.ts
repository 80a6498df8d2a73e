import { databaseUrls } from "./adapters/database-urls.ts";
import { migrationEngines } from "./adapters/migration-engines.ts";
import { pgBackfills } from "./adapters/pg-backfills.ts";
import type { Sandbox } from "./adapters/sandbox.ts";
import type { SqlParser } from "./migration/script.ts";
import type { ServerConfig } from "./model/config.ts";
import type { Redactor } from "./ports/redactor.ts";
import type { World } from "./run/world.ts";

export interface DatabaseParts {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly tap: <Port extends object>(name: string, port: Port) => Port;
  readonly parse: SqlParser;
  readonly redactor: Redactor;
  readonly sandbox: Sandbox | null;
}

/** SQL migrations need the operator's word on where connections are held. */
export const databasesOf = (
  { databases }: ServerConfig,
  { env, tap, parse, redactor, sandbox }: DatabaseParts,
): Pick<World, "databases"> => {
  if (!databases) return {};
  return {
    databases: {
      engines: tap("migrations", migrationEngines(parse, { env, redactor, sandbox })),
      urls: databaseUrls({ rules: databases, env, redactor }),
      parse,
      backfills: tap("backfills", pgBackfills(parse)),
    },
  };
};
