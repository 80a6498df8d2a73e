import { type Kysely, sql } from "kysely";
import { type Numbers, partOf, wholeWeeks } from "../model/numbers.ts";
import type { NumbersWish } from "../ports/read-model.ts";
import type { Tables } from "./database-tables.ts";
import { allOf, isVisible, OWNERS } from "./read-model-parts.ts";
import { secondsBetween, type TookRow, took, tookOf, weekOf } from "./read-model-took.ts";

export const BY_HAND = sql`findings.cause in ('console', 'absorbed', 'unmanaged', 'vanished')`;
const FOLLOWED = sql`findings.why in ('formalized', 'reverted')`;
const TO_END = secondsBetween(sql`findings.opened_at`, sql`findings.ended_at`);

const ofHands = ({ visible }: NumbersWish) => allOf([BY_HAND, isVisible(sql`findings.workspace`, visible)]);

type Drift = Pick<Numbers, "oldestDriftSeconds" | "followedThrough" | "toPull" | "pullToEnd" | "toEnd">;

export const driftNumbers = async (kysely: Kysely<Tables>, wish: NumbersWish): Promise<Drift> => {
  const found = sql`findings.opened_at between ${wish.from} and ${wish.now}`;
  const ended = sql`findings.ended_at between ${wish.from} and ${wish.now} and ${FOLLOWED}`;
  const { rows } = await sql<{
    oldest: number | null;
    found: number;
    followed: number;
    to_pull: TookRow;
    pull_to_end: TookRow;
    to_end: TookRow;
  }>`select
      extract(epoch from ${wish.now}::timestamptz - min(opened_at) filter (where ended_at is null))::float8 as oldest,
      count(*) filter (where ${found}) as found,
      count(*) filter (where ${found} and ${FOLLOWED}) as followed,
      ${took(secondsBetween(sql`opened_at`, sql`proposed_at`), found)} as to_pull,
      ${took(secondsBetween(sql`proposed_at`, sql`ended_at`), ended)} as pull_to_end,
      ${took(TO_END, ended)} as to_end
    from findings where ${ofHands(wish)}`.execute(kysely);
  const [row] = rows;
  return {
    oldestDriftSeconds: row?.oldest ?? null,
    followedThrough: partOf(row?.followed ?? 0, row?.found ?? 0),
    toPull: row ? tookOf(row.to_pull) : null,
    pullToEnd: row ? tookOf(row.pull_to_end) : null,
    toEnd: row ? tookOf(row.to_end) : null,
  };
};

/** A finding once for each owner of its workspace, once with null where there is none. */
const WITH_OWNERS = sql`findings left join workspaces on workspaces.key = findings.workspace
  left join lateral json_array_elements_text((${OWNERS})::json) as owned(owner) on true`;

export const driftOwners = async (
  kysely: Kysely<Tables>,
  wish: NumbersWish,
  recordedSince: Date | null,
): Promise<Numbers["owners"]> => {
  const { from, now } = wish;
  const whole = wholeWeeks(from, now);
  const before = new Date(2 * whole.from.getTime() - whole.to.getTime());
  const isKnown = whole.from < whole.to && recordedSince !== null && recordedSince <= before;
  const first = before < from ? before : from;
  const { rows } = await sql<{ owner: string | null; found: number; whole: number; before: number }>`
    select owner, count(*) filter (where opened_at >= ${from}) as found,
      count(*) filter (where opened_at >= ${whole.from} and opened_at < ${whole.to}) as whole,
      count(*) filter (where opened_at >= ${before} and opened_at < ${whole.from}) as before
    from ${WITH_OWNERS} where ${ofHands(wish)} and opened_at between ${first} and ${now}
    group by owner order by found desc, before desc, owner`.execute(kysely);
  return rows.map((row) => (isKnown ? row : { ...row, before: null }));
};

export const driftWeeks = async (kysely: Kysely<Tables>, wish: NumbersWish) => {
  const { from, now } = wish;
  const week = weekOf(sql`opened_at`);
  const found = sql`${ofHands(wish)} and opened_at between ${from} and ${now}`;
  const all = await sql<{ week: string; found: number }>`
    select ${week} as week, count(*) as found from findings where ${found} group by 1`.execute(kysely);
  const byOwner = await sql<{ week: string; owner: string | null; found: number }>`
    select ${week} as week, owner, count(*) as found from ${WITH_OWNERS} where ${found}
    group by 1, 2 order by found desc, owner`.execute(kysely);
  const ended = await sql<{ week: string; ended: number; seconds: number | null }>`
    select ${weekOf(sql`ended_at`)} as week, count(*) as ended,
      percentile_cont(0.5) within group (order by ${TO_END}) as seconds
    from findings where ${ofHands(wish)} and ${FOLLOWED} and ended_at between ${from} and ${now}
    group by 1`.execute(kysely);
  return { found: all.rows, byOwner: byOwner.rows, ended: ended.rows };
};
