import type { Target } from "./pg-session.ts";

/** Estimated rows of every table by its name, `app.orders`; null where nobody has counted yet. */
export const tableRows = async (target: Target): Promise<Readonly<Record<string, number | null>>> => {
  const rows = await target.query(
    `select n.nspname || '.' || c.relname as name, c.reltuples::float8 as rows
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'm', 'p') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`,
  );
  return Object.fromEntries(
    rows.map(({ name, rows: estimate }) => [String(name), Number(estimate) < 0 ? null : Number(estimate)]),
  );
};
