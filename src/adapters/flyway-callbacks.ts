import { executionOf } from "../migration/execution.ts";
import type { CallbackEvent } from "../migration/names.ts";
import { parseScript } from "../migration/parse-script.ts";
import type { Resolved } from "../migration/resolve.ts";
import type { SqlParser } from "../migration/script.ts";
import { PlumblineError } from "../model/errors.ts";
import { type RunWatch, runScript, StatementFailed } from "./flyway-statements.ts";
import type { Target } from "./pg-session.ts";

/** Runs the callbacks of an event, by name; each in a transaction of its own where none is open for it. */
export type CallCallbacks = (event: CallbackEvent, where?: "in its transaction" | "alone") => Promise<void>;

/** @throws `sql-failed` where one fails on its own, `StatementFailed` in the transaction of a migration */
export const callbacksOf =
  (target: Target, { callbacks }: Resolved, parse: SqlParser): CallCallbacks =>
  async (event, where) => {
    for (const { name, path, text, inTransaction } of callbacks) {
      if (name.kind !== "callback" || name.event !== event) continue;
      const script = parseScript(text, parse);
      if (where !== undefined) {
        await runScript(target, path, script);
        continue;
      }
      const execution = executionOf(script, { version: target.version, asked: inTransaction, mixed: true });
      const whole = execution.way === "transaction";
      await runAlone(target, whole, () => runScript(target, path, script));
    }
  };

const runAlone = async (target: Target, whole: boolean, work: () => Promise<void>): Promise<void> => {
  if (whole) await target.run("begin");
  try {
    await work();
    if (whole) await target.run("commit");
  } catch (thrown) {
    await target.run("rollback").catch(() => {});
    if (!(thrown instanceof StatementFailed)) throw thrown;
    throw new PlumblineError("sql-failed", `The callback ${thrown.message}`, {
      detail: { script: thrown.place.path, state: thrown.state },
    });
  }
};

/** What a migration's statements have around them; `done` is how many of them are. */
export const statementCallbacks = (
  call: (event: CallbackEvent) => Promise<void>,
): Required<Pick<RunWatch, "before" | "after" | "failed">> => ({
  before: (done) => counted(done, () => call("beforeEachMigrateStatement")),
  after: (done) => counted(done, () => call("afterEachMigrateStatement")),
  failed: () => call("afterEachMigrateStatementError").catch(() => {}),
});

// A callback that fails counts its own statements, which are none of the migration's.
const counted = async (done: number, work: () => Promise<void>): Promise<void> => {
  try {
    await work();
  } catch (thrown) {
    if (!(thrown instanceof StatementFailed)) throw thrown;
    throw new StatementFailed(thrown.place, thrown.words, done, thrown.state);
  }
};
