import { lockName } from "../migration/lock-text.ts";
import type { HeldLock, LockWait, ServerLoad } from "../model/migration-load.ts";
import type { Target } from "./pg-session.ts";

/** What a backend waits for and holds now. */
export interface LocksNow {
  /** `since` is the same for one wait as long as it lasts; null on a server that does not tell. */
  readonly waits: readonly (LockWait & { readonly since: string | null })[];
  readonly held: readonly Omit<HeldLock, "milliseconds">[];
}

/** Reads `pg_locks`, which everybody may; who blocks is asked only while something waits. */
export const locksOf = async (sampler: Target, pid: number): Promise<LocksNow> => {
  const started = sampler.version >= 14 ? "l.waitstart" : "null::timestamptz";
  const rows = await sampler.query(
    `select l.granted, l.mode, coalesce(n.nspname || '.' || c.relname, l.locktype) as relation, ${started}::text as since,
        (extract(epoch from clock_timestamp() - ${started}) * 1000)::float8 as waited,
        case when l.granted then 0 else cardinality(pg_blocking_pids(l.pid)) end as blockers
      from pg_locks l
      left join pg_class c on l.locktype = 'relation' and c.oid = l.relation
        and l.database = (select oid from pg_database where datname = current_database())
      left join pg_namespace n on n.oid = c.relnamespace
      where l.pid = $1 and (not l.granted
        or (c.relkind in ('r', 'p', 'm', 'v', 'f') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'))`,
    [pid],
  );
  const told = rows.map((row) => ({
    row,
    relation: String(row["relation"]),
    mode: lockName(String(row["mode"])),
  }));
  return {
    waits: told
      .filter(({ row }) => row["granted"] !== true)
      .map(({ row, ...one }) => ({
        ...one,
        since: row["since"] === null ? null : String(row["since"]),
        milliseconds: Math.max(0, Math.round(Number(row["waited"] ?? 0))),
        blockers: Number(row["blockers"]),
      })),
    held: told.filter(({ row }) => row["granted"] === true).map(({ relation, mode }) => ({ relation, mode })),
  };
};

/** Size, replicas and connections; and where the server's log stands, null on a replica. */
export const serverLoad = async (
  sampler: Target,
): Promise<{ readonly load: ServerLoad; readonly wal: string | null; readonly who: string }> => {
  const [row = {}] = await sampler.query(
    `select (case when has_database_privilege(current_database(), 'connect')
          then pg_database_size(current_database()) end)::text as bytes,
        (case when not pg_is_in_recovery() then pg_current_wal_lsn() end)::text as wal,
        (select count(*) from pg_stat_replication)::int as replicas,
        coalesce((select max(extract(epoch from replay_lag)) from pg_stat_replication), 0)::float8 as lag,
        (select count(*) from pg_stat_activity where backend_type = 'client backend')::int as connections,
        current_setting('max_connections')::int as allowed,
        pg_has_role(current_user, 'pg_read_all_stats', 'usage') as sees, current_user as who`,
  );
  // Without the right lag and kinds of others are NULL, which would read as a server at rest.
  const seen = (name: string): number | null => (row["sees"] === true ? Number(row[name]) : null);
  return {
    load: {
      bytes: row["bytes"] === null ? null : Number(row["bytes"]),
      ...{ lag: seen("lag"), replicas: seen("replicas"), connections: seen("connections") },
      connectionsAllowed: Number(row["allowed"]),
    },
    wal: row["wal"] === null ? null : String(row["wal"]),
    who: String(row["who"]),
  };
};

/** Bytes of the server's log since then. */
export const walSince = async (sampler: Target, wal: string): Promise<number> => {
  const [row] = await sampler.query(
    "select pg_wal_lsn_diff(pg_current_wal_lsn(), $1::pg_lsn)::text as bytes",
    [wal],
  );
  return Number(row?.["bytes"]);
};

/** The same for two sessions of one database of one server that was started once. */
export const whereabouts = async (target: Target): Promise<string> => {
  const [row] = await target.query(
    `select pg_postmaster_start_time()::text || ' ' || (select oid from pg_database where datname = current_database())
        || ' ' || pg_is_in_recovery() as here`,
  );
  return String(row?.["here"]);
};
