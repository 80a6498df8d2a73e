import { quoted } from "../migration/history.ts";
import type { Backfill, BackfillProgress } from "../model/backfill.ts";
import { PlumblineError } from "../model/errors.ts";
import type { HistoryPlace } from "./flyway-history.ts";
import { makeBackfillTables, progressOf, stateTable } from "./pg-backfill-state.ts";
import type { Target } from "./pg-session.ts";

/** Runs `work` while no other session runs the same backfill. @throws `workspace-busy` */
export const withBackfillLock = async <Result>(
  target: Target,
  { name }: Pick<Backfill, "name">,
  place: HistoryPlace,
  work: () => Promise<Result>,
): Promise<Result> => {
  // One folder may be run for several schemas of a database.
  const key = `plumbline backfill ${stateTable(place)} ${name}`;
  const [row] = await target.query("select pg_try_advisory_lock(hashtextextended($1, 0)) as got", [key]);
  if (row?.["got"] !== true)
    throw new PlumblineError("workspace-busy", `Backfill ${name} runs in another session now.`);
  try {
    return await work();
  } finally {
    await target.query("select pg_advisory_unlock(hashtextextended($1, 0))", [key]).catch(() => {});
  }
};

/** Its row, made where it never ran: the highest key of that moment is where it ends. @throws `sql-invalid` */
export const beginBackfill = async (
  target: Target,
  backfill: Backfill,
  place: HistoryPlace,
): Promise<BackfillProgress> => {
  const { name, schema, table, key, checksum } = backfill;
  await makeBackfillTables(target, place);
  const find = () => target.query(`select * from ${stateTable(place)} where name = $1`, [name]);
  const [known] = await find();
  if (known) {
    if (known["checksum"] === checksum || known["state"] === "done") return progressOf(known);
    throw new PlumblineError("sql-invalid", `Backfill ${name} has begun with another text of its file.`, {
      hint: "Put the file back as it was, or give the new one a name of its own: keys that are done are not done again.",
    });
  }
  await checkKey(target, backfill);
  await target.query(
    `insert into ${stateTable(place)} (name, checksum, state, end_key, estimate)
      select $1, $2, 'running', (select k::text from (select ${quoted(key)} as k
        from ${quoted(schema)}.${quoted(table)} order by 1 desc limit 1) as highest),
        (select nullif(greatest(reltuples, -1), -1)::bigint from pg_class where oid = $3::regclass)
      on conflict do nothing`,
    [name, checksum, `${quoted(schema)}.${quoted(table)}`],
  );
  const [made] = await find();
  return progressOf(made ?? {});
};

const checkKey = async (target: Target, backfill: Backfill): Promise<void> => {
  const why = await keyTrouble(target, backfill);
  if (why !== null) throw new PlumblineError("sql-invalid", `Backfill ${backfill.name}: ${why}.`);
};

/**
 * Why batches cannot be cut by this key; null where they can. Without an index each batch would read the whole table; a
 * NULL would be in no range.
 */
export const keyTrouble = async (
  target: Target,
  { schema, table, key }: Pick<Backfill, "schema" | "table" | "key">,
): Promise<string | null> => {
  const [column] = await target.query(
    `select a.attnotnull as sure, exists (select 1 from pg_index i join pg_class x on x.oid = i.indexrelid
        join pg_am m on m.oid = x.relam where i.indrelid = c.oid and i.indisvalid and i.indpred is null
        and m.amname = 'btree' and i.indkey[0] = a.attnum) as led
      from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relname = $2 and a.attname = $3 and a.attnum > 0 and not a.attisdropped`,
    [schema, table, key],
  );
  if (!column) return `there is no column ${key} in ${schema}.${table}`;
  if (column["sure"] !== true) return `${key} may be NULL, and such rows would be left out`;
  return column["led"] === true
    ? null
    : `no index begins with ${key}, so that each batch would read the whole table`;
};
