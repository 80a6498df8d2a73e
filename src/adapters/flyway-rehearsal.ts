import { replayOrder } from "../migration/replay-order.ts";
import type { Migration } from "../migration/resolve.ts";
import { standingOf } from "../migration/standing.ts";
import type { Rehearsal } from "../model/rehearsal.ts";
import { baselineRows, type MigrationFolder } from "./flyway-folder.ts";
import { addHistoryRow, makeHistory, readHistory } from "./flyway-history.ts";
import { runMigrations } from "./flyway-run.ts";
import { type RehearsalOptions, rehearse } from "./pg-rehearsal.ts";
import type { RehearsedFolder, RehearsedScript, ScratchStanding } from "./pg-rehearsal-folder.ts";
import type { Target } from "./pg-session.ts";

export interface FlywayRehearsalOptions extends RehearsalOptions {
  /** A file may run without a transaction when only some of its statements refuse one. */
  readonly mixed?: boolean;
}

/** A rehearsal of a folder of Flyway's files. @throws `database-unavailable` */
export const rehearseFolder = (
  target: Target,
  folder: MigrationFolder,
  options: FlywayRehearsalOptions,
): Promise<Rehearsal> => rehearse(target, rehearsedFolder(folder, options), options);

const rehearsedFolder = (
  { place, resolved, history: known, baseline, standing: live }: MigrationFolder,
  { parse, mixed = false }: FlywayRehearsalOptions,
): RehearsedFolder => {
  const history = known ?? baselineRows(baseline);
  const standingBy = (rows: typeof history): ScratchStanding => {
    const { pending, version } = standingOf(resolved, rows, { outOfOrder: true });
    return { pending: pending.map(scriptOf), version };
  };
  return {
    place,
    recorded: replayOrder(resolved, history, live).recorded,
    pending: live.pending.map(scriptOf),
    whole: standingBy([]).pending,
    version: standingBy(history).version,
    gaps: [],
    hasHistory: async (target) => ((await readHistory(target, place)) ?? []).length > 0,
    prepare: (scratch) => makeHistory(scratch, place, []),
    remember: async (scratch) => {
      for (const row of history) await addHistoryRow(scratch, place, row);
    },
    standing: async (scratch) => standingBy((await readHistory(scratch, place)) ?? []),
    run: async (scratch, scripts, watch, applied) => {
      await runMigrations(scratch, resolved, scripts.map(migrationOf), {
        ...{ place, parse, mixed, watch },
        onApplied: ({ script }) => applied?.(script),
        ...{ lockTimeout: "5s", statementTimeout: "0", retryAfter: 0, progress: () => {} },
      });
    },
  };
};

interface MigrationScript extends RehearsedScript {
  readonly migration: Migration;
}

const scriptOf = (migration: Migration): MigrationScript => {
  const { path, text, name, checksum, compensation } = migration;
  return { path, text, version: name.version, checksum, compensation, migration };
};

const migrationOf = (script: RehearsedScript): Migration => (script as MigrationScript).migration;
