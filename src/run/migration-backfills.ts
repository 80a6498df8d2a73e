import { contractsIn, emptyTablesIn } from "../migration/contract-tables.ts";
import { judgeBackfills } from "../migration/judge-backfill.ts";
import type { Backfill } from "../model/backfill.ts";
import type { MigrationStanding, MigrationSummary } from "../model/migration.ts";
import type { BackfillRow } from "../ports/ledger-backfills.ts";
import { isVerified } from "./backfill-ready.ts";
import type { Scratch } from "./frame.ts";
import type { PreparedMigrations } from "./migration-prepare.ts";
import type { World } from "./world.ts";

/** A plan with the backfills that it would start, and what speaks against it because of those that are not finished. */
export const withBackfills = async (
  world: Pick<World, "ledger">,
  { workspace, log }: Pick<Scratch, "workspace" | "log">,
  { databases, call }: PreparedMigrations,
  { standing, judged }: { readonly standing: MigrationStanding; readonly judged: MigrationSummary },
): Promise<{ readonly summary: MigrationSummary; readonly fresh: readonly Backfill[] }> => {
  const declared = await databases.backfills.declared(call);
  const rows = await world.ledger.backfills.list({ workspace: workspace.key });
  if (declared.length === 0 && rows.length === 0) return { summary: judged, fresh: [] };
  const { parse } = databases;
  const contracts = contractsIn(judged.migrations, standing.pending, parse);
  const empty = emptyTablesIn(standing.pending, parse);
  const known = await begun(world, rows);
  const summary = judgeBackfills(judged, { declared, known, contracts, empty, parse });
  const names = (summary.backfills ?? []).map(({ name }) => name);
  for (const one of summary.backfills ?? [])
    log.line(`backfill: ${one.file} (${one.class}, about ${one.rows ?? "?"} rows of ${one.table})`);
  return {
    summary,
    fresh: declared.map(({ backfill }) => backfill).filter(({ name }) => names.includes(name)),
  };
};

/** Without those whose apply did not end verified: they are approved anew. */
const begun = async (
  { ledger }: Pick<World, "ledger">,
  rows: readonly BackfillRow[],
): Promise<readonly BackfillRow[]> => {
  const isBegun = async ({ state, run }: BackfillRow): Promise<boolean> =>
    state !== "waiting" || isVerified(await ledger.runs.get(run));
  const told = await Promise.all(rows.map(isBegun));
  return rows.filter((_row, index) => told[index]);
};
