import { type Kysely, sql } from "kysely";
import type { Cause } from "../model/finding.ts";
import { type Numbers, spanOfWeek, weeksOf } from "../model/numbers.ts";
import type { NumbersWish, ReadModel } from "../ports/read-model.ts";
import type { Tables } from "./database-tables.ts";
import { backfillNumbers } from "./read-model-numbers-backfills.ts";
import { caughtInCycle, type Looks, lateness } from "./read-model-numbers-cycle.ts";
import { driftNumbers, driftOwners, driftWeeks } from "./read-model-numbers-drift.ts";
import { migrationNumbers } from "./read-model-numbers-migrations.ts";
import { runNumbers, runWeeks } from "./read-model-numbers-runs.ts";
import { allOf, isVisible } from "./read-model-parts.ts";

type Others = Pick<ReadModel, "workspaces" | "queue">;

export const numberQueries = (
  kysely: Kysely<Tables>,
  others: Others,
  { looks, channels }: { readonly looks: Looks | null; readonly channels: readonly string[] | null },
): Pick<ReadModel, "numbers"> => ({
  numbers: async (wish) => {
    const { from, now, visible } = wish;
    const { totals } = await others.workspaces({ visible, limit: 1 });
    const { jobs } = await others.queue({ visible });
    const since = await recordedSince(kysely, wish);
    return {
      ...{ from, to: now, workspaces: totals, recordedSince: since },
      open: await openByCause(kysely, wish),
      queue: jobs.map(({ kind, waiting, running }) => ({ kind, waiting, running })),
      channels: await channelStates(kysely, channels, now),
      backfills: await backfillNumbers(kysely, wish),
      migrations: await migrationNumbers(kysely, wish),
      ...(await driftNumbers(kysely, wish)),
      caughtInCycle: looks && (await caughtInCycle(kysely, wish, looks)),
      lateness: looks && (await lateness(kysely, wish, looks)),
      ...(await runNumbers(kysely, wish)),
      owners: await driftOwners(kysely, wish, since),
      weeks: await weeks(kysely, wish, since),
    };
  },
});

const openByCause = async (kysely: Kysely<Tables>, { visible }: NumbersWish): Promise<Numbers["open"]> => {
  const where = allOf([sql`ended_at is null`, isVisible(sql`workspace`, visible)]);
  const { rows } = await sql<{ cause: Cause; count: number }>`
    select cause, count(*) as count from findings where ${where} group by cause order by cause`.execute(
    kysely,
  );
  return rows;
};

const channelStates = async (
  kysely: Kysely<Tables>,
  names: readonly string[] | null,
  now: Date,
): Promise<Numbers["channels"]> => {
  const rows = await kysely
    .selectFrom("alert_channels")
    .select(["name", "failing_since"])
    .orderBy("name")
    .execute();
  const known = rows.filter(({ name }) => names === null || names.includes(name));
  return known.map(({ name, failing_since: since }) => ({
    name,
    failingSeconds: since === null ? null : Math.round((now.getTime() - since.getTime()) / 1000),
  }));
};

/** The oldest run that is kept: before it nothing is known, which is not that nothing was. */
const recordedSince = async (kysely: Kysely<Tables>, { visible }: NumbersWish): Promise<Date | null> => {
  const { rows } = await sql<{ since: Date | null }>`
    select min(created_at) as since from runs where ${isVisible(sql`workspace`, visible) ?? sql`true`}`.execute(
    kysely,
  );
  return rows[0]?.since ?? null;
};

const NO_RUNS = { ended: 0, failed: 0, seconds: null };

const weeks = async (
  kysely: Kysely<Tables>,
  wish: NumbersWish,
  since: Date | null,
): Promise<Numbers["weeks"]> => {
  const drift = await driftWeeks(kysely, wish);
  const runs = await runWeeks(kysely, wish);
  const ofKind = (week: string, kind: "plan" | "apply") => {
    const found = runs.find((one) => one.week === week && one.kind === kind);
    return found ? { ended: found.ended, failed: found.failed, seconds: found.seconds } : NO_RUNS;
  };
  return weeksOf(wish.from, wish.now).map((week) => {
    const ended = drift.ended.find((one) => one.week === week);
    return {
      week,
      ...spanOfWeek(week, wish, since),
      found: drift.found.find((one) => one.week === week)?.found ?? 0,
      ended: ended?.ended ?? 0,
      toEndSeconds: ended?.seconds ?? null,
      byOwner: drift.byOwner.filter((one) => one.week === week).map(({ owner, found }) => ({ owner, found })),
      plan: ofKind(week, "plan"),
      apply: ofKind(week, "apply"),
    };
  });
};
