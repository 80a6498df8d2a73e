import { type Kysely, sql } from "kysely";
import { jitterOf, slotsBetween } from "../config/cron.ts";
import { type Part, partOf, type Took } from "../model/numbers.ts";
import type { NumbersWish } from "../ports/read-model.ts";
import type { Tables } from "./database-tables.ts";
import { BY_HAND } from "./read-model-numbers-drift.ts";
import { sum } from "./read-model-numbers-runs.ts";
import { allOf, isVisible } from "./read-model-parts.ts";
import { secondsBetween, type TookRow, took, tookOf } from "./read-model-took.ts";

/** When workspaces without a schedule of their own are looked at. */
export interface Looks {
  readonly schedule: string;
  readonly jitterSeconds: number;
}

/** Of the newest; more say nothing more. */
const MOST = 5_000;

/**
 * What changed after the look before and was found by the next one was caught within one cycle, unless a slot passed
 * between the two looks without one.
 */
export const caughtInCycle = async (
  kysely: Kysely<Tables>,
  { from, now, visible }: NumbersWish,
  looks: Looks,
): Promise<Part> => {
  const found = allOf([
    BY_HAND,
    sql`opened_at between ${from} and ${now}`,
    isVisible(sql`findings.workspace`, visible),
  ]);
  const { rows } = await sql<{
    workspace: string;
    count: number;
    schedule: string | null;
    this_look: Date;
    look_before: Date;
  }>`
    with found as (
      select workspace, opened_at, count(*) as count from findings where ${found}
      group by workspace, opened_at order by opened_at desc limit ${MOST})
    select found.workspace, found.count, workspaces.config::json ->> 'schedule' as schedule,
      max(looks.started_at) as this_look, min(looks.started_at) as look_before
    from found join workspaces on workspaces.key = found.workspace
    join lateral (
      select started_at from runs
      where runs.workspace = found.workspace and kind = 'drift' and started_at <= found.opened_at
        and state in ('succeeded', 'running')
      order by created_at desc, id desc limit 2) as looks on true
    group by found.workspace, found.opened_at, found.count, schedule having count(looks.started_at) = 2`.execute(
    kysely,
  );
  const judged = rows.flatMap(({ workspace, schedule, this_look, look_before, count }) => {
    const own = schedule ?? looks.schedule;
    const slots = slotsBetween(workspace, own, look_before, this_look, looks.jitterSeconds);
    return slots === null ? [] : [{ count, inTime: slots <= 1 }];
  });
  return partOf(sum(judged.filter(({ inTime }) => inTime)), sum(judged));
};

const SLOT = "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\dZ$";

/**
 * Looks by the schedule have their slot for a trigger: the time that the schedule names. What jitter adds to it for a
 * workspace is meant, and no lateness.
 */
export const lateness = async (
  kysely: Kysely<Tables>,
  { from, now, visible }: NumbersWish,
  looks: Looks,
): Promise<Took | null> => {
  const where = allOf([
    sql`runs.kind = 'drift' and created_at between ${from} and ${now} and trigger ~ ${SLOT}`,
    isVisible(sql`runs.workspace`, visible),
  ]);
  const looked = await sql<{ workspace: string; schedule: string | null }>`
    select distinct runs.workspace, workspaces.config::json ->> 'schedule' as schedule
    from runs left join workspaces on workspaces.key = runs.workspace where ${where}`.execute(kysely);
  const jitter = looked.rows.map(({ workspace, schedule }) => ({
    ...{ workspace, seconds: jitterOf(workspace, schedule ?? looks.schedule, looks.jitterSeconds) },
  }));
  const begins = sql`substring(trigger from ${SLOT})::timestamptz + jitter.seconds * interval '1 second'`;
  // Of a schedule that was another one then, the jitter may be more than it was.
  const late = sql`greatest(0, ${secondsBetween(sql`(${begins})`, sql`started_at`)})`;
  const { rows } = await sql<{ took: TookRow }>`
    select ${took(late)} as took from runs
    join json_to_recordset(${JSON.stringify(jitter)}::json) as jitter(workspace text, seconds int) on jitter.workspace = runs.workspace
    where ${where} and started_at is not null`.execute(kysely);
  return rows[0] ? tookOf(rows[0].took) : null;
};
