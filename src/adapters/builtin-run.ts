import { runLoadLines } from "../migration/lock-text.ts";
import type { SqlParser } from "../migration/script.ts";
import { PlumblineError } from "../model/errors.ts";
import type {
  DatabaseBackend,
  MigratedScript,
  MigrationFailure,
  MigrationResult,
} from "../model/migration.ts";
import type { MigrationLoad } from "../model/migration-load.ts";
import type { MigrationCall, MigrationOrder } from "../ports/migrations.ts";
import type { FolderAsk, MigrationFolder } from "./flyway-folder.ts";
import { migrateFolder } from "./flyway-migrate.ts";
import type { AppliedMigration } from "./flyway-run.ts";
import { type RunWatch, watchRun } from "./pg-run-watch.ts";
import type { Target } from "./pg-session.ts";

/** Runs what was ordered, each boundary told with the session that works. A failing migration is a result. */
export const runAsOrdered = async (
  target: Target,
  folder: MigrationFolder,
  asked: RunCall,
): Promise<MigrationResult> => {
  const { call } = asked;
  const backend = await backendOf(target);
  const onLine = (line: string): void => call.onLine?.(line);
  const watch = await watchRun({
    ...{ target, pid: backend?.pid ?? null, onLine },
    url: target.place.startsWith("pglite:") ? null : () => call.url("read_only"),
  });
  let load: MigrationLoad | null = null;
  const seen = async (): Promise<MigrationLoad> => {
    load = await watch.stop();
    for (const line of runLoadLines(load)) onLine(line);
    return load;
  };
  try {
    const result = await runWatched(target, folder, asked, { backend, watch });
    return { ...result, ranBy: await userOf(target), load: await seen() };
  } finally {
    if (load === null) await seen();
  }
};

const runWatched = async (
  target: Target,
  folder: MigrationFolder,
  { ask, call, order, parse }: RunCall,
  { backend, watch }: { readonly backend: DatabaseBackend | null; readonly watch: RunWatch },
): Promise<MigrationResult> => {
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
      watch: watch.around,
      boundary: async (step) => {
        await order.progress({ ...step, backend });
      },
      onApplied: (one) => void applied.push(migrated(one, watch)),
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

// A migration may have changed the role, never the one that the session began as.
const userOf = async (target: Target): Promise<string> => {
  const [row] = await target.query("select session_user as name");
  return String(row?.["name"] ?? "");
};

const backendOf = async (target: Target): Promise<DatabaseBackend | null> => {
  const [row] = await target.query(
    "select pid, backend_start::text as started from pg_stat_activity where pid = pg_backend_pid()",
  );
  return row ? { pid: Number(row["pid"]), startedAt: String(row["started"]) } : null;
};

/** Of several tries the last one ran. */
const migrated = ({ checksum, ran, ...one }: AppliedMigration, watch: RunWatch): MigratedScript => {
  const waits = watch.waits(one.script)?.slice(-ran.length) ?? null;
  return {
    ...one,
    checksum: String(checksum),
    ran: ran.map((each, index) => (waits === null ? each : { ...each, waits: waits[index] ?? [] })),
    ...(waits === null ? {} : { held: watch.held(one.script) }),
  };
};

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
