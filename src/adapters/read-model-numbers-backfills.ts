import { type Kysely, sql } from "kysely";
import { BACKFILL_STATES, type BackfillRunState, UNFINISHED } from "../model/backfill-run.ts";
import type { Numbers } from "../model/numbers.ts";
import type { NumbersWish } from "../ports/read-model.ts";
import type { Tables } from "./database-tables.ts";
import { allOf, isVisible } from "./read-model-parts.ts";

/** Of every state, those without any too: an alert rule compares with 0. */
export const backfillNumbers = async (
  kysely: Kysely<Tables>,
  { now, visible }: NumbersWish,
): Promise<Numbers["backfills"]> => {
  const { rows } = await sql<{
    state: BackfillRunState;
    count: number;
    dead: number;
    done: number;
    worst: number | null;
    expected: number | null;
    rate: number | null;
    lag: number | null;
    last: Date | null;
  }>`select state, count(*) as count, sum(dead) as dead, sum(done) as done,
      max(case when done > 0 then dead::float8 / done end) as worst,
      sum(total) as expected, sum(rate) as rate, max(lag) as lag, min(coalesce(progressed_at, created_at)) as last
    from backfills where ${allOf([isVisible(sql`workspace`, visible)])} group by state`.execute(kysely);
  const open = rows.filter(({ state }) => UNFINISHED.includes(state));
  const running = rows.find(({ state }) => state === "running");
  const last = running?.last ?? null;
  return {
    states: BACKFILL_STATES.map((state) => ({
      state,
      count: Number(rows.find((row) => row.state === state)?.count ?? 0),
    })),
    dead: open.reduce((sum, row) => sum + Number(row.dead), 0),
    done: open.reduce((sum, row) => sum + Number(row.done), 0),
    expected: open.reduce((sum, row) => sum + Number(row.expected ?? 0), 0),
    keysPerSecond: Number(running?.rate ?? 0),
    replicaLag: Number(running?.lag ?? 0),
    worstShare: Math.max(0, ...open.map(({ worst }) => worst ?? 0)),
    idleSeconds: last === null ? null : Math.max(0, Math.round((now.getTime() - last.getTime()) / 1000)),
  };
};
