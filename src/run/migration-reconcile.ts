import { PlumblineError } from "../model/errors.ts";
import { type JobOf, nothing, type Outcome } from "../model/job.ts";
import type { MigrationLook, MigrationState } from "../model/migration.ts";
import type { RunError } from "../model/run.ts";
import type { Scratch } from "./frame.ts";
import { lookLines, lookNow, stopEverything, waysOut } from "./migration-once.ts";
import { prepareMigrations, refuseWorking } from "./migration-prepare.ts";
import { lastStep, markScripts } from "./migration-steps.ts";
import { lookAgain } from "./migration-verify.ts";
import { type Found, inDoubt, settle } from "./reconcile.ts";
import { readRunInput } from "./run-input.ts";
import { lookSpan } from "./run-span.ts";
import type { World } from "./world.ts";

/**
 * After a crash in the middle of migrations: the last step that was written down is looked up in history, sessions and
 * catalogue. Nothing is sent again; what failed half-way stops everything until somebody says what is to become of it.
 */
export const migrationReconcile =
  (world: World) =>
  (job: JobOf<"reconcile">, signal: AbortSignal): Promise<Outcome> =>
    inDoubt(world, job, signal, async (scratch) => {
      await lookSpan(world, scratch.run, () => lookAndSettle(world, scratch));
      return nothing;
    });

const lookAndSettle = async (world: World, scratch: Scratch): Promise<void> => {
  const input = readRunInput(scratch.run);
  await refuseWorking(world, scratch, input);
  const prepared = await prepareMigrations(world, scratch, input);
  try {
    const look = await lookNow(world, scratch, prepared);
    const error = await judged(world, scratch, look);
    const verified = await lookAgain(world, scratch, prepared, input);
    if (verified.saved === null)
      throw new PlumblineError("database-unavailable", verified.remaining.join(" "));
    const applied = error === null && verified.clean;
    if (applied) await markVerified(world, scratch);
    await settle(world, scratch, { applied, verified, error: applied ? null : (error ?? LEFT) });
    world.nudge();
  } finally {
    await prepared.tree.release();
  }
};

const DONE: readonly MigrationState[] = ["applied", "verifying"];

const markVerified = async (world: World, { run }: Scratch): Promise<void> => {
  const steps = await world.ledger.migrations.of(run.id);
  const scripts = steps.filter(({ state }) => DONE.includes(state)).map(({ script }) => script);
  await markScripts(world, run.id, scripts, "verified");
};

/** Null where what was begun is done. */
const judged = async (
  world: World,
  scratch: Scratch,
  look: MigrationLook | null,
): Promise<RunError | null> => {
  const { run } = scratch;
  const script = lastStep(await world.ledger.migrations.of(run.id))?.script ?? "";
  if (look === null) return NEVER_SENT;
  if (look.state === "applied") {
    await markScripts(world, run.id, [script], "applied");
    return null;
  }
  const state = look.state === "failed-clean" ? "failed-clean" : "failed-partial";
  await markScripts(world, run.id, [script], state, look.why);
  if (state === "failed-clean") return { code: "interrupted", message: `${script}: ${look.why}` };
  await stopEverything(world, scratch, script, look);
  const message = [`${script} stopped half-way: ${look.why}`, ...lookLines(look)].join("\n");
  return { code: "sql-failed", message: world.redactor.redact(message), hint: waysOut(world, scratch) };
};

const NEVER_SENT: RunError = {
  code: "interrupted",
  message: "The process died before anything was sent: nothing was run.",
};
const LEFT: Found["error"] = {
  code: "interrupted",
  message: "What was begun is done; what was to follow was not begun.",
};
