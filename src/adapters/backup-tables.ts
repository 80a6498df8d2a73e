import { type Kysely, sql } from "kysely";
import type { Tables } from "./database-tables.ts";

/** A table as the database itself describes it, so that a new one is never forgotten. */
export interface TableShape {
  readonly name: string;
  readonly columns: readonly string[];
}

/** Where each counter of an identity column stands. */
export interface Counter {
  readonly table: string;
  readonly column: string;
  readonly last: number;
  readonly called: boolean;
}

/** Every table but the migrations' own, by name. */
export const tableShapes = async (kysely: Kysely<Tables>): Promise<readonly TableShape[]> => {
  const { rows } = await sql<{ name: string; columns: string }>`
    select c.relname as name, json_agg(a.attname order by a.attnum)::text as columns
    from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
    where n.nspname = current_schema() and c.relkind = 'r' and c.relname not like 'schema\_migrations%'
      and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    group by c.relname order by c.relname`.execute(kysely);
  return rows.map(({ name, columns }) => ({ name, columns: JSON.parse(columns) as string[] }));
};

export const counters = async (kysely: Kysely<Tables>): Promise<readonly Counter[]> => {
  const { rows } = await sql<{ table: string; column: string; sequence: string }>`
    select c.relname as table, a.attname as column,
      pg_get_serial_sequence(quote_ident(c.relname), a.attname) as sequence
    from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
    where n.nspname = current_schema() and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
      and pg_get_serial_sequence(quote_ident(c.relname), a.attname) is not null
    order by 1, 2`.execute(kysely);
  const found: Counter[] = [];
  for (const { table, column, sequence } of rows) {
    const stands = await sql<{ last: number; called: boolean }>`
      select last_value as last, is_called as called from ${sql.raw(sequence)}`.execute(kysely);
    for (const { last, called } of stands.rows) found.push({ table, column, last, called });
  }
  return found;
};

const BATCH = 500;

/**
 * The rows of a table, each as the JSON text of a list of texts, some at a time. Text is the one form of a value that
 * both homes of the database write and read alike; times keep their microseconds. Only within a transaction.
 */
export async function* rowsOf(
  transaction: Kysely<Tables>,
  { name, columns }: TableShape,
): AsyncGenerator<readonly string[]> {
  const texts = sql.join(columns.map((column) => sql`${sql.ref(column)}::text`));
  await sql`set local timezone to 'UTC'`.execute(transaction);
  await sql`set local datestyle to 'ISO'`.execute(transaction);
  await sql`declare backup_rows no scroll cursor for
    select json_build_array(${texts})::text as row from ${sql.table(name)}`.execute(transaction);
  for (;;) {
    const { rows } = await sql<{ row: string }>`fetch ${sql.raw(String(BATCH))} from backup_rows`.execute(
      transaction,
    );
    if (rows.length > 0) yield rows.map(({ row }) => row);
    if (rows.length < BATCH) break;
  }
  await sql`close backup_rows`.execute(transaction);
}

/** Puts rows back as `rowsOf` gave them; columns that the backup does not know keep their default. */
export const insertRows = async (
  transaction: Kysely<Tables>,
  { name, columns }: TableShape,
  rows: readonly string[],
): Promise<void> => {
  const types = await columnTypes(transaction, name);
  const names = sql.join(columns.map((column) => sql.ref(column)));
  const values = sql.join(
    columns.map(
      (column, at) =>
        sql`(one ->> ${sql.lit(at)})::${sql.raw(types.get(column) ?? `column_${column}_is_unknown`)}`,
    ),
  );
  await sql`insert into ${sql.table(name)} (${names}) overriding system value
    select ${values} from json_array_elements(${`[${rows.join(",")}]`}::json) as one`.execute(transaction);
};

const columnTypes = async (
  transaction: Kysely<Tables>,
  table: string,
): Promise<ReadonlyMap<string, string>> => {
  const { rows } = await sql<{ column: string; type: string }>`
    select a.attname as column, format_type(a.atttypid, a.atttypmod) as type
    from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
    where n.nspname = current_schema() and c.relkind = 'r' and c.relname = ${table}
      and a.attnum > 0 and not a.attisdropped`.execute(transaction);
  return new Map(rows.map(({ column, type }) => [column, type]));
};

export const setCounters = async (transaction: Kysely<Tables>, stands: readonly Counter[]): Promise<void> => {
  for (const { table, column, last, called } of stands)
    await sql`select setval(pg_get_serial_sequence(quote_ident(${table}), ${column}), ${last}, ${called})`.execute(
      transaction,
    );
};

/** The first table that holds a row; null where the database is empty. */
export const filledTable = async (kysely: Kysely<Tables>): Promise<string | null> => {
  for (const { name } of await tableShapes(kysely)) {
    const { rows } = await sql`select 1 from ${sql.table(name)} limit 1`.execute(kysely);
    if (rows.length > 0) return name;
  }
  return null;
};
