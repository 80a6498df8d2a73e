const OURS = `n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`;
const NAME = `n.nspname || '.' || c.relname`;
const FROM = `from pg_class c join pg_namespace n on n.oid = c.relnamespace`;

/**
 * Rows as the planner reckons them: what ANALYZE last saw, scaled to the table's size of today. A table that nobody
 * has analysed holds at most as many as fit in.
 */
const ROWS = `case when pg_relation_size(c.oid) = 0 then 0
  when c.reltuples > 0 and c.relpages > 0
    then c.reltuples / c.relpages * (pg_relation_size(c.oid) / current_setting('block_size')::numeric)::float8
  else pg_relation_size(c.oid) / 32.0 end::float8`;

const since16 = (version: number, column: string): string => (version >= 16 ? column : "null");

export const tablesQuery = (version: number): string => `select ${NAME} as name, ${ROWS} as rows,
    pg_total_relation_size(c.oid)::text as bytes, obj_description(c.oid, 'pg_class') as comment,
    (coalesce(s.seq_scan, 0) + coalesce(s.idx_scan, 0))::text as reads,
    (coalesce(s.n_tup_ins, 0) + coalesce(s.n_tup_upd, 0) + coalesce(s.n_tup_del, 0))::text as writes,
    ${since16(version, "greatest(s.last_seq_scan, s.last_idx_scan)")} as last_read,
    c.relkind = 'p' as partitioned,
    array(select pn.nspname || '.' || p.relname from pg_inherits i join pg_class p on p.oid = i.inhparent
      join pg_namespace pn on pn.oid = p.relnamespace where i.inhrelid = c.oid) as parents,
    array(select a.attname::text from pg_index i join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
      where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.${version >= 11 ? "indnkeyatts" : "indnatts"} = 1 and i.indpred is null) as keys,
    array(select distinct fn.nspname || '.' || f.relname from pg_constraint k join pg_class f on f.oid = k.conrelid
      join pg_namespace fn on fn.oid = f.relnamespace
      where k.confrelid = c.oid and k.contype = 'f' and k.confdeltype in ('c', 'n', 'd')) as followers
  ${FROM} left join pg_stat_all_tables s on s.relid = c.oid where ${OURS} and c.relkind in ('r', 'p', 'm')`;

export const COLUMN_COMMENTS = `select ${NAME} as name, a.attname as column, d.description as comment
  ${FROM} join pg_description d on d.classoid = 'pg_class'::regclass and d.objoid = c.oid and d.objsubid > 0
  join pg_attribute a on a.attrelid = c.oid and a.attnum = d.objsubid where ${OURS} and d.description ~* 'classification'`;

export const indexesQuery = (version: number): string => `select ${NAME} as name,
    xn.nspname || '.' || x.relname as index, pg_relation_size(x.oid)::text as bytes, i.indisvalid as valid,
    i.indisunique as unique, coalesce(s.idx_scan, 0)::text as scans, ${since16(version, "s.last_idx_scan")} as last_scan
  ${FROM} join pg_index i on i.indrelid = c.oid join pg_class x on x.oid = i.indexrelid
  join pg_namespace xn on xn.oid = x.relnamespace left join pg_stat_all_indexes s on s.indexrelid = x.oid
  where ${OURS} and c.relkind in ('r', 'p', 'm') order by 1, 2`;

export const DEPENDANTS: readonly string[] = [
  `select distinct ${NAME} as name, case v.relkind when 'm' then 'materialized view' else 'view' end as kind,
      vn.nspname || '.' || v.relname as dependant
    ${FROM} join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = c.oid
    join pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
    join pg_class v on v.oid = r.ev_class and v.oid <> c.oid and v.relkind in ('v', 'm')
    join pg_namespace vn on vn.oid = v.relnamespace where ${OURS} and c.relkind in ('r', 'p', 'm')`,
  `select ${NAME} as name, 'foreign key' as kind, fn.nspname || '.' || f.relname || '.' || k.conname as dependant
    ${FROM} join pg_constraint k on k.confrelid = c.oid and k.contype = 'f' and k.conrelid <> c.oid and k.conparentid = 0
    join pg_class f on f.oid = k.conrelid join pg_namespace fn on fn.oid = f.relnamespace where ${OURS}`,
  `select ${NAME} as name, 'publication' as kind, p.pubname as dependant
    ${FROM} join pg_publication_rel r on r.prrelid = c.oid join pg_publication p on p.oid = r.prpubid where ${OURS}`,
  `select ${NAME} as name, 'publication' as kind, p.pubname as dependant
    ${FROM} join pg_publication p on p.puballtables where ${OURS} and c.relkind in ('r', 'p')`,
  `select ${NAME} as name, 'trigger' as kind, t.tgname as dependant
    ${FROM} join pg_trigger t on t.tgrelid = c.oid and not t.tgisinternal and t.tgparentid = 0 where ${OURS}`,
  `select ${NAME} as name, 'policy' as kind, p.polname as dependant
    ${FROM} join pg_policy p on p.polrelid = c.oid where ${OURS}`,
];

/** Bodies are text to the server: what they name is found by reading them. */
export const ROUTINES = `select pn.nspname || '.' || p.proname as name, p.prosrc as body
  from pg_proc p join pg_namespace pn on pn.oid = p.pronamespace
  where pn.nspname !~ '^pg_' and pn.nspname <> 'information_schema' and p.prokind in ('f', 'p')
    and not exists (select 1 from pg_depend d where d.objid = p.oid and d.classid = 'pg_proc'::regclass and d.deptype = 'e')`;

export const COUNTED_SINCE = `select stats_reset from pg_stat_database where datname = current_database()`;
