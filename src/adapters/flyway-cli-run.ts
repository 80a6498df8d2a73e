import { withoutRows } from "../migration/row-words.ts";
import { PlumblineError } from "../model/errors.ts";
import type { MigrationFailure, MigrationResult } from "../model/migration.ts";
import type { MigrationCall, MigrationEngine, MigrationOrder } from "../ports/migrations.ts";
import { relativeTo, withFlyway } from "./flyway-cli-plan.ts";
import { askFlyway, type FlywayFailure } from "./flyway-command.ts";
import type { MigrationProgram } from "./migration-program.ts";
import { runByTool, type ToolOutcome } from "./tool-run.ts";

/** Flyway's migrate. */
export const migrateByFlyway = async (
  program: MigrationProgram,
  builtin: MigrationEngine,
  call: MigrationCall,
  order: MigrationOrder,
): Promise<MigrationResult> => {
  if (order.resume)
    throw new PlumblineError("sql-invalid", "Flyway cannot go on in the middle of a file.", {
      hint: "Put the database right and repair, or take back what was done and compensate; then run it again.",
    });
  const url = await call.url("migration");
  const asMigration: MigrationCall = { ...call, url: async () => url };
  const answers = await askFlyway(program, call, url, ["info", "validate"]);
  const before = withFlyway(program, call, await builtin.plan(asMigration), answers);
  return runByTool(before, order, {
    run: () => run(program, call, url),
    plan: () => builtin.plan(asMigration),
    milliseconds: (entry) => entry.milliseconds ?? 0,
    failureOf: (outcome) => failureOf(program, call, outcome),
  });
};

interface Ended {
  readonly error: FlywayFailure | null;
  /** It was stopped, or said nothing that can be read. */
  readonly silent: string | null;
}

const run = async (program: MigrationProgram, call: MigrationCall, url: string): Promise<Ended> => {
  try {
    const [answer] = await askFlyway(program, call, url, ["migrate"]);
    return { error: answer?.error ?? null, silent: null };
  } catch (thrown) {
    if (!(thrown instanceof PlumblineError) || thrown.code !== "sql-failed") throw thrown;
    return { error: null, silent: thrown.message };
  }
};

const failureOf = (
  { redactor }: MigrationProgram,
  { dir }: MigrationCall,
  { before, after, ended: { error, silent }, applied }: ToolOutcome<Ended>,
): MigrationFailure | null => {
  const left = before.pending.filter(({ script }) => !applied.some((one) => one.script === script));
  const named = error === null ? null : relativeTo(dir, error.path);
  const failed = left.find(({ file }) => file === named) ?? left[0];
  // A callback behind the last file may fail.
  const last = failed ?? before.pending.at(-1);
  if (!last || (error === null && silent === null && left.length === 0)) return null;
  const words = redactor.redact(
    error === null ? (silent ?? "Flyway stopped before its end.") : wordsOf(error, last.sql),
  );
  const recorded = after?.history.entries.some(({ script, success }) => script === last.script && !success);
  const known = after !== null && error !== null && !isLost(error);
  return {
    script: last.script,
    version: last.version,
    state: recorded ? "failed-partial" : known && last.transactional === true ? "failed-clean" : "unknown",
    statement: 0,
    statements: 0,
    sqlState: error === null ? null : stateOf(error),
    message: error !== null && named !== "" ? `${named}:${error.lineNumber ?? 1}: ${words}` : words,
  };
};

// Its message holds the whole statement, which may hold secrets; the server's own words follow `Message    : `.
const wordsOf = (error: FlywayFailure, text: string): string => {
  const { message } = error;
  const server = /^Message\s*: (?:ERROR: )?(.*)$/m.exec(message)?.[1];
  return withoutRows({
    message: (server ?? message.split("\n")[0] ?? "").trim(),
    state: stateOf(error),
    pointed: /^\s*Position: \d+/m.test(message),
    raised: /\braise\b/i.test(message),
    text,
  });
};

const stateOf = ({ message }: FlywayFailure): string | null =>
  /^SQL State\s*: (\w{5})$/m.exec(message)?.[1] ?? null;

const isLost = (error: FlywayFailure): boolean => {
  const state = stateOf(error);
  return state === null || state.startsWith("08") || state.startsWith("57P");
};
