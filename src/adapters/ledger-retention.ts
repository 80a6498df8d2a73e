import { type Kysely, type RawBuilder, sql } from "kysely";
import type { RetentionRows } from "../ports/ledger.ts";
import type { Tables } from "./database-tables.ts";
import { together } from "./ledger-values.ts";

export const retentionRows = (kysely: Kysely<Tables>): RetentionRows => ({
  unneeded: async (ids, endedBefore) => {
    if (ids.length === 0) return [];
    const { rows } = await sql<{ id: string }>`
      select asked.id from unnest(${[...ids]}::text[]) as asked(id)
      where not exists (select 1 from runs where runs.id = asked.id and ${neededSince(endedBefore)})
        and not exists (select 1 from meta where position('"runs/' || asked.id || '/' in meta.value) > 0)`.execute(
      kysely,
    );
    return rows.map(({ id }) => id);
  },
  forgetLogs: async (ids) => {
    if (ids.length > 0)
      await kysely.updateTable("runs").set({ log_artifact: null }).where("id", "in", ids).execute();
  },
  forgetPlans: async (ids) => {
    const nothing = { plan_artifact: null, json_artifact: null };
    if (ids.length > 0) await kysely.updateTable("plans").set(nothing).where("run", "in", ids).execute();
  },
  pruneRuns: (kinds, endedBefore, limit) =>
    together(kysely, async (transaction) => {
      const { rows } = await sql<{ id: string }>`
        select id from runs where kind = any(${[...kinds]}::text[]) and not ${neededSince(endedBefore)}
          and not exists (select 1 from meta where position('"runs/' || runs.id || '/' in meta.value) > 0)
        order by created_at limit ${limit}`.execute(transaction);
      const ids = rows.map(({ id }) => id);
      if (ids.length === 0) return 0;
      await transaction.deleteFrom("run_steps").where("run", "in", ids).execute();
      await transaction.deleteFrom("plans").where("run", "in", ids).execute();
      await transaction.deleteFrom("runs").where("id", "in", ids).execute();
      return ids.length;
    }),
  pruneFindings: async (endedBefore) => {
    const result = await kysely.deleteFrom("findings").where("ended_at", "<", endedBefore).executeTakeFirst();
    return Number(result.numDeletedRows);
  },
});

/**
 * Whether something still needs the row of `runs` at hand: it goes on or is in doubt, it ended only lately, its workspace
 * is frozen or has an apply in doubt, its pull request is open or holds or awaits a lock, or it is the newest of its kind.
 */
const neededSince = (endedBefore: Date): RawBuilder<boolean> => sql<boolean>`(
  runs.state in ('queued', 'running', 'apply-started', 'verifying', 'unknown')
  or coalesce(runs.ended_at, runs.created_at) >= ${endedBefore}
  or exists (select 1 from leases where leases.run = runs.id)
  or exists (select 1 from workspaces where workspaces.key = runs.workspace and frozen_why is not null)
  or exists (select 1 from runs as doubtful where doubtful.workspace = runs.workspace
    and doubtful.state in ('apply-started', 'verifying', 'unknown'))
  or exists (select 1 from pulls where pulls.repo = runs.pull_repo and pulls.number = runs.pull_number
    and pulls.state = 'open')
  or exists (select 1 from locks where locks.pull_repo = runs.pull_repo and locks.pull_number = runs.pull_number)
  or not exists (select 1 from runs as newer where newer.workspace = runs.workspace and newer.kind = runs.kind
    and newer.created_at > runs.created_at))`;
