import { standingOf } from "../migration/standing.ts";
import { PlumblineError } from "../model/errors.ts";
import type { StandingProblem } from "../model/migration.ts";
import { baselineRows, type FolderAsk, type MigrationFolder } from "./flyway-folder.ts";
import {
  addHistoryRow,
  makeHistory,
  readHistory,
  removeFailedRow,
  withHistoryLock,
} from "./flyway-history.ts";
import { type AppliedMigration, type RunOptions, runMigrations } from "./flyway-run.ts";
import type { Target } from "./pg-session.ts";

export interface FolderMigrated {
  /** The newest version before and after; null where there is none. */
  readonly from: string | null;
  readonly to: string | null;
  readonly applied: readonly AppliedMigration[];
}

export interface MigrateOptions extends Omit<RunOptions, "place"> {
  /** Paths and checksums that were reviewed; any where left out. */
  readonly expected?: readonly { readonly script: string; readonly checksum: string }[];
}

/**
 * Runs what is pending under the history's lock.
 * @throws `sql-invalid`, `sql-failed`, `workspace-busy`; `plan-changed` where something else is pending than expected
 */
export const migrateFolder = async (
  target: Target,
  { place, resolved, standing: first, baseline }: MigrationFolder,
  ask: FolderAsk,
  options: MigrateOptions,
): Promise<FolderMigrated> => {
  const resumed = options.resume?.script ?? null;
  refuse(first.problems, resumed);
  return withHistoryLock(target, place, { seconds: 60 }, async () => {
    if ((await readHistory(target, place)) === null) {
      await makeHistory(target, place);
      for (const row of baselineRows(baseline)) await addHistoryRow(target, place, row);
    }
    // Somebody may have migrated while we waited for the lock.
    const standing = standingOf(resolved, (await readHistory(target, place)) ?? [], ask);
    refuse(standing.problems, resumed);
    refuseOther(standing.pending, options.expected);
    if (resumed !== null) await removeFailedRow(target, place, resumed);
    const applied = await runMigrations(target, resolved, standing.pending, { ...options, place });
    const after = standingOf(resolved, (await readHistory(target, place)) ?? [], ask);
    return { from: standing.version, to: after.version, applied };
  });
};

/** A run that goes on where one failed knows of that failure. */
const refuse = (problems: readonly StandingProblem[], resumed: string | null): void => {
  const [first, ...more] = problems.filter(({ problem }) => resumed === null || problem !== "failed");
  if (!first) return;
  const rest = more.length > 0 ? ` And ${more.length} more.` : "";
  throw new PlumblineError("sql-invalid", `${first.message}${rest}`, { hint: first.fix });
};

const refuseOther = (
  pending: MigrationFolder["standing"]["pending"],
  expected: MigrateOptions["expected"],
): void => {
  if (expected === undefined) return;
  const now = pending.map(({ path, checksum }) => `${path} ${checksum}`);
  const reviewed = expected.map(({ script, checksum }) => `${script} ${checksum}`);
  if (now.join("\n") === reviewed.join("\n")) return;
  throw new PlumblineError(
    "plan-changed",
    `Other migrations are pending than were planned: ${now.join(", ") || "none"}.`,
  );
};
