import type { FollowUp } from "../model/job.ts";
import { pathIn } from "../model/workspace.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { BackfillRow } from "../ports/ledger-backfills.ts";
import type { Scratch } from "./frame.ts";
import type { PreparedMigrations } from "./migration-prepare.ts";
import type { SavedMigrations } from "./migration-step.ts";
import { overrideOf } from "./stateful-facts.ts";
import type { World } from "./world.ts";

/** Remembers the backfills that the gates let through with this plan, before anything is run: they wait for its end. */
export const approveBackfills = async (
  world: World,
  { run, workspace }: Scratch,
  { tree }: PreparedMigrations,
  { migration, digest }: SavedMigrations,
): Promise<void> => {
  const at = world.clock.now();
  const { dir } = workspace;
  const commit = tree.commit;
  const override =
    run.pull && (await overrideOf(world, { ...run.pull, head: { sha: run.head ?? "" } }, digest.digest));
  const freezeOverride = override && { by: override.by, at: override.at };
  await world.ledger.transaction(async (ledger) => {
    for (const { name, file, checksum, table, class: level, rows } of migration.backfills ?? []) {
      const path = pathIn(dir, file);
      const approved = await ledger.backfills.approve({
        ...{ workspace: workspace.key, name, run: run.id, pull: run.pull, commit, path, checksum, table },
        ...{ class: level, state: "waiting", wish: null, token: 0, reason: "its apply has not ended" },
        ...{ throttle: null, lag: null, active: null, done: 0, changed: 0, dead: 0, total: rows, rate: null },
        ...{ leftOut: [], verification: null, freezeOverride },
        ...{ requestedBy: run.requestedBy, createdAt: at, updatedAt: at },
        ...{ progressedAt: null, endedAt: null },
      });
      if (!approved) continue;
      await ledger.audit.append({
        at,
        actor: run.requestedBy,
        action: "backfill-approved",
        subject: workspace.key,
        details: { name, checksum, table, commit, run: run.id, digest: digest.digest },
      });
    }
  });
};

/** Begins or goes on with it; one waits per backfill, however many ask. */
export const backfillSoon = (
  { workspace, name }: Pick<BackfillRow, "workspace" | "name">,
  notBefore?: Date,
): FollowUp => ({
  job: { kind: "backfill", workspace, name },
  dedupeKey: `backfill:${workspace}:${name}`,
  ...(notBefore ? { notBefore } : {}),
});

/** Jobs for all that may have something to do, of one workspace or of all. */
export const backfillsDue = async (
  ledger: Pick<Ledger, "backfills">,
  workspace?: string,
): Promise<readonly FollowUp[]> => {
  const rows = await ledger.backfills.list({
    ...(workspace === undefined ? {} : { workspace }),
    states: ["waiting", "running"],
  });
  return rows.map((row) => backfillSoon(row));
};
