import { type Kysely, type RawBuilder, sql } from "kysely";
import type { RetentionRows } from "../ports/ledger-retention.ts";
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
  forgetLogParts: async (endedBefore) => {
    await sql`delete from run_log_parts where not exists (select 1 from runs where runs.id = run_log_parts.run
      and coalesce(runs.ended_at, ${new Date(endedBefore.getTime() + 1)}) >= ${endedBefore})`.execute(kysely);
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
      await transaction.deleteFrom("run_log_parts").where("run", "in", ids).execute();
      await transaction.deleteFrom("migration_steps").where("run", "in", ids).execute();
      await transaction.deleteFrom("plans").where("run", "in", ids).execute();
      await transaction.deleteFrom("runs").where("id", "in", ids).execute();
      return ids.length;
    }),
  pruneMeta: async (endedBefore, now) => {
    const { numAffectedRows } = await sql`
      delete from meta where ${ofEndedPull(endedBefore)} or ${ofOldCommand(endedBefore)}
        or ${ofOldAlert(endedBefore)} or ${ofRemovedWorkspace(endedBefore)}
        or ${ofOverSession(now)} or ${ofGoneFinding}`.execute(kysely);
    return Number(numAffectedRows ?? 0);
  },
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

const OF_PULLS = [
  "statuses",
  "stateful",
  "claim",
  "policy-tests",
  "plan-gate",
  "fork",
  "edit-proof",
  "suggested",
  "merged",
];
const OF_WORKSPACES = [
  ...["drift-code", "drift-pull", "drift-selection", "drift-ignores"],
  ...["imports", "policy-audit", "compensation", "replay"],
];

/** `KIND:repo#number`. A lock that is left keeps all that is known of its pull request. */
const ofEndedPull = (before: Date): RawBuilder<boolean> => sql<boolean>`(
  split_part(meta.key, ':', 1) = any(${OF_PULLS}::text[])
  and exists (select 1 from pulls where split_part(meta.key, ':', 1) || ':' || repo || '#' || number = meta.key
    and state <> 'open' and updated_at < ${before}
    and not exists (select 1 from locks where pull_repo = repo and pull_number = number)))`;

/** Marks of older versions say neither when nor where and stay: a command must never be done twice. */
const ofOldCommand = (before: Date): RawBuilder<boolean> => sql<boolean>`(
  meta.key like 'command:%' and left(meta.value, 1) = '{'
  and case when left(meta.value, 1) = '{' then (meta.value::json ->> 'at')::timestamptz < ${before}
    and not exists (select 1 from pulls
      where repo || '#' || number = meta.value::json ->> 'pull' and state = 'open') end)`;

/** As long as the finding is known, whoever was told of its beginning is to be told of its end, once. */
const ofOldAlert = (before: Date): RawBuilder<boolean> => sql<boolean>`(
  meta.key like 'alert:%'
  and case when meta.value ~ '^"\\d{4}-[0-9T:.-]+Z"$' then trim('"' from meta.value)::timestamptz < ${before} end
  and not exists (select 1 from findings where starts_with(meta.key, 'alert:' || fingerprint || ':')))`;

/** A logout is kept for as long as a copy of its cookie would count. */
const ofOverSession = (now: Date): RawBuilder<boolean> => sql<boolean>`(
  meta.key like 'session-ended:%'
  and case when left(meta.value, 1) = '{' then (meta.value::json ->> 'until')::timestamptz < ${now} end)`;

/** Who made a change that nothing is known of any more. */
const ofGoneFinding = sql<boolean>`(
  meta.key like 'actor:%' and not exists (select 1 from findings
    where 'actor:' || workspace || ':' || address || ':' || path || ':' || fingerprint = meta.key))`;

const ofRemovedWorkspace = (before: Date): RawBuilder<boolean> => sql<boolean>`(
  split_part(meta.key, ':', 1) = any(${OF_WORKSPACES}::text[])
  and exists (select 1 from workspaces where split_part(meta.key, ':', 1) || ':' || workspaces.key = meta.key
    and removed_at < ${before} and frozen_why is null
    and not exists (select 1 from leases where leases.workspace = workspaces.key and leases.run is not null)))`;
