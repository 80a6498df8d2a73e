import { type Kysely, sql } from "kysely";
import { type Numbers, partOf, type WeekOfRuns } from "../model/numbers.ts";
import type { RunKind, RunState } from "../model/run.ts";
import type { NumbersWish } from "../ports/read-model.ts";
import type { Tables } from "./database-tables.ts";
import { allOf, isVisible } from "./read-model-parts.ts";
import { secondsBetween, type TookRow, took, tookOf, weekOf } from "./read-model-took.ts";

/** Others were stopped, overtaken, or go on. */
const ENDED: readonly RunState[] = ["succeeded", "failed", "unknown"];

const ofSpan = ({ from, now, visible }: NumbersWish) =>
  allOf([sql`created_at between ${from} and ${now}`, isVisible(sql`workspace`, visible)]);
const LENGTH = secondsBetween(sql`started_at`, sql`ended_at`);

export const runNumbers = async (
  kysely: Kysely<Tables>,
  wish: NumbersWish,
): Promise<Pick<Numbers, "runs" | "failures">> => {
  const { rows } = await sql<{ kind: RunKind; state: RunState; count: number; took: TookRow }>`
    select kind, state, count(*) as count, ${took(LENGTH)} as took
    from runs where ${ofSpan(wish)} group by kind, state order by kind, state`.execute(kysely);
  const runs = rows.map((row) => ({ ...row, took: tookOf(row.took) }));
  const failures = [...new Set(runs.map(({ kind }) => kind))].flatMap((kind) => {
    const ended = runs.filter((one) => one.kind === kind && ENDED.includes(one.state));
    const failed = ended.filter(({ state }) => state !== "succeeded");
    return ended.length === 0 ? [] : [{ kind, ...partOf(sum(failed), sum(ended)) }];
  });
  return { runs, failures };
};

export const sum = (rows: readonly { readonly count: number }[]): number =>
  rows.reduce((total, { count }) => total + count, 0);

type WeekRow = WeekOfRuns & { readonly week: string; readonly kind: string };

export const runWeeks = async (kysely: Kysely<Tables>, wish: NumbersWish): Promise<readonly WeekRow[]> => {
  const { rows } = await sql<WeekRow>`
    select ${weekOf(sql`created_at`)} as week, kind, count(*) as ended,
      count(*) filter (where state <> 'succeeded') as failed,
      percentile_cont(0.5) within group (order by ${LENGTH}) filter (where state = 'succeeded') as seconds
    from runs where ${ofSpan(wish)} and kind in ('plan', 'apply') and state = any(${[...ENDED]}::text[])
    group by 1, 2`.execute(kysely);
  return rows;
};
