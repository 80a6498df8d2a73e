import { addHistoryRow, makeHistory, readHistory, withHistoryLock } from "../adapters/flyway-history.ts";
import { type AppliedMigration, type RunOptions, runMigrations } from "../adapters/flyway-run.ts";
import { loadSqlParser } from "../adapters/libpg.ts";
import { standingOf } from "../migration/standing.ts";
import { PlumblineError } from "../model/errors.ts";
import { type Call, EXIT, printable, printJson, textOption } from "./command.ts";
import { baselineRows, type SqlWorkspace, withSqlWorkspace } from "./sql-workspace.ts";

interface Migrated {
  readonly workspace: string;
  readonly database: string;
  /** The newest version before and after; null where there is none. */
  readonly from: string | null;
  readonly to: string | null;
  readonly applied: readonly AppliedMigration[];
}

/** `plumbline sql migrate DIR --url URL`: runs what is pending. @throws `sql-invalid`, `sql-failed`, `workspace-busy` */
export const sqlMigrate = async (call: Call): Promise<number> => {
  const options = await runOptions(call);
  const migrated = await withSqlWorkspace(call, false, (workspace) => migrate(call, workspace, options));
  if (call.json) printJson(call, migrated);
  else call.out(render(migrated));
  return EXIT.done;
};

const runOptions = async (call: Call): Promise<Omit<RunOptions, "place">> => ({
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

const migrate = async (
  call: Call,
  workspace: SqlWorkspace,
  options: Omit<RunOptions, "place">,
): Promise<Migrated> => {
  const { target, place, key, baseline, resolved } = workspace;
  refuse(workspace.standing);
  return withHistoryLock(target, place, { seconds: 60 }, async () => {
    if ((await readHistory(target, place)) === null) {
      await makeHistory(target, place);
      for (const row of baselineRows(baseline)) await addHistoryRow(target, place, row);
    }
    // Somebody may have migrated while we waited for the lock.
    const outOfOrder = call.options["out-of-order"] === true;
    const standing = standingOf(resolved, (await readHistory(target, place)) ?? [], { outOfOrder });
    refuse(standing);
    const applied = await runMigrations(target, resolved, standing.pending, { ...options, place });
    const after = standingOf(resolved, (await readHistory(target, place)) ?? [], { outOfOrder });
    return { workspace: key, database: target.place, from: standing.version, to: after.version, applied };
  });
};

const refuse = ({ problems }: SqlWorkspace["standing"]): void => {
  const [first] = problems;
  if (!first) return;
  const more = problems.length > 1 ? ` And ${problems.length - 1} more.` : "";
  throw new PlumblineError("sql-invalid", `${first.message}${more}`, { hint: first.fix });
};

const render = ({ workspace, from, to, applied }: Migrated): string => {
  if (applied.length === 0) return `${workspace}: nothing to do${to === null ? "" : `, at version ${to}`}.\n`;
  const lines = applied.map(({ script, milliseconds }) => `  ${script} in ${milliseconds} ms`);
  return `${[`${workspace}: from ${from ?? "nothing"} to ${to ?? "nothing"}.`, ...lines].map(printable).join("\n")}\n`;
};
