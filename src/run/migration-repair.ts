import { asPlumblineError, PlumblineError } from "../model/errors.ts";
import type { JobOf, Outcome } from "../model/job.ts";
import { HALF_WAY } from "../model/migration.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { MigrationStepRow } from "../ports/ledger-migrations.ts";
import { code } from "../report/escape.ts";
import { frame, type Scratch } from "./frame.ts";
import { brokenMigration } from "./migration-broken.ts";
import { applyToGoOn } from "./migration-go-on.ts";
import { lookLines, lookNow, stopEverything, waysOut } from "./migration-once.ts";
import { type PreparedMigrations, prepareMigrations } from "./migration-prepare.ts";
import { keepMeasured, markScripts, stepKeeper } from "./migration-steps.ts";
import { noteIntent } from "./privileged.ts";
import { type RunInput, readRunInput } from "./run-input.ts";
import type { Settled } from "./settle-run.ts";
import { refused } from "./state-run.ts";
import { stateSettled } from "./state-settled.ts";
import type { World } from "./world.ts";

/**
 * What a person asked for after a migration that failed half-way: go on after what is done, forget the failed row of a
 * database that was put right, or run what takes it back.
 */
export const migrationRepair =
  (world: World) =>
  (job: JobOf<"state">, signal: AbortSignal): Promise<Outcome> =>
    frame(world, job.run, signal, async (scratch) => {
      const input = readRunInput(scratch.run);
      try {
        mustBeHalfWay(scratch);
        const prepared = await prepareMigrations(world, scratch, input);
        scratch.afterwards(() => prepared.tree.release());
        return await takeOn(world, scratch, prepared, wayOf(input));
      } catch (thrown) {
        return refused(world, scratch, thrown);
      }
    });

export type Way = "migrate-resume" | "migrate-repair" | "migrate-compensate";

const wayOf = ({ intent }: RunInput): Way => {
  if (intent === "migrate-resume" || intent === "migrate-repair" || intent === "migrate-compensate")
    return intent;
  throw new PlumblineError("gate-denied", "A workspace of migrations has no such state.");
};

/** What a crash leaves behind is taken on again: all that this changes in the ledger is stored as the run is settled. */
export const takeOn = async (
  world: World,
  scratch: Scratch,
  prepared: PreparedMigrations,
  way: Way,
): Promise<Settled> => {
  const { key } = scratch.workspace;
  const found = await brokenMigration(world, key);
  const [broken = null] = found?.rows ?? [];
  const compensation = await compensationOf(world, key);
  if (way !== "migrate-repair") mayRunSql(broken, compensation);
  await noteIntent(world, scratch, { script: broken?.script ?? null });
  const end = broken
    ? await WAYS[way](world, scratch, prepared, broken)
    : await repairUnnamed(scratch, prepared);
  const details = { script: broken?.script ?? null, end: end.message };
  // What was taken back would only fail again; where nobody knows what was done, nobody goes on by himself.
  const isOver = way === "migrate-compensate" || compensation !== null;
  const next = isOver ? null : await applyToGoOn(world, scratch, found, prepared.tree.commit);
  const store = async (ledger: Ledger): Promise<void> => {
    await ledger.meta.set(compensationKey(key), null);
    for (const { run, script } of found?.rows ?? [])
      await markScripts({ ledger, clock: world.clock }, run, [script], end.state, end.message);
    if (next) await ledger.outbox.add([await next(ledger)], world.clock.now());
  };
  const left = await whatIsLeft(scratch, prepared);
  const then = next ? GOES_ON : asksToGoOn(world, isOver);
  const reply = `${broken ? `${code(broken.script)}: ` : ""}${end.message}. ${left} ${then}`;
  return stateSettled(world, scratch, prepared, { action: way, details, unfreeze: key, store, reply });
};

const whatIsLeft = async ({ log }: Scratch, { runner, call }: PreparedMigrations): Promise<string> => {
  const standing = await runner.plan(call).catch((thrown: unknown) => {
    log.line(`what is left could not be told: ${asPlumblineError(thrown).message}`);
    return null;
  });
  if (standing === null) return "What is left could not be told.";
  const scripts = standing.pending.map(({ script }) => code(script));
  return scripts.length === 0 ? "Nothing is pending." : `Still to run: ${scripts.join(", ")}.`;
};

const GOES_ON =
  "The apply goes on with that now and verifies the schema, by the same approval: where anything but this differs from what was approved, it stops and shows the plan to approve.";

/** Said where nothing follows by itself. */
const asksToGoOn = ({ server }: World, isOver: boolean): string => {
  const apply = `\`${server.triggerWords[0] ?? "plumbline"} apply\``;
  return isOver
    ? `Nothing else is run now: ${apply} goes on with what was approved and is left, beginning with this file. Where it needs to be another one, mend it in a new pull request.`
    : `Comment ${apply}: it shows the plan as it is now, runs what is approved of it, and verifies the schema.`;
};

const mustBeHalfWay = ({ workspace }: Scratch): void => {
  if (workspace.frozen?.why !== HALF_WAY)
    throw new PlumblineError("gate-denied", "No migration of this workspace waits for a decision.");
};

/** Set before the file that takes things back is sent, and gone once it is known how that ended. */
const compensationKey = (workspace: string): string => `compensation:${workspace}`;

const compensationOf = async ({ ledger }: World, workspace: string): Promise<string | null> => {
  const mark = await ledger.meta.get(compensationKey(workspace));
  return typeof mark === "string" ? mark : null;
};

const mayRunSql: (
  broken: MigrationStepRow | null,
  compensation: string | null,
) => asserts broken is MigrationStepRow = (broken, compensation) => {
  const hint =
    "Look at the database, put right by hand what is left, then comment `plumbline migrate repair`.";
  if (compensation !== null)
    throw new PlumblineError(
      "gate-denied",
      `The run ${compensation} began to compensate, and its end was not seen: nothing is sent a second time.`,
      { hint },
    );
  if (broken === null)
    throw new PlumblineError(
      "gate-denied",
      "No run of this workspace says which migration failed half-way.",
      {
        hint,
      },
    );
};

/** What is said of the migration from now on. */
type End = Pick<MigrationStepRow, "message"> & { readonly state: "applied" | "failed-clean" };

type Act = (
  world: World,
  scratch: Scratch,
  prepared: PreparedMigrations,
  broken: MigrationStepRow,
) => Promise<End>;

/** As it was looked at by the run that left it. */
const lookAt = (world: World, scratch: Scratch, prepared: PreparedMigrations, { run }: MigrationStepRow) =>
  lookNow(world, { ...scratch, run: { ...scratch.run, id: run } }, prepared);

const repair: Act = async (world, scratch, prepared, broken) => {
  const look = await lookAt(world, scratch, prepared, broken);
  if (look?.state === "applied") return { state: "applied", message: "the history has it as done" };
  await scratch.step("repair", () => prepared.runner.repair(prepared.call, broken.script, broken.checksum));
  return { state: "failed-clean", message: "repaired by hand" };
};

/** Nobody wrote down what is broken, or it was mended by a run that died: what the history has as failed goes. */
const repairUnnamed = async (scratch: Scratch, { runner, call }: PreparedMigrations): Promise<End> => {
  const { history, problems } = await runner.plan(call);
  const failed = history.entries.filter(({ success }) => !success).map(({ script }) => script);
  scratch.log.line(`history against actual: ${failed.length} failed rows: ${failed.join(", ") || "none"}`);
  for (const { message } of problems) scratch.log.line(message);
  for (const script of failed) await scratch.step("repair", () => runner.repair(call, script));
  return { state: "failed-clean", message: failed.length > 0 ? "failed rows removed" : "no failed row" };
};

const compensate: Act = async (world, scratch, { runner, call }, { script, checksum }) => {
  const mark = compensationKey(scratch.workspace.key);
  try {
    await scratch.step("compensate", async () => {
      await world.ledger.meta.set(mark, scratch.run.id);
      await runner.compensate(call, script, checksum);
    });
  } catch (thrown) {
    // The server refused it and kept nothing, or nothing was sent; of anything else nobody knows.
    if (["sql-failed", "sql-invalid"].includes(asPlumblineError(thrown).code))
      await world.ledger.meta.set(mark, null);
    throw thrown;
  }
  return { state: "failed-clean", message: "compensated" };
};

/** Only after as many statements as the catalogue is sure of. */
const resume: Act = async (world, scratch, prepared, broken) => {
  const look = await lookAt(world, scratch, prepared, broken);
  if (look?.state === "applied") return { state: "applied", message: "the history has it as done" };
  const unsure = look?.statements.find(({ done }) => done === null);
  if (unsure)
    throw new PlumblineError(
      "gate-denied",
      `Whether statement ${unsure.statement} of ${broken.script} (line ${unsure.line}) was done cannot be told.`,
      { hint: "Put the database right by hand and comment `plumbline migrate repair`." },
    );
  const done = look?.statements.filter((one) => one.done === true).length ?? 0;
  const { script, checksum } = broken;
  const result = await scratch.step("resume", () =>
    prepared.runner.migrate(prepared.call, {
      expected: [{ script, checksum }],
      progress: stepKeeper(world, scratch, null, () => {}),
      resume: { script, done },
    }),
  );
  await keepMeasured(world, scratch.run.id, result);
  if (result.failure === null) return { state: "applied", message: "resumed" };
  await markScripts(world, scratch.run.id, [result.failure.script], "failed-partial", result.failure.message);
  const again = await lookNow(world, scratch, prepared);
  if (again) await stopEverything(world, scratch, result.failure.script, again);
  throw new PlumblineError("sql-failed", [result.failure.message, ...lookLines(again)].join("\n"), {
    hint: waysOut(world, scratch),
  });
};

const WAYS: Readonly<Record<Way, Act>> = {
  "migrate-resume": resume,
  "migrate-repair": repair,
  "migrate-compensate": compensate,
};
