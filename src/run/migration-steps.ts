import { PlumblineError } from "../model/errors.ts";
import type { MigrationResult, MigrationState, MigrationStep } from "../model/migration.ts";
import type { HeldLock } from "../model/migration-load.ts";
import type { Rehearsal, RehearsedLock } from "../model/rehearsal.ts";
import type { MigrationStepRow } from "../ports/ledger-migrations.ts";
import type { Scratch } from "./frame.ts";
import type { World } from "./world.ts";

/** Writes down where each migration of a run is; rejects where nothing more may be sent. */
export const stepKeeper =
  (world: World, scratch: Scratch, rehearsal: Rehearsal | null, begun: () => void) =>
  async (step: MigrationStep): Promise<void> => {
    if (step.state === "running") await mayGoOn(world, scratch, step);
    const rehearsed = rehearsedTime(rehearsal, step.script);
    await world.ledger.migrations.put(rowsOf(world, scratch, step, rehearsed));
    if (step.state === "running") begun();
    scratch.log.line(sentence(step));
  };

/** A lost lease or a stop is heeded between migrations, and a lost lease between statements too. */
const mayGoOn = async (
  world: World,
  { run, lease }: Pick<Scratch, "run" | "lease">,
  { statement }: MigrationStep,
): Promise<void> => {
  const held = await world.ledger.leases.get(run.workspace);
  if (held?.token !== lease.token)
    throw new PlumblineError("stale-token", `The run ${run.id} lost its workspace; nothing more is sent.`);
  if (statement <= 1 && world.interruptApplies.aborted)
    throw new PlumblineError("interrupted", "Plumbline was stopped before the next migration began.");
};

const rowsOf = (
  world: World,
  { run }: Pick<Scratch, "run">,
  step: MigrationStep,
  rehearsed: number | null,
): readonly MigrationStepRow[] => {
  const { statement, ...rest } = step;
  const whole: MigrationStepRow = {
    ...rest,
    ...{ run: run.id, workspace: run.workspace, statement: 0, rehearsed, message: null },
    at: world.clock.now(),
  };
  if (step.transactional !== false || statement === 0) return [whole];
  const own = (one: number, state: MigrationState) => ({ ...whole, statement: one, state, rehearsed: null });
  const before = step.state === "running" && statement > 1 ? [own(statement - 1, "applied")] : [];
  return [whole, ...before, own(statement, step.state)];
};

/** Milliseconds that a migration took when it was rehearsed; null where it was not. */
export const rehearsedTime = (rehearsal: Rehearsal | null, script: string): number | null => {
  const found = rehearsal?.current.migrations.find((one) => one.script === script);
  return found ? Math.round(found.milliseconds) : null;
};

/** The longest lock of the same table when it was rehearsed; null where there was none. */
export const rehearsedLock = (
  rehearsal: Rehearsal | null,
  script: string,
  { relation }: Pick<HeldLock, "relation">,
): RehearsedLock | null => {
  const found = rehearsal?.current.migrations.find((one) => one.script === script);
  const locks = (found?.statements ?? []).flatMap((one) => one.locks ?? []);
  const same = locks.filter((one) => one.relation === relation);
  return same.toSorted((one, other) => other.milliseconds - one.milliseconds)[0] ?? null;
};

const sentence = ({
  script,
  state,
  statement,
  statements,
  transactional,
  attempt,
  milliseconds,
}: MigrationStep) =>
  state === "running"
    ? `${script}: ${transactional === false ? `statement ${statement} of ${statements}` : "begins"}${attempt > 1 ? `, try ${attempt}` : ""}`
    : `${script}: ${state} after ${milliseconds} ms`;

/** Keeps what was measured of migrations beside their time. */
export const keepMeasured = async (
  { ledger }: Pick<World, "ledger">,
  run: string,
  { applied, load }: Pick<MigrationResult, "applied" | "load">,
): Promise<void> => {
  const rows = (await ledger.migrations.of(run)).filter(({ statement }) => statement === 0);
  const measured = rows.flatMap((row) => {
    const ran = applied.find(({ script }) => script === row.script)?.ran;
    if (!ran) return [];
    const waits = ran.flatMap(({ waits: own }) => own ?? []);
    const isSeen = ran.some(({ waits: own }) => own !== undefined);
    return [
      {
        ...row,
        waited: isSeen ? waits.reduce((sum, { milliseconds }) => sum + milliseconds, 0) : null,
        rows: ran.reduce((sum, one) => sum + (one.rows ?? 0), 0),
        lag: load?.worstLag ?? null,
      },
    ];
  });
  if (measured.length > 0) await ledger.migrations.put(measured);
};

/** Marks migrations of a run, such as those that were verified. */
export const markScripts = async (
  world: Pick<World, "ledger" | "clock">,
  run: string,
  scripts: readonly string[],
  state: MigrationState,
  message: string | null = null,
): Promise<void> => {
  const rows = await world.ledger.migrations.of(run);
  const whole = rows.filter(({ statement, script }) => statement === 0 && scripts.includes(script));
  await world.ledger.migrations.put(
    whole.map((row) => ({ ...row, state, message: message ?? row.message, at: world.clock.now() })),
  );
};

/** The last step that was written down before a death; null where nothing was ever sent. */
export const lastStep = (rows: readonly MigrationStepRow[]): Omit<MigrationStep, "milliseconds"> | null => {
  const whole = rows.findLast(({ statement, state }) => statement === 0 && state !== "planned");
  if (!whole) return null;
  const sent = rows.filter(({ script, statement }) => script === whole.script && statement > 0);
  const state = STEP_STATES.find((one) => one === whole.state) ?? "applied";
  return {
    script: whole.script,
    version: whole.version,
    checksum: whole.checksum,
    state,
    statement: Math.max(0, ...sent.map(({ statement }) => statement)),
    statements: whole.statements,
    transactional: whole.transactional,
    attempt: whole.attempt,
    backend: whole.backend,
  };
};

const STEP_STATES: readonly MigrationStep["state"][] = [
  "running",
  "failed-clean",
  "failed-partial",
  "unknown",
];
