import { writeFile } from "node:fs/promises";
import { PGlite } from "@electric-sql/pglite";

// Neither what no statement names (input, output, operators, indexes), nor what runs a text that it is given.
const NAMES = `select distinct p.proname::text as name from pg_proc p where p.pronamespace = 'pg_catalog'::regnamespace
  and (p.proname in ('starts_with', 'array_cat', 'jsonb_concat', 'jsonb_delete', 'textcat') or (
    not exists (select 1 from pg_type t where (t.oid = p.prorettype or t.oid = any (p.proargtypes::oid[]))
      and (t.typname in ('internal', 'cstring', 'trigger', 'event_trigger') or t.typname like '%_handler'))
    and coalesce(obj_description(p.oid, 'pg_proc'), '') !~ '^(implementation of|I/O|internal|aggregate (tra|fin|com|ser|des)|join sel|restr)'
    and not exists (select 1 from pg_amproc a where a.amproc = p.oid)
    and not exists (select 1 from pg_aggregate a
      where p.oid in (a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggmtransfn, a.aggminvtransfn, a.aggmfinalfn))))
  and p.proname !~ '^(query_to_xml|cursor_to_xml|ts_stat$|ts_rewrite$|binary_upgrade_|lo_export$|lo_import$|fmgr_)'
  order by 1`;

/** The names of PostgreSQL's own functions in lines of at most `width` characters. */
const linesOf = (names: readonly string[], width: number): readonly string[] =>
  names.reduce<readonly string[]>((lines, name) => {
    const last = lines.at(-1) ?? "";
    const fits = last !== "" && last.length + name.length < width;
    return fits ? [...lines.slice(0, -1), `${last} ${name}`] : [...lines, `  ${name}`];
  }, []);

/** `src/migration/built-in-functions.ts`, as the catalogue of PGlite's PostgreSQL has them. */
const db = await PGlite.create();
const { rows } = await db.query<{ readonly name: string }>(NAMES);
await db.close();
const lines = linesOf(
  rows.map(({ name }) => name),
  110,
);
const text = `/* Written by \`node scripts/built-in-functions.ts\` from PostgreSQL's own catalogue. */
const NAMES = \`
${lines.join("\n")}
\`;

/** Functions of pg_catalog that run nothing but themselves. */
export const BUILT_IN: ReadonlySet<string> = new Set(NAMES.trim().split(/\\s+/));
`;
await writeFile(new URL("../src/migration/built-in-functions.ts", import.meta.url), text);
