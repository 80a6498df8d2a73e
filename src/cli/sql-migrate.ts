import { type MigrateOptions, migrateFolder } from "../adapters/flyway-migrate.ts";
import type { AppliedMigration } from "../adapters/flyway-run.ts";
import { loadSqlParser } from "../adapters/libpg.ts";
import { refuseStanding } from "../adapters/migration-refusal.ts";
import type { MigrationTool } from "../model/database.ts";
import { PlumblineError } from "../model/errors.ts";
import type { MigratedScript, MigrationFailure } from "../model/migration.ts";
import { type Call, EXIT, printable, printJson } from "./command.ts";
import { openTool, timeOption, toolOf } from "./sql-tool.ts";
import { withSqlWorkspace } from "./sql-workspace.ts";

interface Migrated {
  readonly workspace: string;
  readonly database: string;
  /** The newest version before and after; null where there is none. */
  readonly from: string | null;
  readonly to: string | null;
  readonly applied: readonly (AppliedMigration | MigratedScript)[];
}

/** `plumbline sql migrate DIR --url URL`: runs what is pending. @throws `sql-invalid`, `sql-failed`, `workspace-busy` */
export const sqlMigrate = async (call: Call): Promise<number> => {
  const tool = toolOf(call);
  const migrated = tool === "builtin" ? await migrateOurselves(call) : await migrateByTool(call, tool);
  if (call.json) printJson(call, migrated);
  else call.out(render(migrated));
  return EXIT.done;
};

const migrateOurselves = async (call: Call): Promise<Migrated> => {
  const options = await runOptions(call);
  return withSqlWorkspace(call, false, async (workspace) => {
    for (const { path, why } of workspace.strays) options.progress(`passed over: ${path}: ${why}`);
    return {
      workspace: workspace.key,
      database: workspace.target.place,
      ...(await migrateFolder(workspace.target, workspace, workspace.ask, options)),
    };
  });
};

const migrateByTool = async (call: Call, tool: MigrationTool): Promise<Migrated> => {
  const { engine, call: asked } = await openTool(call, tool, await loadSqlParser());
  const { pending, problems, target } = await engine.plan(asked);
  refuseStanding({ problems });
  const result = await engine.migrate(asked, { expected: pending, progress: async () => {} });
  const { failure, ...done } = result;
  if (failure === null) return { workspace: asked.workspace, database: target.place, ...done };
  const { message, state: outcome, script, sqlState: state, hint } = failure;
  throw new PlumblineError("sql-failed", `${message.replace(/\.?$/, ".")} ${OUTCOMES[outcome]}`, {
    detail: { script, state, outcome },
    ...(hint === undefined ? {} : { hint }),
  });
};

const OUTCOMES: Readonly<Record<MigrationFailure["state"], string>> = {
  "failed-clean": "Nothing of it was kept.",
  "failed-partial": "Some of its statements may be done; it ran without a transaction.",
  unknown: "Nobody knows what was done: it has to be looked at.",
};

const runOptions = async (call: Call): Promise<MigrateOptions> => ({
  parse: await loadSqlParser(),
  mixed: call.options["mixed"] === true,
  lockTimeout: timeOption(call, "lock-timeout", "5s"),
  statementTimeout: timeOption(call, "statement-timeout", "1h"),
  retryAfter: 1000,
  progress: (line) => call.err(`${printable(line)}\n`),
});

const render = ({ workspace, from, to, applied }: Migrated): string => {
  if (applied.length === 0) return `${workspace}: nothing to do${to === null ? "" : `, at version ${to}`}.\n`;
  const lines = applied.map(({ script, milliseconds }) => `  ${script} in ${milliseconds} ms`);
  return `${[`${workspace}: from ${from ?? "nothing"} to ${to ?? "nothing"}.`, ...lines].map(printable).join("\n")}\n`;
};
