import type { HistoryPlace } from "./flyway-history.ts";
import type { Target } from "./pg-session.ts";

/** A table, view, sequence or index, and the file that holds its rows; null where it has none. */
export interface Relation {
  readonly name: string;
  readonly index: boolean;
  readonly file: string | null;
}

const NAMED = "n.nspname || '.' || c.relname as name, c.relkind in ('i', 'I') as index";
const OURS = "n.nspname !~ '^pg_' and n.nspname <> 'information_schema'";

/** Every relation by its object id. */
export const relationsIn = async (target: Target): Promise<Map<string, Relation>> => {
  const rows = await target.query(
    `select c.oid::text as oid, ${NAMED}, pg_relation_filenode(c.oid)::text as file
       from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${OURS}`,
  );
  return new Map(
    rows.map(({ oid, name, index, file }) => [
      String(oid),
      { name: String(name), index: index === true, file: file === null ? null : String(file) },
    ]),
  );
};

/** What the open transaction has locked so far: the file it is in now, every mode held. */
export interface Touched {
  readonly oid: string;
  /** Null once it is dropped. */
  readonly relation: Relation | null;
  readonly modes: readonly string[];
}

/** @param history is left out. */
export const relationsTouched = async (
  target: Target,
  history: HistoryPlace,
): Promise<readonly Touched[]> => {
  const rows = await target.query(
    `select l.relation::text as oid, ${NAMED}, pg_relation_filenode(c.oid)::text as file,
         string_agg(l.mode, ' ') as modes
       from pg_locks l left join pg_class c on c.oid = l.relation left join pg_namespace n on n.oid = c.relnamespace
       where l.pid = pg_backend_pid() and l.locktype = 'relation' and l.granted
         and (c.oid is null or (${OURS} and not (n.nspname = $1 and c.relname in ($2, $3, $4))))
       group by l.relation, c.oid, n.nspname, c.relname, c.relkind`,
    [history.schema, history.table, `${history.table}_pk`, `${history.table}_s_idx`],
  );
  return rows.map(({ oid, name, index, file, modes }) => ({
    oid: String(oid),
    relation:
      name === null
        ? null
        : { name: String(name), index: index === true, file: file === null ? null : String(file) },
    modes: String(modes).split(" "),
  }));
};

/** Rows inserted, updated and deleted since the session last reported them: only the difference of two readings tells. */
export const rowsCounted = async (target: Target, history: HistoryPlace): Promise<number> => {
  const [row] = await target.query(
    `select coalesce(sum(pg_stat_get_xact_tuples_inserted(c.oid) + pg_stat_get_xact_tuples_updated(c.oid)
         + pg_stat_get_xact_tuples_deleted(c.oid)), 0)::text as rows
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'm') and ${OURS} and not (n.nspname = $1 and c.relname = $2)`,
    [history.schema, history.table],
  );
  return Number(row?.["rows"]);
};
