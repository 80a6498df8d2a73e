import type {
  AppliedEntry,
  MigratedScript,
  MigrationFailure,
  MigrationResult,
  MigrationStanding,
} from "../model/migration.ts";
import type { MigrationOrder } from "../ports/migrations.ts";
import { refuseOther, refuseStanding } from "./migration-refusal.ts";
import { tellSteps } from "./tool-steps.ts";

/** What is known once a tool's program has ended. */
export interface ToolOutcome<Ended> {
  readonly before: MigrationStanding;
  /** Null: the database did not answer. */
  readonly after: MigrationStanding | null;
  readonly ended: Ended;
  readonly applied: readonly MigratedScript[];
}

/** How one tool runs, and what its own words mean. */
export interface ToolRun<Ended> {
  readonly run: () => Promise<Ended>;
  readonly plan: () => Promise<MigrationStanding>;
  /** How long a file took, where the tool or its history says so. */
  readonly milliseconds: (entry: AppliedEntry) => number;
  readonly failureOf: (outcome: ToolOutcome<Ended>) => MigrationFailure | null;
}

/**
 * Runs what is pending by a tool that tells nothing in between: `running` is told of the first file before the tool
 * starts, everything else by the history once it has ended. @throws `sql-invalid`, `plan-changed` before it is started
 */
export const runByTool = async <Ended>(
  before: MigrationStanding,
  order: MigrationOrder,
  { run, plan, milliseconds, failureOf }: ToolRun<Ended>,
): Promise<MigrationResult> => {
  refuseStanding(before);
  refuseOther(before.pending, order.expected);
  const { version } = before.history;
  const [first] = before.pending;
  if (!first) return { from: version, to: version, applied: [], failure: null };
  const { told } = tellSteps(before, order);
  await told(first.script, "running");
  const ended = await run();
  const after = await plan().catch(() => null);
  const applied = after === null ? [] : appliedIn(before, after, milliseconds);
  for (const one of applied) await told(one.script, "applied", one.milliseconds);
  const failure = failureOf({ before, after, ended, applied });
  if (failure) await told(failure.script, failure.state);
  return { from: version, to: after?.history.version ?? version, applied, failure };
};

const appliedIn = (
  before: MigrationStanding,
  after: MigrationStanding,
  milliseconds: (entry: AppliedEntry) => number,
): readonly MigratedScript[] => {
  const known = Math.max(0, ...before.history.entries.map(({ rank }) => rank));
  const fresh = after.history.entries.filter(({ rank, success }) => rank > known && success);
  return before.pending.flatMap(({ script, version, description, checksum, transactional }) => {
    const entry = fresh.find((one) => one.script === script);
    if (!entry) return [];
    const own = { script, version, description, checksum, transactional };
    return [{ ...own, statements: 0, milliseconds: milliseconds(entry), retries: 0 }];
  });
};
