import type {
  AppliedEntry,
  BegunMigration,
  JudgedMigration,
  MigrationStanding,
  MigrationState,
  MigrationSummary,
} from "../model/migration.ts";
import type { PlanDigest, PlanSummary } from "../model/plan.ts";
import type { PlanRow } from "../ports/ledger.ts";
import type { MigrationStepRow } from "../ports/ledger-migrations.ts";
import type { Scratch } from "./frame.ts";
import { type Digested, migrationDigest, type SavedMigrations } from "./migration-step.ts";
import type { RunInput } from "./run-input.ts";
import type { World } from "./world.ts";

/**
 * What was approved may be done in part: an apply stopped, and somebody let it go on. The plan of what is left is part
 * of that approval, and has its digest, where nothing but what this pull request's own runs did differs: files, their
 * order and checksums, the history before, server and settings. Otherwise it stays a plan of its own, to be approved.
 */
export const asApproved = async (
  world: Pick<World, "ledger" | "key">,
  { run, log }: Pick<Scratch, "run" | "log">,
  input: RunInput,
  saved: SavedMigrations,
): Promise<SavedMigrations> => {
  const { pull, workspace } = run;
  if (pull === null) return saved;
  const runs = (await world.ledger.runs.list({ workspace, pull })).toSorted(
    (one, other) => other.createdAt.getTime() - one.createdAt.getTime(),
  );
  const plans = await Promise.all(runs.map(({ id }) => world.ledger.plans.ofRun(id)));
  const known = plans.filter((plan) => plan !== null).filter(({ discardedAt }) => discardedAt === null);
  if (known.some(({ digest }) => digest === saved.digest.digest)) return saved;
  const steps = await Promise.all(runs.map(({ id }) => world.ledger.migrations.of(id)));
  const done = steps.flat().filter(({ statement, state }) => statement === 0 && DONE.includes(state));
  const digestsOf = ({ standing, ...whole }: Whole): readonly PlanDigest[] =>
    pastsOf(standing).map((past) => migrationDigest(world, input, { ...whole, standing: past }));
  for (const plan of known) {
    const whole = wholeOf(plan, saved, done);
    const digest = whole && digestsOf(whole).find((one) => one.digest === plan.digest);
    if (!whole || !digest) continue;
    const { begun } = whole;
    log.line(`goes on with what was approved; done before: ${begun.map(({ script }) => script).join(", ")}`);
    const migration = { ...saved.migration, begun };
    return { ...saved, digest, migration, summary: { ...saved.summary, migration } };
  }
  return saved;
};

const DONE: readonly MigrationState[] = ["applied", "verifying", "verified"];

interface Whole extends Digested {
  readonly begun: readonly BegunMigration[];
}

/** What there was to do when that plan was made; null where what was done since is not its beginning. */
const wholeOf = (
  plan: PlanRow,
  { standing, migration, inputTree, inspection }: SavedMigrations,
  done: readonly MigrationStepRow[],
): Whole | null => {
  const summary = plan.summary as unknown as PlanSummary;
  const planned = summary.migration?.migrations ?? [];
  const count = planned.length - migration.migrations.length;
  const { entries } = standing.history;
  if (count < 1 || count > entries.length) return null;
  // What is left may not be worse than all of it was when it was approved.
  if (inspection.class > summary.inspection.class) return null;
  const begun = planned.slice(0, count).map((one, index) => {
    const entry = entries[entries.length - count + index];
    const step = done.find((row) => isOf(row, one));
    return entry?.success && isOf(entry, one) && step ? begunOf(one, step) : null;
  });
  if (begun.some((one) => one === null)) return null;
  const history = { ...standing.history, entries: entries.slice(0, -count) };
  return {
    standing: { ...standing, history },
    migration: { ...migration, migrations: [...planned.slice(0, count), ...migration.migrations] },
    inputTree,
    class: summary.inspection.class,
    begun: begun.filter((one) => one !== null),
  };
};

const isOf = (
  { script, checksum }: Pick<AppliedEntry | MigrationStepRow, "script" | "checksum">,
  planned: Pick<MigrationSummary["migrations"][number], "script" | "checksum">,
): boolean => script === planned.script && checksum === planned.checksum;

const begunOf = (one: JudgedMigration, { run, milliseconds, attempt }: MigrationStepRow): BegunMigration => {
  return { ...one, run, milliseconds, retries: attempt - 1 };
};

/** The rows that a new history begins with may not have been there yet when the plan was made. */
const pastsOf = (standing: MigrationStanding): readonly MigrationStanding[] => {
  const { history } = standing;
  const isNew = history.entries.every(({ script, description }) =>
    OPENING.some((one) => one === script || one === description),
  );
  return isNew ? [standing, { ...standing, history: { ...history, entries: [] } }] : [standing];
};

const OPENING = ["<< Flyway Baseline >>", "<< Flyway Schema Creation >>"];
