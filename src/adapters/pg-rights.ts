import { quoted } from "../migration/history.ts";
import { type NeededRight, neededRights } from "../migration/needed-rights.ts";
import type { SqlParser } from "../migration/script.ts";
import type { StandingProblem } from "../model/migration.ts";
import type { HistoryPlace } from "./flyway-history.ts";
import type { Row, Target } from "./pg-session.ts";

/**
 * Rights that pending files need and the role lacks that will run them, as far as whoever only reads can ask: tables that
 * it does not own, schemas in which it may make nothing, a history that it may not write. Tables that are not there yet
 * are left to the rehearsal.
 */
export const lackingRights = async (
  target: Target,
  place: HistoryPlace,
  role: string,
  asked: {
    readonly pending: readonly { readonly script: string; readonly sql: string }[];
    readonly parse: SqlParser;
  },
): Promise<readonly StandingProblem[]> => {
  // A session that begins as another role, or with another search path, has other rights than its login tells.
  const [known] = await target.query(
    `select rolsuper or exists (select 1 from pg_db_role_setting s, unnest(s.setconfig) as setting
        where s.setrole in (r.oid, 0) and setting ~ '^(role|search_path)=') as free
      from pg_roles r where rolname = $1`,
    [role],
  );
  if (asked.pending.length === 0 || known?.["free"] !== false) return [];
  const needed = neededRights(asked.pending, asked.parse);
  const problems: StandingProblem[] = [];
  for (const need of needed) {
    const lacking = await lackingOf(target, place, role, need);
    if (lacking !== null) problems.push(lacking);
  }
  return [...(await lackingHistory(target, place, role)), ...problems];
};

const problemOf = (migration: string, message: string, fix: string): StandingProblem => {
  return { problem: "cannot-run", migration, message, fix };
};

const lackingOf = async (
  target: Target,
  place: HistoryPlace,
  role: string,
  { script, line, column, right, name }: NeededRight,
): Promise<StandingProblem | null> => {
  const where = `${script}:${line}:${column}`;
  if (right === "create") {
    const [schema = place.schema] = name;
    const [row] = await target.query(
      "select has_schema_privilege($1::name, oid, 'CREATE') as may from pg_namespace where nspname = $2",
      [role, schema],
    );
    if (row?.["may"] !== false) return null;
    const fix = `GRANT CREATE ON SCHEMA ${quoted(schema)} TO ${quoted(role)};`;
    return problemOf(script, `${where}: the role ${role} may make nothing in schema ${schema}.`, fix);
  }
  const row = await ownerOf(target, place, role, name);
  if (row?.["may"] !== false) return null;
  const owner = String(row["owner"]);
  const message = `${where}: the role ${role} does not own ${name.join(".")}, nor is it a member of ${owner}, who does.`;
  return problemOf(script, message, `GRANT ${quoted(owner)} TO ${quoted(role)};`);
};

/** As the run will look for it: the history's schema comes first. */
const ownerOf = async (
  target: Target,
  place: HistoryPlace,
  role: string,
  name: readonly string[],
): Promise<Row | undefined> => {
  const [schema, table] = name.length > 1 ? [name[0], name[1]] : [null, name[0]];
  const rows = await target.query(
    `select pg_get_userbyid(c.relowner)::text as owner, pg_has_role($1::name, c.relowner, 'USAGE') as may
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relname = $2 and n.nspname = coalesce($3::text, $4) and c.relkind in ('r', 'p', 'm')`,
    [role, table, schema, place.schema],
  );
  return rows[0];
};

const lackingHistory = async (
  target: Target,
  { schema, table }: HistoryPlace,
  role: string,
): Promise<readonly StandingProblem[]> => {
  const [row] = await target.query(
    `select has_table_privilege($1::name, c.oid, 'SELECT') and has_table_privilege($1::name, c.oid, 'INSERT')
        and has_table_privilege($1::name, c.oid, 'UPDATE') as may
      from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $2 and c.relname = $3`,
    [role, schema, table],
  );
  if (row?.["may"] !== false) return [];
  const name = `${quoted(schema)}.${quoted(table)}`;
  const message = `The role ${role} may not write the history ${schema}.${table}.`;
  return [problemOf("", message, `GRANT SELECT, INSERT, UPDATE, DELETE ON ${name} TO ${quoted(role)};`)];
};
