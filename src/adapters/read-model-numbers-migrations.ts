import { type Kysely, sql } from "kysely";
import type { Cause } from "../model/finding.ts";
import { HALF_WAY, type MigrationState } from "../model/migration.ts";
import type { MigrationNumbers } from "../model/numbers.ts";
import type { NumbersWish } from "../ports/read-model.ts";
import type { Tables } from "./database-tables.ts";
import { allOf, isVisible } from "./read-model-parts.ts";
import { secondsBetween, type TookRow, took, tookOf } from "./read-model-took.ts";

/** What the ledger says of SQL migrations. */
export const migrationNumbers = async (
  kysely: Kysely<Tables>,
  wish: NumbersWish,
): Promise<MigrationNumbers> => ({
  ...(await ofSpan(kysely, wish)),
  ...(await ofNow(kysely, wish)),
  ...(await halfWay(kysely, wish)),
  schemaDrift: await schemaDrift(kysely, wish),
});

const DONE = sql`state in ('applied', 'verifying', 'verified')`;
const whole = ({ visible }: NumbersWish) => allOf([sql`statement = 0`, isVisible(sql`workspace`, visible)]);

type OfSpan = Pick<MigrationNumbers, "states" | "took" | "slower" | "retries" | "lockWait" | "rows" | "lag">;

const ofSpan = async (kysely: Kysely<Tables>, wish: NumbersWish): Promise<OfSpan> => {
  const where = allOf([whole(wish), sql`at between ${wish.from} and ${wish.now}`]);
  const { rows: states } = await sql<{ state: MigrationState; count: number }>`
    select state, count(*) as count from migration_steps where ${where} group by state order by state`.execute(
    kysely,
  );
  const { rows } = await sql<Omit<OfSpan, "states" | "took"> & { readonly took: TookRow }>`
    select ${took(sql`milliseconds / 1000.0`, DONE)} as took,
      (max(milliseconds::float8 / rehearsed) filter (where rehearsed > 0 and milliseconds > 1000)) as slower,
      coalesce(sum(attempt - 1), 0)::int as retries, max(waited) / 1000.0::float8 as "lockWait",
      coalesce(sum(rows), 0)::float8 as rows, max(lag) as lag
    from migration_steps where ${where}`.execute(kysely);
  const [row] = rows;
  return {
    states,
    took: row ? tookOf(row.took) : null,
    slower: row?.slower ?? null,
    retries: row?.retries ?? 0,
    lockWait: row?.lockWait ?? null,
    rows: row?.rows ?? 0,
    lag: row?.lag ?? null,
  };
};

type OfNow = Pick<MigrationNumbers, "runningSeconds" | "lastDoneSeconds">;

const ofNow = async (kysely: Kysely<Tables>, wish: NumbersWish): Promise<OfNow> => {
  const { rows } = await sql<OfNow>`
    select max(${secondsBetween(sql`at`, sql`${wish.now}::timestamptz`)} + milliseconds / 1000.0)
        filter (where state = 'running') as "runningSeconds",
      min(${secondsBetween(sql`at`, sql`${wish.now}::timestamptz`)}) filter (where ${DONE}) as "lastDoneSeconds"
    from migration_steps where ${whole(wish)}`.execute(kysely);
  return rows[0] ?? { runningSeconds: null, lastDoneSeconds: null };
};

type HalfWay = Pick<MigrationNumbers, "halfWay" | "halfWaySeconds">;

const halfWay = async (kysely: Kysely<Tables>, { now, visible }: NumbersWish): Promise<HalfWay> => {
  const where = allOf([sql`frozen_why = ${HALF_WAY}`, isVisible(sql`key`, visible)]);
  const { rows } = await sql<HalfWay>`
    select count(*)::int as "halfWay",
      max(${secondsBetween(sql`frozen_since`, sql`${now}::timestamptz`)}) as "halfWaySeconds"
    from workspaces where ${where}`.execute(kysely);
  return rows[0] ?? { halfWay: 0, halfWaySeconds: null };
};

const schemaDrift = async (
  kysely: Kysely<Tables>,
  { visible }: NumbersWish,
): Promise<MigrationNumbers["schemaDrift"]> => {
  const where = allOf([
    sql`ended_at is null`,
    sql`workspace in (select key from workspaces where kind = 'postgres-migrations')`,
    isVisible(sql`workspace`, visible),
  ]);
  const { rows } = await sql<{ cause: Cause; count: number }>`
    select cause, count(*) as count from findings where ${where} group by cause order by cause`.execute(
    kysely,
  );
  return rows;
};
