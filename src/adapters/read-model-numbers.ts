import { type Kysely, sql } from "kysely";
import type { Cause } from "../model/finding.ts";
import type { Numbers } from "../model/numbers.ts";
import type { RunKind, RunState } from "../model/run.ts";
import type { ReadModel } from "../ports/read-model.ts";
import type { Tables } from "./database-tables.ts";

type Others = Pick<ReadModel, "workspaces" | "queue">;
const BY_HAND = sql`cause in ('console', 'absorbed', 'unmanaged', 'vanished')`;

export const numberQueries = (kysely: Kysely<Tables>, others: Others): Pick<ReadModel, "numbers"> => ({
  numbers: async ({ from, now }) => {
    const { totals } = await others.workspaces({ visible: ["*"], limit: 1 });
    const { jobs } = await others.queue({ visible: ["*"] });
    const found = await ofFindings(kysely, from, now);
    return {
      workspaces: totals,
      open: await openByCause(kysely),
      ...found,
      latenessSeconds: await lateness(kysely, from),
      runs: await ofRuns(kysely, from),
      queue: jobs.map(({ kind, waiting, running }) => ({ kind, waiting, running })),
    };
  },
});

const openByCause = async (kysely: Kysely<Tables>): Promise<Numbers["open"]> => {
  const { rows } = await sql<{ cause: Cause; count: number }>`
    select cause, count(*) as count from findings where ended_at is null group by cause order by cause`.execute(
    kysely,
  );
  return rows;
};

const ofFindings = async (
  kysely: Kysely<Tables>,
  from: Date,
  now: Date,
): Promise<Pick<Numbers, "oldestDriftSeconds" | "found" | "followedThrough" | "toEndSeconds">> => {
  const { rows } = await sql<{ oldest: number | null; found: number; followed: number; took: number | null }>`
    select extract(epoch from ${now}::timestamptz - min(opened_at) filter (where ended_at is null))::float8 as oldest,
      count(*) filter (where opened_at >= ${from}) as found,
      count(*) filter (where opened_at >= ${from} and why in ('formalized', 'reverted')) as followed,
      percentile_cont(0.5) within group (order by extract(epoch from ended_at - opened_at)::float8)
        filter (where ended_at >= ${from} and why in ('formalized', 'reverted')) as took
    from findings where ${BY_HAND}`.execute(kysely);
  const [row] = rows;
  return {
    oldestDriftSeconds: row?.oldest ?? null,
    found: row?.found ?? 0,
    followedThrough: row?.followed ?? 0,
    toEndSeconds: row?.took ?? null,
  };
};

/** Looks by the schedule have their slot for a trigger. */
const lateness = async (kysely: Kysely<Tables>, from: Date): Promise<number | null> => {
  const { rows } = await sql<{ late: number | null }>`
    select percentile_cont(0.5) within group (order by
      extract(epoch from started_at - substring(trigger from '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\dZ$')::timestamptz)::float8) as late
    from runs where kind = 'drift' and created_at >= ${from} and started_at is not null
      and trigger ~ '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\dZ$'`.execute(kysely);
  return rows[0]?.late ?? null;
};

const ofRuns = async (kysely: Kysely<Tables>, from: Date): Promise<Numbers["runs"]> => {
  const { rows } = await sql<{
    kind: RunKind;
    state: RunState;
    count: number;
    median: number | null;
    slow: number | null;
  }>`select kind, state, count(*) as count,
      percentile_cont(0.5) within group (order by extract(epoch from ended_at - started_at)::float8) as median,
      percentile_cont(0.95) within group (order by extract(epoch from ended_at - started_at)::float8) as slow
    from runs where created_at >= ${from} group by kind, state order by kind, state`.execute(kysely);
  return rows.map(({ median, slow, ...row }) => ({ ...row, medianSeconds: median, slowSeconds: slow }));
};
