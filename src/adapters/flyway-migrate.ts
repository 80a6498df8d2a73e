import { standingOf } from "../migration/standing.ts";
import type { StandingProblem } from "../model/migration.ts";
import { type CallCallbacks, callbacksOf } from "./flyway-callbacks.ts";
import { baselineRows, type FolderAsk, type MigrationFolder } from "./flyway-folder.ts";
import {
  addHistoryRow,
  makeHistory,
  readHistory,
  removeFailedRow,
  withHistoryLock,
} from "./flyway-history.ts";
import { type AppliedMigration, type RunOptions, runMigrations, settle } from "./flyway-run.ts";
import { refuseOther, refuseStanding } from "./migration-refusal.ts";
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
  folder: MigrationFolder,
  ask: FolderAsk,
  options: MigrateOptions,
): Promise<FolderMigrated> => {
  const { place, resolved, baseline } = folder;
  const resumed = options.resume?.script ?? null;
  refuse(folder.standing.problems, resumed);
  return withHistoryLock(target, place, { seconds: 60 }, async () => {
    // Somebody may have migrated while we waited for the lock.
    const history = await readHistory(target, place);
    const known = (history ?? baselineRows(baseline)).filter((row) => row.success || row.script !== resumed);
    const standing = standingOf(resolved, known, ask);
    refuseStanding(standing);
    const pending = standing.pending.filter(({ path }) => resumed === null || path === resumed);
    refuseOther(
      pending.map(({ path, checksum }) => ({ script: path, checksum })),
      options.expected,
    );
    const call = callbacksOf(target, resolved, options.parse);
    await settle(target, { ...options, place });
    await call("beforeValidate");
    await call("afterValidate");
    if (history === null) await beginHistory(target, folder, call);
    if (resumed !== null) await removeFailedRow(target, place, resumed);
    const applied = await runMigrations(target, resolved, pending, { ...options, place });
    const after = standingOf(resolved, (await readHistory(target, place)) ?? [], ask);
    return { from: standing.version, to: after.version, applied };
  });
};

const beginHistory = async (
  target: Target,
  { place, schemas, baseline }: MigrationFolder,
  call: CallCallbacks,
): Promise<void> => {
  await call("createSchema");
  await call("beforeCreateSchema");
  await makeHistory(target, place, schemas);
  if (baseline === null) return;
  await call("beforeBaseline");
  for (const row of baselineRows(baseline)) await addHistoryRow(target, place, row);
  await call("afterBaseline");
};

/** A run that goes on where one failed knows of that failure. */
const refuse = (problems: readonly StandingProblem[], resumed: string | null): void =>
  refuseStanding({ problems: problems.filter(({ problem }) => resumed === null || problem !== "failed") });
