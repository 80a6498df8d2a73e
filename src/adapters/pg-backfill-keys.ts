import { quoted } from "../migration/history.ts";
import type { Backfill } from "../model/backfill.ts";
import { PlumblineError } from "../model/errors.ts";
import type { Row, Target } from "./pg-session.ts";
import { useSchemaHere } from "./search-path.ts";

/** What one batch changes. */
export interface KeyRange {
  readonly from: string;
  readonly to: string;
  /** Rows by which it was cut. */
  readonly keys: number;
  /** Rows in it: where several have its last key, more than that. */
  readonly rows: number;
}

/** The keys that come next, at most `size` of them; null where none is left. */
export const nextRange = async (
  target: Target,
  { schema, table, key, batch }: Backfill,
  state: Row,
  size: number,
): Promise<KeyRange | null> => {
  const [last, end] = [state["last_key"], state["end_key"]];
  if (end === null) return null;
  const column = quoted(key);
  // A parameter takes the type of the column that it is compared with.
  const from = `${quoted(schema)}.${quoted(table)}`;
  const [row] = await target.query(
    `with range as (select ${column} as k from ${from}
        where ${column} <= $1 ${last === null ? "" : `and ${column} > $2`} order by ${column} limit ${size}),
      ends as (select (array_agg(k))[1] as first, (array_agg(k))[count(*)] as last, count(*)::int as keys from range)
    select first::text, last::text, keys,
      keys - (select count(*) from range where k = last)::int as others,
      (select count(*) from (select from ${from} where ${column} = last limit ${batch + 1}) as same)::int as same
      from ends`,
    last === null ? [end] : [end, last],
  );
  const [keys, others, same] = ["keys", "others", "same"].map((name) => Number(row?.[name] ?? 0));
  if (keys === undefined || others === undefined || same === undefined || keys === 0) return null;
  if (same > batch)
    throw new PlumblineError(
      "sql-failed",
      `More than ${batch} rows have one ${key}: no batch could be cut.`,
      {
        hint: "Take a key that tells rows apart, such as the primary key's column.",
      },
    );
  return { from: String(row?.["first"]), to: String(row?.["last"]), keys, rows: others + same };
};

/** The statement for the keys of a range, in the transaction at hand; how many rows it changed. */
export const changeKeys = async (
  target: Target,
  { statement, home, lockTimeout, statementTimeout }: Backfill,
  { from, to }: { readonly from: string | null; readonly to: string | null },
): Promise<string> => {
  await target.query(
    "select set_config('lock_timeout', $1, true), set_config('statement_timeout', $2, true)",
    [lockTimeout, statementTimeout],
  );
  await useSchemaHere(target, home);
  const [row] = await target.query(
    `with changed as (${statement}\n returning 1) select count(*)::text as changed from changed`,
    [from, to],
  );
  return String(row?.["changed"] ?? 0);
};
