import { type FolderMigrated, type MigrateOptions, migrateFolder } from "../adapters/flyway-migrate.ts";
import { loadSqlParser } from "../adapters/libpg.ts";
import { PlumblineError } from "../model/errors.ts";
import { type Call, EXIT, printable, printJson, textOption } from "./command.ts";
import { withSqlWorkspace } from "./sql-workspace.ts";

interface Migrated extends FolderMigrated {
  readonly workspace: string;
  readonly database: string;
}

/** `plumbline sql migrate DIR --url URL`: runs what is pending. @throws `sql-invalid`, `sql-failed`, `workspace-busy` */
export const sqlMigrate = async (call: Call): Promise<number> => {
  const options = await runOptions(call);
  const migrated = await withSqlWorkspace(call, false, async (workspace) => ({
    workspace: workspace.key,
    database: workspace.target.place,
    ...(await migrateFolder(workspace.target, workspace, workspace.ask, options)),
  }));
  if (call.json) printJson(call, migrated);
  else call.out(render(migrated));
  return EXIT.done;
};

const runOptions = async (call: Call): Promise<MigrateOptions> => ({
  parse: await loadSqlParser(),
  mixed: call.options["mixed"] === true,
  lockTimeout: timeOption(call, "lock-timeout", "5s"),
  statementTimeout: timeOption(call, "statement-timeout", "1h"),
  retryAfter: 1000,
  progress: (line) => call.err(`${printable(line)}\n`),
});

const timeOption = (call: Call, name: string, fallback: string): string => {
  const given = textOption(call, name) ?? fallback;
  if (/^\d+(ms|s|min|h)?$/.test(given)) return given;
  throw new PlumblineError(
    "wrong-arguments",
    `--${name} is a time such as 500ms, 5s, 10min or 1h, not ${given}.`,
  );
};

const render = ({ workspace, from, to, applied }: Migrated): string => {
  if (applied.length === 0) return `${workspace}: nothing to do${to === null ? "" : `, at version ${to}`}.\n`;
  const lines = applied.map(({ script, milliseconds }) => `  ${script} in ${milliseconds} ms`);
  return `${[`${workspace}: from ${from ?? "nothing"} to ${to ?? "nothing"}.`, ...lines].map(printable).join("\n")}\n`;
};
