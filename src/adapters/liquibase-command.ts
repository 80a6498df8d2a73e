import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Changeset, readUpdateSql } from "../migration/liquibase-sql.ts";
import { PlumblineError } from "../model/errors.ts";
import type { MigrationCall } from "../ports/migrations.ts";
import type { ProcessResult } from "./engine-process.ts";
import { type JdbcConnection, jdbcConnection } from "./jdbc-url.ts";
import { type ChangelogRow, changelogCsv } from "./liquibase-rows.ts";
import { folderArgument, named } from "./migration-alive.ts";
import {
  inEmptyFolder,
  type MigrationProgram,
  PLAN_LIMIT_MS,
  RUN_LIMIT_MS,
  runProgram,
} from "./migration-program.ts";

/** How a line begins that names the changeset which runs next. */
export const RUNNING = "Running Changeset: ";

/** Liquibase's name for its history, as PostgreSQL keeps it. */
export const changelogTable = ({ database }: MigrationCall): string =>
  (database.historyTable ?? "databasechangelog").toLowerCase();

/**
 * All changesets of the changelog, or, by a history, those that a run would do after it; without a database, so that
 * the files may name none. @throws `sql-invalid`, `engine-missing`
 */
export const allChangesets = async (
  program: MigrationProgram,
  call: MigrationCall,
  version: number,
  history: readonly ChangelogRow[] = [],
): Promise<readonly Changeset[]> => {
  const result = await runLiquibase(program, call, "update-sql", null, async (folder) => {
    const file = join(folder, "history.csv");
    if (history.length > 0) await writeFile(file, changelogCsv(history));
    const options = `version=${version}.0&changeLogFile=${file}&outputLiquibaseSql=all`;
    return { LIQUIBASE_COMMAND_URL: `offline:postgresql?${options}` };
  });
  if (!result.failed) return changesetsIn(result, call);
  throw new PlumblineError("sql-invalid", `The changelog cannot be read: ${reasonIn(result)}`);
};

/** What `update` would run, and what was said where it would not. @throws `engine-missing` */
export const pendingChangesets = async (
  program: MigrationProgram,
  call: MigrationCall,
  url: string,
): Promise<{
  readonly changesets: readonly Changeset[];
  readonly refused: string | null;
  readonly version: string | null;
}> => {
  const readOnly = jdbcConnection(url, { default_transaction_read_only: "on" });
  const result = await runLiquibase(program, call, "update-sql", readOnly);
  const version = /^Liquibase Version: (\S+)/m.exec(result.log)?.[1] ?? null;
  if (result.failed) return { changesets: [], refused: reasonIn(result), version };
  return { changesets: changesetsIn(result, call), refused: null, version };
};

/** `update`, or another command that writes. @throws `engine-missing` */
export const runUpdate = (
  program: MigrationProgram,
  call: MigrationCall,
  url: string,
  command: "update" | "release-locks",
): Promise<ProcessResult> => {
  const { lockTimeout, statementTimeout } = call.database;
  const settings = { lock_timeout: lockTimeout, statement_timeout: statementTimeout };
  return runLiquibase(program, call, command, jdbcConnection(named(url, call, true), settings));
};

const variablesOf = ({ url, user, password }: JdbcConnection): Readonly<Record<string, string>> => ({
  LIQUIBASE_COMMAND_URL: url,
  LIQUIBASE_COMMAND_USERNAME: user,
  LIQUIBASE_COMMAND_PASSWORD: password,
});

const runLiquibase = (
  program: MigrationProgram,
  call: MigrationCall,
  command: string,
  connection: JdbcConnection | null,
  offline: (folder: string) => Promise<Readonly<Record<string, string>>> = async () => ({}),
): Promise<ProcessResult> =>
  inEmptyFolder(async (cwd) => {
    const reads = command === "update-sql";
    const [schema] = call.database.schemas;
    const settings = join(cwd, "liquibase.properties");
    await writeFile(settings, propertiesOf(call), { mode: 0o600 });
    return runProgram(program, {
      args: [folderArgument("liquibase", call.dir), command],
      env: {
        ...(connection === null ? await offline(cwd) : variablesOf(connection)),
        LIQUIBASE_DEFAULTS_FILE: settings,
        LIQUIBASE_COMMAND_CHANGELOG_FILE: await changelogOf(call),
        LIQUIBASE_DATABASE_CHANGELOG_TABLE_NAME: changelogTable(call),
        LIQUIBASE_CHANGELOG_LOCK_WAIT_TIME_IN_MINUTES: "1",
        LIQUIBASE_SHOW_BANNER: "false",
        LIQUIBASE_ANALYTICS_ENABLED: "false",
        LIQUIBASE_HEADLESS: "true",
        ...(schema === undefined
          ? {}
          : { LIQUIBASE_COMMAND_DEFAULT_SCHEMA_NAME: schema, LIQUIBASE_LIQUIBASE_SCHEMA_NAME: schema }),
      },
      cwd,
      dir: call.dir,
      connection,
      outlives: !reads,
      timeoutMs: reads ? PLAN_LIMIT_MS : RUN_LIMIT_MS,
      signal: reads ? call.signal : undefined,
      onLine: reads ? undefined : (line) => isProgress(line) && call.onLine?.(line),
    });
  });

// Everything else that it says may hold a statement.
const isProgress = (line: string): boolean => line.startsWith(RUNNING);

// Values may be secret: they stand in no argument, and the file is gone with its folder.
const propertiesOf = ({ database: { placeholders } }: MigrationCall): string =>
  Object.entries(placeholders)
    .map(([name, value]) => `${escaped(`parameter.${name}`)}=${escaped(value)}\n`)
    .join("");

const escaped = (text: string): string =>
  text.replaceAll(/[\\:=#! ]|[^\x21-\x7e]/g, (one) =>
    /[\\:=#! ]/.test(one) ? `\\${one}` : [...one.split("")].map(unicode).join(""),
  );
const unicode = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** The root changelog, relative to the folder. @throws `sql-unreadable` */
export const changelogOf = async ({ dir, shown, database }: MigrationCall): Promise<string> => {
  if (database.changelog !== null) return database.changelog;
  const there = await readdir(dir).catch(() => []);
  const found = there.filter((name) => /changelog.*\.(xml|ya?ml|json|sql)$/i.test(name));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  throw new PlumblineError(
    "sql-unreadable",
    found.length === 0
      ? `There is no changelog in ${shown}.`
      : `Which changelog of ${shown} is meant: ${found.toSorted().join(", ")}?`,
    { hint: "Name it: changelog in the workspace's database settings, or --changelog." },
  );
};

const changesetsIn = ({ stdout }: ProcessResult, call: MigrationCall): readonly Changeset[] => {
  const changesets = readUpdateSql(stdout, changelogTable(call));
  if (changesets !== null) return changesets;
  throw new PlumblineError("sql-invalid", "What Liquibase would run cannot be told apart by changeset.", {
    hint: "Look at `liquibase update-sql`: a changeset may write Liquibase's own tables, or look as if it did.",
  });
};

/** Liquibase's own sentence, without the statement, which may hold secrets. */
export const reasonIn = ({ log, shortMessage }: ProcessResult): string => {
  const [, said] =
    /^ERROR: Exception Primary Reason:\s+([\s\S]*?)\n(?:ERROR: Exception|\s*$)/m.exec(log) ?? [];
  const [, other] = /^Unexpected error running Liquibase: (.*)$/m.exec(log) ?? [];
  const reason = said ?? other ?? shortMessage;
  return reason
    .replace(/\[Failed SQL:[\s\S]*$/, "")
    .replaceAll(/\s+/g, " ")
    .trim();
};
