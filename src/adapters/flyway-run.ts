import { setTimeout } from "node:timers/promises";
import { type Execution, executionOf } from "../migration/execution.ts";
import type { CallbackEvent } from "../migration/names.ts";
import { lastingOf } from "../migration/own-transactions.ts";
import { parseScript } from "../migration/parse-script.ts";
import type { Migration, Resolved } from "../migration/resolve.ts";
import type { Script, SqlParser } from "../migration/script.ts";
import { controlsTransaction } from "../migration/transactional.ts";
import { PlumblineError } from "../model/errors.ts";
import type { MigrationStep, RanStatement } from "../model/migration.ts";
import { takeUp } from "./builtin-catalogue.ts";
import { type CallCallbacks, callbacksOf, statementCallbacks } from "./flyway-callbacks.ts";
import { failureOf } from "./flyway-failure.ts";
import { addHistoryRow, endHistoryRow, type HistoryPlace, readHistory } from "./flyway-history.ts";
import { commitScript, runScript, StatementFailed, type StatementWatch } from "./flyway-statements.ts";
import { type Target, wordsFor } from "./pg-session.ts";
import { useSchema } from "./search-path.ts";

export interface RunOptions {
  readonly place: HistoryPlace;
  readonly parse: SqlParser;
  readonly mixed: boolean;
  /** As PostgreSQL writes times: `5s`; `0` for none. */
  readonly lockTimeout: string;
  readonly statementTimeout: string;
  /** Milliseconds before a migration that waited too long for a lock is tried again; it is, twice. */
  readonly retryAfter: number;
  readonly progress: (line: string) => void;
  /** Of migrations; callbacks run without. */
  readonly watch?: StatementWatch;
  /** Awaited at each boundary, as `MigrationOrder.progress` says; what it throws stops the run. */
  readonly boundary?: (step: Omit<MigrationStep, "backend">) => Promise<void>;
  /** Told of each one that is done, and awaited. */
  readonly onApplied?: (one: AppliedMigration) => void | Promise<void>;
  /** So many statements of the first migration are done already. */
  readonly resume?: { readonly script: string; readonly done: number };
}

export interface AppliedMigration {
  /** Null for a repeatable. */
  readonly version: string | null;
  readonly description: string;
  readonly script: string;
  readonly checksum: number;
  readonly transactional: boolean;
  readonly statements: number;
  readonly milliseconds: number;
  /** Tries that a lock timeout took back before. */
  readonly retries: number;
  readonly ran: readonly RanStatement[];
}

/** Runs what is pending, in order, and stops at the first failure. @throws `sql-failed`, `sql-invalid` */
export const runMigrations = async (
  target: Target,
  resolved: Resolved,
  pending: readonly Migration[],
  options: RunOptions,
): Promise<readonly AppliedMigration[]> => {
  const ready = pending.map((migration) => prepare(migration, target, options));
  const applied: AppliedMigration[] = [];
  const call = callbacksOf(target, resolved, options.parse);
  await settle(target, options);
  await call("beforeMigrate");
  const firstRepeatable = ready.find(({ migration }) => migration.name.version === null);
  try {
    for (const each of ready) {
      const opening = each === firstRepeatable ? BEFORE_REPEATABLES : [];
      const one = await runPatiently(target, call, { ...each, opening }, options);
      applied.push(one);
      await options.onApplied?.(one);
      await settle(target, options);
    }
  } catch (thrown) {
    await call("afterMigrateError").catch(() => {});
    throw thrown;
  }
  if (firstRepeatable === undefined) await call("afterVersioned");
  if (applied.length > 0) await call("afterMigrateApplied");
  await call("afterMigrate");
  await call("afterMigrateOperationFinish");
  return applied;
};

// In the transaction of the first repeatable, whether or not a version ran before.
const BEFORE_REPEATABLES: readonly CallbackEvent[] = ["afterVersioned", "beforeRepeatables"];

interface Prepared {
  readonly migration: Migration;
  readonly script: Script;
  readonly transactional: boolean;
  /** Callbacks that come before its own. */
  readonly opening: readonly CallbackEvent[];
}

// All files are judged before the first one runs.
const prepare = (migration: Migration, { version }: Target, options: RunOptions): Prepared => {
  const script = parseScript(migration.text, options.parse);
  const execution = executionOf(script, {
    version,
    asked: migration.inTransaction,
    mixed: options.mixed,
    strange: migration.strangeSetting,
  });
  if (execution.way === "refused") throw refusedScript(migration.path, execution);
  return { migration, script, transactional: execution.way === "transaction", opening: [] };
};

/** Why a file is not run at all, with its place. */
export const refusedScript = (
  path: string,
  { line, column, why }: Extract<Execution, { readonly way: "refused" }>,
): PlumblineError =>
  new PlumblineError("sql-invalid", `${path}:${line}:${column}: ${why}.`, {
    detail: { script: path, file: path, line, column, words: why, state: null },
  });

/** A migration may leave role, search path and timeouts changed; the next one begins like the first. */
export const settle = async (
  target: Target,
  { place, lockTimeout, statementTimeout }: Pick<RunOptions, "place" | "lockTimeout" | "statementTimeout">,
): Promise<void> => {
  await asOurselves(target);
  await useSchema(target, place.schema);
  await target.query(
    "select set_config('lock_timeout', $1, false), set_config('statement_timeout', $2, false)",
    [lockTimeout, statementTimeout],
  );
};

/** A migration may go on as another role; its history is written as who runs it, and so is whatever follows. */
const asOurselves = async (target: Target): Promise<void> => {
  await target.run("reset session authorization");
  await target.run("reset role");
};

const LOCK_NOT_AVAILABLE = "55P03";

// Only what a transaction took back whole may be tried again.
const runPatiently = async (
  target: Target,
  call: CallCallbacks,
  prepared: Prepared,
  options: RunOptions,
): Promise<AppliedMigration> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await runOne(target, call, prepared, attempt, options);
    } catch (thrown) {
      const waited = thrown instanceof StatementFailed && thrown.state === LOCK_NOT_AVAILABLE;
      if (!waited || !prepared.transactional || attempt === 3) throw failureOf(thrown, prepared);
      options.progress(`${prepared.migration.path} waited too long for a lock and was taken back; again`);
      await setTimeout(options.retryAfter);
      await settle(target, options);
    }
  }
};

const runOne = async (
  target: Target,
  call: CallCallbacks,
  prepared: Prepared,
  attempt: number,
  options: RunOptions,
): Promise<AppliedMigration> => {
  const { migration, script, transactional, opening } = prepared;
  const { length } = script.statements;
  options.progress(`${migration.path} (${length} ${length === 1 ? "statement" : "statements"})`);
  const resumed = options.resume?.script === migration.path;
  const from = resumed ? (options.resume?.done ?? 0) : 0;
  const began = performance.now();
  const ran: RanStatement[] = [];
  const told = (state: MigrationStep["state"], statement: number) =>
    options.boundary?.(stepOf(prepared, { state, statement, attempt, began }));
  const each = (event: CallbackEvent) => call(event, transactional ? "in its transaction" : "alone");
  const row = rowOf(target, migration, options.place, began);
  if (transactional) await told("running", 1);
  if (transactional) await target.run("begin");
  try {
    for (const event of opening) await each(event);
    await each("beforeEachMigrate");
    const around = statementCallbacks(each);
    const before = async (done: number) => {
      if (!transactional) await told("running", done + 1);
      // Written before anything is sent that stays: a process that dies at it leaves a failed row, never none.
      if (!transactional && done === from) await row.write(false);
      if (resumed && done === from) await takeUp(target, { ...script, answered: from });
      await around.before(done);
    };
    const how = { transactional, watch: measured(ran, options.watch), from, ...around, before };
    await runScript(target, migration.path, script, how);
    if (!transactional) await refuseOpen(target, prepared);
    await each("afterEachMigrate");
    await row.write(true);
    if (transactional) await commitScript(target, migration.path, script);
  } catch (thrown) {
    await each("afterEachMigrateError").catch(() => {});
    await target.run("rollback").catch(() => {});
    if (!transactional && thrown instanceof StatementFailed) await row.write(false).catch(() => {});
    throw thrown;
  }
  await told("applied", length);
  return { ...appliedOf(prepared, attempt - 1, began), ran };
};

/** Writes down how long each statement took and how many rows it changed. */
const measured =
  (ran: RanStatement[], watch: StatementWatch = (_statement, _at, run) => run()): StatementWatch =>
  (statement, at, run) =>
    watch(statement, at, async () => {
      const began = performance.now();
      const rows = await run();
      const milliseconds = Math.round(performance.now() - began);
      ran.push({ line: statement.place.line, milliseconds, rows });
      return rows;
    });

const stepOf = (
  { migration: { name, path, checksum }, script, transactional }: Prepared,
  {
    began,
    ...now
  }: {
    readonly state: MigrationStep["state"];
    readonly statement: number;
    readonly attempt: number;
    readonly began: number;
  },
): Omit<MigrationStep, "backend"> => ({
  ...now,
  script: path,
  version: name.version,
  checksum: String(checksum),
  statements: script.statements.length,
  transactional,
  milliseconds: Math.round(performance.now() - began),
});

// Behind an open transaction all would be said to be done, and go with the session.
const refuseOpen = async (target: Target, { migration: { path }, script }: Prepared): Promise<void> => {
  const { statements } = script;
  if (!statements.some(({ nodes }) => nodes.some(controlsTransaction))) return;
  const isOpen = await target.run("savepoint plumbline").then(
    () => true,
    (thrown: unknown) => wordsFor(target, thrown).code !== NO_TRANSACTION,
  );
  if (!isOpen) return;
  const { line = 1, column = 1 } = statements.at(-1)?.place ?? {};
  const words = "it ends in a transaction that it opened; all of that is taken back";
  const done = lastingOf(statements, statements.length);
  throw new StatementFailed({ path, line, column }, words, done, STILL_OPEN);
};

// no_active_sql_transaction and active_sql_transaction of PostgreSQL's error codes.
const NO_TRANSACTION = "25P01";
const STILL_OPEN = "25001";

const appliedOf = (
  { migration: { name, path, checksum }, script, transactional }: Prepared,
  retries: number,
  began: number,
): Omit<AppliedMigration, "ran"> => ({
  version: name.version,
  description: name.description,
  script: path,
  checksum,
  transactional,
  statements: script.statements.length,
  milliseconds: Math.round(performance.now() - began),
  retries,
});

// One row, written anew as often as something is known.
const rowOf = (target: Target, { name, path, checksum }: Migration, place: HistoryPlace, began: number) => {
  let written: number | null = null;
  const write = async (success: boolean): Promise<void> => {
    await asOurselves(target);
    const milliseconds = Math.round(performance.now() - began);
    if (written !== null) return endHistoryRow(target, place, { rank: written, success, milliseconds });
    const history = (await readHistory(target, place)) ?? [];
    const rank = (history.at(-1)?.rank ?? 0) + 1;
    await addHistoryRow(target, place, {
      rank,
      version: name.version,
      description: name.description,
      type: name.kind === "baseline" ? "SQL_BASELINE" : "SQL",
      script: path,
      checksum,
      success,
      milliseconds,
    });
    written = rank;
  };
  return { write };
};
