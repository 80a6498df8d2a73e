/*
 * One query for each kind of object. All give address, part, name and facts (JSON); numbers of 8 bytes as text. What an extension brings belongs
 * to the extension; constraints that only say NOT NULL (a kind of their own since 18) are said by the column.
 */
const OURS = `n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`;
// What a range type brings with it belongs to the type.
const MADE =
  "not exists (select 1 from pg_depend d where d.objid = p.oid and d.classid = 'pg_proc'::regclass and d.deptype = 'i')";
const FREE = (oid: string, catalogue: string): string =>
  `not exists (select 1 from pg_depend d where d.objid = ${oid} and d.classid = '${catalogue}'::regclass and d.deptype = 'e')`;

const KIND = `case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence'
  when 'f' then 'foreign table' else 'table' end || ' ' || n.nspname || '.' || c.relname`;

const RELATIONS = `from pg_class c join pg_namespace n on n.oid = c.relnamespace`;

const GRANTS = (acl: string, kind: string, owner: string): string =>
  `cross join lateral (
     select coalesce(r.rolname::text, 'PUBLIC') as grantee,
       jsonb_agg(distinct a.privilege_type || case when a.is_grantable then ' WITH GRANT OPTION' else '' end) as rights
     from aclexplode(coalesce(${acl}, acldefault('${kind}', ${owner}))) a left join pg_roles r on r.oid = a.grantee
     where a.grantee <> ${owner} and a.privilege_type <> 'MAINTAIN' group by 1
   ) g`;

const OF_SCHEMA = `select 'schema ' || n.nspname as address`;
const OF_SEQUENCE = `select 'sequence ' || n.nspname || '.' || c.relname as address`;
const OF_ROUTINE = `select case p.prokind when 'p' then 'procedure ' when 'a' then 'aggregate ' else 'function ' end || n.nspname || '.' || p.proname
     || '(' || pg_get_function_identity_arguments(p.oid) || ')' as address`;
const OF_TYPE = `select 'type ' || n.nspname || '.' || t.typname as address`;

// Not those of identity columns.
const OF_ITSELF = `${OURS} and ${FREE("c.oid", "pg_class")}
     and not exists (select 1 from pg_depend d where d.objid = c.oid and d.classid = 'pg_class'::regclass and d.deptype = 'i')`;
const ROUTINES = `${OURS} and ${FREE("p.oid", "pg_proc")} and ${MADE}`;
const TYPES = `${OURS} and (t.typtype in ('e', 'd', 'r') or (t.typtype = 'c' and c.relkind = 'c')) and ${FREE("t.oid", "pg_type")}`;

// Before 15 the server let everybody make objects in \`public\`: no right that a migration gave.
const BY_VERSION =
  "case when n.nspname = 'public' and current_setting('server_version_num')::int < 150000 and g.grantee = 'PUBLIC' then g.rights - 'CREATE' else g.rights end";

const SCHEMAS = [
  `${OF_SCHEMA}, null as part, null as name,
     jsonb_build_object('comment', obj_description(n.oid, 'pg_namespace')) as facts
   from pg_namespace n where ${OURS} and ${FREE("n.oid", "pg_namespace")}`,
  `${OF_SCHEMA}, 'grants' as part, g.grantee as name, ${BY_VERSION} as facts
   from pg_namespace n ${GRANTS("n.nspacl", "n", "n.nspowner")} where ${OURS} and ${FREE("n.oid", "pg_namespace")}`,
  `select 'extension ' || e.extname as address, null as part, null as name,
     jsonb_build_object('schema', n.nspname) as facts
   from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname <> 'plpgsql'`,
];

// Fired always, never, only by replicated changes, or by those too.
const WHEN_ENABLED = (state: string): string =>
  `case ${state} when 'O' then 'true'::jsonb when 'D' then 'false' when 'R' then '"replica"' else '"always"' end`;

const TABLES = [
  `select ${KIND} as address, null as part, null as name, jsonb_strip_nulls(jsonb_build_object(
     'unlogged', nullif(c.relpersistence = 'u', false),
     'partition_by', case when c.relkind = 'p' then pg_get_partkeydef(c.oid) end,
     'partition_bound', pg_get_expr(c.relpartbound, c.oid),
     'parents', (select jsonb_agg(i.inhparent::regclass::text order by i.inhseqno) from pg_inherits i where i.inhrelid = c.oid),
     'row_security', nullif(c.relrowsecurity, false),
     'row_security_forced', nullif(c.relforcerowsecurity, false),
     'replica_identity', nullif(c.relreplident, 'd'),
     'options', to_jsonb(c.reloptions),
     'definition', case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end,
     'comment', obj_description(c.oid, 'pg_class'))) as facts
   ${RELATIONS} where ${OURS} and c.relkind in ('r', 'p', 'v', 'm', 'f') and ${FREE("c.oid", "pg_class")}`,
  `select ${KIND} as address, 'columns' as part, a.attname as name, jsonb_strip_nulls(jsonb_build_object(
     'type', format_type(a.atttypid, a.atttypmod),
     'not_null', a.attnotnull,
     'default', case when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid) end,
     'generated', case when a.attgenerated <> '' then pg_get_expr(d.adbin, d.adrelid) end,
     'virtual', nullif(a.attgenerated = 'v', false),
     'identity', case a.attidentity when 'a' then 'always' when 'd' then 'by default' end,
     'collation', case when a.attcollation <> t.typcollation then a.attcollation::regcollation::text end,
     'comment', col_description(c.oid, a.attnum))) as facts
   ${RELATIONS} join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
   join pg_type t on t.oid = a.atttypid left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
   where ${OURS} and c.relkind in ('r', 'p', 'v', 'm', 'f') and ${FREE("c.oid", "pg_class")} order by c.oid, a.attnum`,
  `select ${KIND} as address, 'constraints' as part, k.conname as name, to_jsonb(pg_get_constraintdef(k.oid)) as facts
   ${RELATIONS} join pg_constraint k on k.conrelid = c.oid
   where ${OURS} and k.contype in ('c', 'f', 'p', 'u', 'x') and k.conparentid = 0 and ${FREE("c.oid", "pg_class")}`,
  `select ${KIND} as address, 'indexes' as part, x.relname as name,
     jsonb_build_object('definition', pg_get_indexdef(i.indexrelid), 'valid', i.indisvalid) as facts
   ${RELATIONS} join pg_index i on i.indrelid = c.oid join pg_class x on x.oid = i.indexrelid
   where ${OURS} and ${FREE("c.oid", "pg_class")} and c.relkind <> 't'
     and not exists (select 1 from pg_constraint k where k.conindid = i.indexrelid and k.conrelid = c.oid)
     and not x.relispartition`,
  `select ${KIND} as address, 'triggers' as part, t.tgname as name,
     jsonb_build_object('definition', pg_get_triggerdef(t.oid), 'enabled', ${WHEN_ENABLED("t.tgenabled")}) as facts
   ${RELATIONS} join pg_trigger t on t.tgrelid = c.oid and not t.tgisinternal and t.tgparentid = 0 where ${OURS}`,
  `select ${KIND} as address, 'rules' as part, r.rulename as name, 
     jsonb_build_object('definition', pg_get_ruledef(r.oid), 'enabled', ${WHEN_ENABLED("r.ev_enabled")}) as facts
   ${RELATIONS} join pg_rewrite r on r.ev_class = c.oid and r.rulename <> '_RETURN' where ${OURS} and ${FREE("c.oid", "pg_class")}`,
  `select ${KIND} as address, 'policies' as part, p.polname as name, jsonb_build_object(
     'command', p.polcmd, 'permissive', p.polpermissive,
     'using', pg_get_expr(p.polqual, p.polrelid), 'check', pg_get_expr(p.polwithcheck, p.polrelid),
     'roles', (select jsonb_agg(coalesce(r.rolname::text, 'PUBLIC') order by r.rolname)
       from unnest(p.polroles) o left join pg_roles r on r.oid = o)) as facts
   ${RELATIONS} join pg_policy p on p.polrelid = c.oid where ${OURS}`,
  `select ${KIND} as address, 'grants' as part, g.grantee as name, g.rights as facts
   ${RELATIONS} ${GRANTS("c.relacl", "r", "c.relowner")}
   where ${OURS} and c.relkind in ('r', 'p', 'v', 'm', 'f') and ${FREE("c.oid", "pg_class")}`,
  `select ${KIND} as address, 'column_grants' as part, a.attname as name, jsonb_object_agg(g.grantee, g.rights) as facts
   ${RELATIONS} join pg_attribute a on a.attrelid = c.oid and a.attacl is not null and a.attnum > 0 and not a.attisdropped
   ${GRANTS("a.attacl", "c", "c.relowner")}
   where ${OURS} and c.relkind in ('r', 'p', 'v', 'm', 'f') and ${FREE("c.oid", "pg_class")} group by 1, 3`,
  `select ${KIND} as address, 'comments' as part, o.kind || ' ' || o.name as name, to_jsonb(d.description) as facts
   from pg_description d
   join (select 'pg_constraint'::regclass as of, oid, conrelid as relation, 'constraint' as kind, conname as name from pg_constraint
     union all select 'pg_trigger'::regclass, oid, tgrelid, 'trigger', tgname from pg_trigger
     union all select 'pg_rewrite'::regclass, oid, ev_class, 'rule', rulename from pg_rewrite
     union all select 'pg_policy'::regclass, oid, polrelid, 'policy', polname from pg_policy
     union all select 'pg_class'::regclass, x.oid, i.indrelid, 'index', x.relname from pg_index i join pg_class x on x.oid = i.indexrelid
   ) o on o.of = d.classoid and o.oid = d.objoid and d.objsubid = 0
   join pg_class c on c.oid = o.relation join pg_namespace n on n.oid = c.relnamespace
   where ${OURS} and c.relkind in ('r', 'p', 'v', 'm', 'f') and ${FREE("c.oid", "pg_class")}`,
];

const OTHERS = [
  `${OF_SEQUENCE}, null as part, null as name, jsonb_strip_nulls(jsonb_build_object(
     'comment', obj_description(c.oid, 'pg_class'))) || jsonb_build_object(
     'type', format_type(s.seqtypid, null), 'start', s.seqstart::text, 'step', s.seqincrement::text,
     'least', s.seqmin::text, 'largest', s.seqmax::text, 'cycles', s.seqcycle, 'cache', s.seqcache::text,
     'owned_by', (select d.refobjid::regclass::text || '.' || quote_ident(a.attname) from pg_depend d
       join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
       where d.objid = c.oid and d.classid = 'pg_class'::regclass and d.deptype = 'a')) as facts
   ${RELATIONS} join pg_sequence s on s.seqrelid = c.oid where ${OF_ITSELF}`,
  `${OF_SEQUENCE}, 'grants' as part, g.grantee as name, g.rights as facts
   ${RELATIONS} join pg_sequence s on s.seqrelid = c.oid ${GRANTS("c.relacl", "s", "c.relowner")} where ${OF_ITSELF}`,
  `${OF_ROUTINE}, null as part, null as name,
     jsonb_strip_nulls(jsonb_build_object('definition', pg_get_functiondef(p.oid),
       'comment', obj_description(p.oid, 'pg_proc'))) as facts
   from pg_proc p join pg_namespace n on n.oid = p.pronamespace where ${ROUTINES} and p.prokind in ('f', 'p', 'w')`,
  `${OF_ROUTINE}, null as part, null as name, jsonb_strip_nulls(jsonb_build_object(
     'definition', 'CREATE AGGREGATE ' || quote_ident(n.nspname) || '.' || quote_ident(p.proname)
       || '(' || coalesce(nullif(pg_get_function_arguments(p.oid), ''), '*') || ') (' || concat_ws(', ',
       'SFUNC = ' || a.aggtransfn, 'STYPE = ' || format_type(a.aggtranstype, null), 'SSPACE = ' || nullif(a.aggtransspace, 0),
       'FINALFUNC = ' || nullif(a.aggfinalfn::text, '-'), case when a.aggfinalextra then 'FINALFUNC_EXTRA' end,
       'COMBINEFUNC = ' || nullif(a.aggcombinefn::text, '-'), 'SERIALFUNC = ' || nullif(a.aggserialfn::text, '-'),
       'DESERIALFUNC = ' || nullif(a.aggdeserialfn::text, '-'), 'INITCOND = ' || quote_literal(a.agginitval),
       'MSFUNC = ' || nullif(a.aggmtransfn::text, '-'), 'MINVFUNC = ' || nullif(a.aggminvtransfn::text, '-'),
       'MSTYPE = ' || format_type(nullif(a.aggmtranstype, 0), null), 'MFINALFUNC = ' || nullif(a.aggmfinalfn::text, '-'),
       'MINITCOND = ' || quote_literal(a.aggminitval),
       case p.proparallel when 's' then 'PARALLEL = SAFE' when 'r' then 'PARALLEL = RESTRICTED' end,
       case a.aggkind when 'h' then 'HYPOTHETICAL' end) || ')',
     'comment', obj_description(p.oid, 'pg_proc'))) as facts
   from pg_aggregate a join pg_proc p on p.oid = a.aggfnoid join pg_namespace n on n.oid = p.pronamespace where ${ROUTINES}`,
  `${OF_ROUTINE}, 'grants' as part, g.grantee as name, g.rights as facts
   from pg_proc p join pg_namespace n on n.oid = p.pronamespace ${GRANTS("p.proacl", "f", "p.proowner")} where ${ROUTINES}`,
  `${OF_TYPE}, null as part, null as name, jsonb_strip_nulls(jsonb_build_object(
     'values', (select jsonb_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid),
     'base', case when t.typtype = 'd' then format_type(t.typbasetype, t.typtypmod) end,
     'collation', case when t.typtype = 'd' and t.typcollation <> b.typcollation then t.typcollation::regcollation::text end,
     'not_null', nullif(t.typnotnull, false), 'default', t.typdefault,
     'constraints', (select jsonb_object_agg(k.conname, pg_get_constraintdef(k.oid)) from pg_constraint k
       where k.contypid = t.oid and k.contype = 'c'),
     'range_of', (select format_type(r.rngsubtype, null) from pg_range r where r.rngtypid = t.oid),
     'attributes', (select jsonb_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod) order by a.attnum)
       from pg_attribute a where t.typtype = 'c' and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped),
     'comment', obj_description(t.oid, 'pg_type'))) as facts
   from pg_type t join pg_namespace n on n.oid = t.typnamespace left join pg_class c on c.oid = t.typrelid
   left join pg_type b on b.oid = t.typbasetype where ${TYPES}`,
  `${OF_TYPE}, 'grants' as part, g.grantee as name, g.rights as facts
   from pg_type t join pg_namespace n on n.oid = t.typnamespace left join pg_class c on c.oid = t.typrelid
   ${GRANTS("t.typacl", "T", "t.typowner")} where ${TYPES}`,
];

export const SNAPSHOT_QUERIES: readonly string[] = [...SCHEMAS, ...TABLES, ...OTHERS];

const OWNER = (oid: string): string => `pg_get_userbyid(${oid})::text as owner`;

/** Who owns the objects: address, owner. */
export const OWNER_QUERIES: readonly string[] = [
  `${OF_SCHEMA}, ${OWNER("n.nspowner")} from pg_namespace n where ${OURS}`,
  `select ${KIND} as address, ${OWNER("c.relowner")} ${RELATIONS} where ${OURS} and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')`,
  `${OF_ROUTINE}, ${OWNER("p.proowner")} from pg_proc p join pg_namespace n on n.oid = p.pronamespace where ${ROUTINES}`,
  `${OF_TYPE}, ${OWNER("t.typowner")} from pg_type t join pg_namespace n on n.oid = t.typnamespace
   left join pg_class c on c.oid = t.typrelid where ${TYPES}`,
];
