import type { SqlParser } from "../migration/script.ts";
import { PlumblineError } from "../model/errors.ts";
import type {
  DatabaseBackend,
  MigratedScript,
  MigrationFailure,
  MigrationResult,
} from "../model/migration.ts";
import type { MigrationCall, MigrationOrder } from "../ports/migrations.ts";
import type { FolderAsk, MigrationFolder } from "./flyway-folder.ts";
import { migrateFolder } from "./flyway-migrate.ts";
import type { AppliedMigration } from "./flyway-run.ts";
import type { Target } from "./pg-session.ts";

/** Runs what was ordered, each boundary told with the session that works. A failing migration is a result. */
export const runAsOrdered = async (
  target: Target,
  folder: MigrationFolder,
  { ask, call, order, parse }: RunCall,
): Promise<MigrationResult> => {
  const backend = await backendOf(target);
  const applied: MigratedScript[] = [];
  const { resume } = order;
  try {
    const done = await migrateFolder(target, folder, ask, {
      parse,
      mixed: false,
      lockTimeout: call.database.lockTimeout,
      statementTimeout: call.database.statementTimeout,
      retryAfter: 1000,
      progress: (line) => call.onLine?.(line),
      expected: order.expected,
      boundary: async (step) => {
        await order.progress({ ...step, backend });
      },
      onApplied: (one) => void applied.push(migrated(one)),
      ...(resume ? { resume } : {}),
    });
    return { from: done.from, to: done.to, applied, failure: null };
  } catch (thrown) {
    const failure = failureIn(thrown);
    if (failure === null) throw thrown;
    const to = applied.findLast(({ version }) => version !== null)?.version ?? folder.standing.version;
    return { from: folder.standing.version, to, applied, failure };
  }
};

export interface RunCall {
  readonly ask: FolderAsk;
  readonly call: MigrationCall;
  readonly order: MigrationOrder;
  readonly parse: SqlParser;
}

const backendOf = async (target: Target): Promise<DatabaseBackend | null> => {
  const [row] = await target.query(
    "select pid, backend_start::text as started from pg_stat_activity where pid = pg_backend_pid()",
  );
  return row ? { pid: Number(row["pid"]), startedAt: String(row["started"]) } : null;
};

const migrated = ({ checksum, ...one }: AppliedMigration): MigratedScript => ({
  ...one,
  checksum: String(checksum),
});

const STATES: readonly MigrationFailure["state"][] = ["failed-clean", "failed-partial", "unknown"];

/** Null where the run never came to a statement. */
const failureIn = (thrown: unknown): MigrationFailure | null => {
  if (!(thrown instanceof PlumblineError) || thrown.code !== "sql-failed") return null;
  const { script, version, state, outcome, statement, statements } = thrown.detail;
  const found = STATES.find((one) => one === outcome);
  if (found === undefined || typeof script !== "string") return null;
  return {
    script,
    version: typeof version === "string" ? version : null,
    state: found,
    statement: Number(statement),
    statements: Number(statements),
    sqlState: typeof state === "string" ? state : null,
    message: thrown.message,
    ...(thrown.hint ? { hint: thrown.hint } : {}),
  };
};
