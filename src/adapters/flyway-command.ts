import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { PlumblineError } from "../model/errors.ts";
import type { MigrationCall } from "../ports/migrations.ts";
import { jdbcConnection } from "./jdbc-url.ts";
import { folderArgument, named } from "./migration-alive.ts";
import {
  inEmptyFolder,
  type MigrationProgram,
  PLAN_LIMIT_MS,
  RUN_LIMIT_MS,
  runProgram,
} from "./migration-program.ts";

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? "");

const failure = z.looseObject({
  errorCode: text,
  message: text,
  path: text,
  lineNumber: z.number().nullish(),
});
export type FlywayFailure = z.infer<typeof failure>;

const answer = z.looseObject({
  operation: text,
  flywayVersion: text,
  error: failure.nullish(),
  migrations: z
    .array(z.looseObject({ version: text, description: text, filepath: text, state: text, type: text }))
    .nullish(),
  invalidMigrations: z
    .array(
      z.looseObject({
        version: text,
        description: text,
        filepath: text,
        errorDetails: z.looseObject({ errorCode: text, errorMessage: text }),
      }),
    )
    .nullish(),
});
export type FlywayAnswer = z.infer<typeof answer>;

const document = z.union([z.looseObject({ individualResults: z.array(answer) }), answer]);

/**
 * What Flyway says to `commands`, in their order, as `--outputType=json` has it; less of them where one failed.
 * @throws `engine-missing`; `sql-failed` where it said nothing that can be read
 */
export const askFlyway = (
  program: MigrationProgram,
  call: MigrationCall,
  url: string,
  commands: readonly string[],
): Promise<readonly FlywayAnswer[]> =>
  inEmptyFolder(async (cwd) => {
    const runs = commands.includes("migrate");
    const { database } = call;
    const settings: Record<string, string> = runs
      ? { lock_timeout: database.lockTimeout, statement_timeout: database.statementTimeout }
      : { default_transaction_read_only: "on" };
    const connection = jdbcConnection(named(url, call, runs), settings);
    const result = await runProgram(program, {
      args: [...argsOf(call), ...(await placeholderFile(cwd, call)), ...(runs ? [] : QUIET), ...commands],
      env: {
        FLYWAY_URL: connection.url,
        FLYWAY_USER: connection.user,
        FLYWAY_PASSWORD: connection.password,
        REDGATE_DISABLE_TELEMETRY: "true",
      },
      cwd,
      dir: call.dir,
      connection,
      outlives: runs,
      timeoutMs: runs ? RUN_LIMIT_MS : PLAN_LIMIT_MS,
      signal: runs ? undefined : call.signal,
      onLine: call.onLine,
    });
    const answers = read(result.stdout);
    if (answers !== null) return answers;
    throw new PlumblineError("sql-failed", `${result.shortMessage} It gave no answer that can be read.`, {
      detail: { output: result.log.slice(-2000) },
    });
  });

// Callbacks of a pull request run nothing before it is merged.
const QUIET = ["-skipDefaultCallbacks=true", "-ignoreMigrationPatterns=*:pending,*:future"];

const argsOf = ({ dir, database }: MigrationCall): readonly string[] => {
  const { schemas, historyTable, outOfOrder, baselineVersion } = database;
  return [
    "-skipCheckForUpdate",
    "-outputType=json",
    folderArgument("flyway", dir),
    "-failOnMissingLocations=true",
    // Flyway's own default makes CREATE INDEX CONCURRENTLY wait for the session that holds its lock.
    "-postgresql.transactional.lock=false",
    `-outOfOrder=${outOfOrder}`,
    ...(schemas.length > 0 ? [`-schemas=${schemas.join(",")}`] : []),
    ...(historyTable === null ? [] : [`-table=${historyTable}`]),
    ...(baselineVersion === null ? [] : ["-baselineOnMigrate=true", `-baselineVersion=${baselineVersion}`]),
  ];
};

// Values may be secret: they stand in no argument, and the file is gone with its folder.
const placeholderFile = async (
  folder: string,
  { database: { placeholders } }: MigrationCall,
): Promise<readonly string[]> => {
  const entries = Object.entries(placeholders);
  if (entries.length === 0) return [];
  const lines = entries.map(([name, value]) => `${quoted(name)} = ${quoted(value)}`);
  const path = join(folder, "placeholders.toml");
  await writeFile(path, `[flyway.placeholders]\n${lines.join("\n")}\n`, { mode: 0o600 });
  return [`-configFiles=${path}`];
};

// JSON's escapes are those of TOML but for one character.
const quoted = (value: string): string => JSON.stringify(value).replaceAll("\u007F", "\\u007f");

const read = (stdout: string): readonly FlywayAnswer[] | null => {
  try {
    const said = document.parse(JSON.parse(stdout));
    return "individualResults" in said
      ? (said["individualResults"] as readonly FlywayAnswer[])
      : [said as FlywayAnswer];
  } catch {
    return null;
  }
};
