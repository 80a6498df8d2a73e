import { withoutRowsIn } from "../migration/row-words.ts";
import { PlumblineError } from "../model/errors.ts";
import type { MigrationFailure, MigrationResult, MigrationStanding } from "../model/migration.ts";
import type { MigrationCall, MigrationOrder } from "../ports/migrations.ts";
import type { ProcessResult } from "./engine-process.ts";
import { RUNNING, reasonIn, runUpdate } from "./liquibase-command.ts";
import type { MigrationProgram } from "./migration-program.ts";
import { runByTool, type ToolOutcome } from "./tool-run.ts";

/** Liquibase's update. */
export const migrateByLiquibase = async (
  program: MigrationProgram,
  { plan }: { readonly plan: () => Promise<MigrationStanding> },
  call: MigrationCall,
  order: MigrationOrder,
): Promise<MigrationResult> => {
  if (order.resume)
    throw new PlumblineError("sql-invalid", "Liquibase cannot go on in the middle of a changeset.", {
      hint: "Put the database right and repair; then run it again.",
    });
  const before = await plan();
  const watch = stopwatch();
  const onLine = (line: string): void => {
    watch.see(line.slice(RUNNING.length).trim());
    call.onLine?.(line);
  };
  const run = async (): Promise<ProcessResult> => {
    const result = await runUpdate(program, { ...call, onLine }, await call.url("migration"), "update");
    watch.see(null);
    refuseBusy(result, before);
    return result;
  };
  return runByTool(before, order, {
    run,
    plan,
    milliseconds: ({ script }) => watch.spent.get(script) ?? 0,
    failureOf: (outcome) => failureOf(program, outcome),
  });
};

const refuseBusy = (result: ProcessResult, { target }: MigrationStanding): void => {
  if (!result.failed || !/acquire change log lock/i.test(result.log)) return;
  throw new PlumblineError("workspace-busy", `Somebody else migrates ${target.place} now, or died at it.`, {
    hint: "Wait for the other run; where there is none any more, run `liquibase release-locks`.",
  });
};

// It says which changeset begins, and nothing of the time that one took.
const stopwatch = () => {
  const spent = new Map<string, number>();
  let [now, since]: [string | null, number] = [null, performance.now()];
  const see = (script: string | null): void => {
    if (now !== null) spent.set(now, Math.round(performance.now() - since));
    [now, since] = [script, performance.now()];
  };
  return { see, spent: spent as ReadonlyMap<string, number> };
};

const failureOf = (
  { redactor }: MigrationProgram,
  { before, after, ended: result, applied }: ToolOutcome<ProcessResult>,
): MigrationFailure | null => {
  const [, named] = /Migration failed for changeset (.+::.+::.+):$/m.exec(result.log) ?? [];
  const left = before.pending.filter(({ script }) => !applied.some((one) => one.script === script));
  const failed = left.find(({ script }) => script === named) ?? left[0] ?? before.pending.at(-1);
  if (!failed || (!result.failed && left.length === 0)) return null;
  const reason = reasonIn(result);
  const isKnown = after !== null && named !== undefined && !result.timedOut && !LOST.test(reason);
  return {
    script: failed.script,
    version: failed.version,
    state: isKnown ? (failed.transactional === true ? "failed-clean" : "failed-partial") : "unknown",
    statement: 0,
    statements: 0,
    sqlState: null,
    message: redactor.redact(`${failed.script}: ${withoutRowsIn(reason, failed.sql)}`),
  };
};

const LOST = /I\/O error|connection (?:has been|was|is|attempt)|terminating connection|server closed/i;
