import { pauseLeft } from "../migration/backfill.ts";
import type { Backfill, BackfillLoad, BackfillWait } from "../model/backfill.ts";
import { PlumblineError } from "../model/errors.ts";
import type { Target } from "./pg-session.ts";

export const NOT_ASKED: BackfillLoad = { lag: null, active: null };

const LOOK_AGAIN_MS = 1000;

/**
 * What speaks against a batch now: the hour, replicas that are behind, a busy server.
 * @throws `sql-failed` where the session may not see them: nobody would know what the backfill does to others
 */
export const throttleOf = async (
  sampler: Target,
  { throttle, pauseBetween }: Pick<Backfill, "throttle" | "pauseBetween">,
  now: Date,
): Promise<{ readonly load: BackfillLoad; readonly wait: BackfillWait | null }> => {
  const pause = pauseLeft(pauseBetween, now);
  if (pause > 0)
    return {
      load: NOT_ASKED,
      wait: {
        kind: "window",
        text: `it pauses at this hour, until ${new Date(now.getTime() + pause).toISOString().slice(11, 16)} UTC`,
        wait: Math.min(pause, 30_000),
      },
    };
  const load = await loadOf(sampler, throttle);
  return { load, wait: tooMuch(throttle, load) };
};

const loadOf = async (
  sampler: Target,
  { replicationLag, activeSessions }: Backfill["throttle"],
): Promise<BackfillLoad> => {
  if (replicationLag === null && activeSessions === null) return NOT_ASKED;
  const [row] = await sampler.query(`select
    coalesce((select max(extract(epoch from replay_lag)) from pg_stat_replication), 0)::float8 as lag,
    (select count(*) from pg_stat_activity where state = 'active' and backend_type = 'client backend'
      and pid <> pg_backend_pid())::int as active,
    pg_has_role(current_user, 'pg_read_all_stats', 'usage') as sees, current_user as who`);
  // Without it lag and states of others are NULL, which would read as a server at rest.
  if (row?.["sees"] !== true)
    throw new PlumblineError(
      "sql-failed",
      "This session may not see how far replicas are and what others do.",
      {
        hint: `GRANT pg_monitor TO ${String(row?.["who"] ?? "the identity")}, or leave throttle.replication_lag and throttle.active_sessions out.`,
      },
    );
  return {
    lag: replicationLag === null ? null : Number(row["lag"]),
    active: activeSessions === null ? null : Number(row["active"]),
  };
};

const tooMuch = (
  { replicationLag, activeSessions }: Backfill["throttle"],
  { lag, active }: BackfillLoad,
): BackfillWait | null => {
  if (replicationLag !== null && lag !== null && lag > replicationLag)
    return { kind: "lag", text: `a replica is ${lag.toFixed(1)} s behind`, wait: LOOK_AGAIN_MS };
  if (activeSessions !== null && active !== null && active > activeSessions)
    return { kind: "load", text: `${active} other sessions are active`, wait: LOOK_AGAIN_MS };
  return null;
};
