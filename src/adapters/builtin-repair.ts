import { compensationOf, compensationPath } from "../migration/compensation.ts";
import type { SqlParser } from "../migration/script.ts";
import type { DatabaseConfig } from "../model/database.ts";
import { PlumblineError } from "../model/errors.ts";
import type { MigrationFolder } from "./flyway-folder.ts";
import { entryOfRun, removeFailedRow, withHistoryLock } from "./flyway-history.ts";
import { settle } from "./flyway-run.ts";
import { runScript, StatementFailed } from "./flyway-statements.ts";
import type { Target } from "./pg-session.ts";

const PATIENCE = { seconds: 60 };

/** The failed row goes, nothing else; where a process died there is none. @throws `sql-invalid` where it is applied */
export const repairMigration = (
  target: Target,
  { place, history }: MigrationFolder,
  script: string,
  checksum: string | null = null,
) =>
  withHistoryLock(target, place, PATIENCE, async () => {
    refuseApplied(history, script, checksum);
    await removeFailedRow(target, place, script);
  });

/**
 * What was done is taken back by the file beside it, in one transaction with the failed row, by the settings that
 * migrations run with. @throws `sql-invalid`, `sql-failed`
 */
export const compensateMigration = async (
  target: Target,
  { place, history, resolved }: MigrationFolder,
  { script, checksum = null, parse, ...timeouts }: CompensationCall,
): Promise<void> => {
  const path = compensationPath(script);
  const files = [...resolved.migrations, ...resolved.baselines];
  const text = files.find((file) => file.path === script)?.compensation ?? null;
  if (text === null)
    throw new PlumblineError("sql-invalid", `There is no ${path} that would take back what was done.`, {
      hint: `Bring ${path} to the deploy branch by a pull request, then ask again.`,
    });
  const back = compensationOf(text, parse, target.version);
  if (back.refused !== null) {
    const { line, column, why } = back.refused;
    throw new PlumblineError("sql-invalid", `${path}:${line}:${column}: ${why}.`);
  }
  await withHistoryLock(target, place, PATIENCE, async () => {
    refuseApplied(history, script, checksum);
    await settle(target, { place, ...timeouts });
    await target.run("begin");
    try {
      await runScript(target, path, back.script);
      await removeFailedRow(target, place, script);
      await target.run("commit");
    } catch (thrown) {
      await target.run("rollback").catch(() => {});
      if (!(thrown instanceof StatementFailed)) throw thrown;
      throw new PlumblineError("sql-failed", `${thrown.message} Nothing of it was kept.`);
    }
  });
};

interface CompensationCall extends Pick<DatabaseConfig, "lockTimeout" | "statementTimeout"> {
  readonly script: string;
  /** Of the file as it ran; null where nobody wrote it down. */
  readonly checksum?: string | null;
  readonly parse: SqlParser;
}

const refuseApplied = (
  history: MigrationFolder["history"],
  script: string,
  checksum: string | null,
): void => {
  if (entryOfRun(history ?? [], script, checksum)?.success !== true) return;
  throw new PlumblineError("sql-invalid", `The history has ${script} as applied.`);
};
