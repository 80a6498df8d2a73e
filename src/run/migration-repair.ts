import { PlumblineError } from "../model/errors.ts";
import type { JobOf, Outcome } from "../model/job.ts";
import { HALF_WAY } from "../model/migration.ts";
import type { MigrationStepRow } from "../ports/ledger-migrations.ts";
import { frame, type Scratch } from "./frame.ts";
import { lookNow, stopEverything, WAYS_OUT } from "./migration-once.ts";
import { type PreparedMigrations, prepareMigrations } from "./migration-prepare.ts";
import { markScripts, stepKeeper } from "./migration-steps.ts";
import { type RunInput, readRunInput } from "./run-input.ts";
import { refused, settled } from "./state-run.ts";
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
        const broken = await brokenMigration(world, scratch);
        const prepared = await prepareMigrations(world, scratch, input);
        scratch.afterwards(() => prepared.tree.release());
        await WAYS[wayOf(input)](world, scratch, prepared, broken);
        const { script } = broken;
        return settled(world, scratch, prepared, input.intent, { script }, scratch.workspace.key);
      } catch (thrown) {
        return refused(world, scratch, thrown);
      }
    });

type Way = "migrate-resume" | "migrate-repair" | "migrate-compensate";

const wayOf = ({ intent }: RunInput): Way => {
  if (intent === "migrate-resume" || intent === "migrate-repair" || intent === "migrate-compensate")
    return intent;
  throw new PlumblineError("gate-denied", "A workspace of migrations has no such state.");
};

/** The migration that the frozen workspace's last apply left half-way. */
const brokenMigration = async (world: World, { workspace }: Scratch): Promise<MigrationStepRow> => {
  if (workspace.frozen?.why !== HALF_WAY)
    throw new PlumblineError("gate-denied", "No migration of this workspace waits for a decision.");
  const ran = await Promise.all(
    (["apply", "state"] as const).map((kind) => world.ledger.runs.list({ workspace: workspace.key, kind })),
  );
  for (const { id } of ran.flat().toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime())) {
    const rows = await world.ledger.migrations.of(id);
    const broken = rows.find(({ statement, state }) => statement === 0 && OPEN.includes(state));
    if (broken) return broken;
  }
  throw new PlumblineError("gate-denied", "No run of this workspace says which migration failed half-way.");
};

const OPEN: readonly MigrationStepRow["state"][] = ["running", "unknown", "failed-partial"];

type Act = (
  world: World,
  scratch: Scratch,
  prepared: PreparedMigrations,
  broken: MigrationStepRow,
) => Promise<void>;

const repair: Act = async (world, scratch, { runner, call }, { run, script }) => {
  await scratch.step("repair", () => runner.repair(call, script));
  await markScripts(world, run, [script], "failed-clean", "repaired by hand");
};

const compensate: Act = async (world, scratch, { runner, call }, { run, script }) => {
  await scratch.step("compensate", () => runner.compensate(call, script));
  await markScripts(world, run, [script], "failed-clean", "compensated");
};

/** Only after as many statements as the catalogue is sure of. */
const resume: Act = async (world, scratch, prepared, broken) => {
  const look = await lookNow(world, { ...scratch, run: { ...scratch.run, id: broken.run } }, prepared);
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
  if (result.failure === null) return markScripts(world, broken.run, [broken.script], "applied", "resumed");
  await markScripts(world, scratch.run.id, [result.failure.script], "failed-partial", result.failure.message);
  const again = await lookNow(world, scratch, prepared);
  if (again) await stopEverything(world, scratch, result.failure.script, again);
  throw new PlumblineError("sql-failed", result.failure.message, { hint: WAYS_OUT });
};

const WAYS: Readonly<Record<Way, Act>> = {
  "migrate-resume": resume,
  "migrate-repair": repair,
  "migrate-compensate": compensate,
};
