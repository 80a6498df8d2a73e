import { type Kysely, type RawBuilder, sql } from "kysely";
import { nextSlot } from "../config/cron.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import {
  type LookSchedule,
  SYNC_STATES,
  type SyncState,
  type WorkspaceDetail,
  type WorkspaceView,
} from "../model/reading.ts";
import type { RunKind, RunState } from "../model/run.ts";
import type { StateRefs } from "../model/workspace.ts";
import type { ReadModel, WorkspaceWish } from "../ports/read-model.ts";
import type { Tables } from "./database-tables.ts";
import { workspaceNamesOf } from "./ledger-shapes.ts";
import { fromText } from "./ledger-values.ts";
import type { BackfillQueries } from "./read-model-backfills.ts";
import { isOwner, openDriftPull, ownersOf } from "./read-model-findings.ts";
import type { Looks } from "./read-model-numbers-cycle.ts";
import { allOf, isFound, isSame, isVisible, OWNERS, pageOf, readCursor } from "./read-model-parts.ts";
import type { RecordQueries } from "./read-model-records.ts";

type Queries = Pick<ReadModel, "workspaces" | "workspace">;
interface Others {
  readonly runs: Pick<ReadModel, "runs">;
  readonly findings: Pick<ReadModel, "findings">;
  readonly records: RecordQueries;
  readonly looks: Looks | null;
  readonly backfills: BackfillQueries;
}

export const workspaceQueries = (kysely: Kysely<Tables>, others: Others): Queries => ({
  workspaces: (wish) => workspaces(kysely, wish),
  workspace: (key, now) => workspace(kysely, others, key, now),
});

const BY_HAND = sql`cause in ('console', 'absorbed', 'unmanaged', 'vanished')`;

const ON_BRANCH = sql`kind in ('apply', 'drift', 'migrate', 'state')`;

/** How each workspace stands, of open findings and failed runs of the branch; nothing else is read yet. */
const standing = (where: RawBuilder<unknown>) => sql`
  with drift as (
    select workspace, count(*) filter (where ${BY_HAND}) as open,
      min(opened_at) filter (where ${BY_HAND}) as since, count(*) filter (where not ${BY_HAND}) as pending
    from findings where ended_at is null group by workspace),
  doubtful as (select distinct workspace from runs where state = 'unknown'),
  failed as (
    select distinct on (workspace) workspace, created_at, id from runs where state = 'failed' and ${ON_BRANCH}
    order by workspace, created_at desc, id desc),
  standing as (
    select workspaces.key, coalesce(drift.open, 0) as open, drift.since, coalesce(drift.pending, 0) as pending,
      case when frozen_why is not null or doubtful.workspace is not null then 0
        when failed.workspace is not null and not exists (
          select 1 from runs as newer where newer.workspace = failed.workspace and newer.${ON_BRANCH}
            and (newer.created_at, newer.id) > (failed.created_at, failed.id)) then 1
        when drift.open > 0 then 2 when drift.pending > 0 then 3
        when last_drift_at is null then 4 else 5 end as rank
    from workspaces left join drift on drift.workspace = workspaces.key
    left join doubtful on doubtful.workspace = workspaces.key
    left join failed on failed.workspace = workspaces.key
    where ${where})`;

interface Row {
  readonly key: string;
  readonly repo: string;
  readonly dir: string;
  readonly name: string;
  readonly project: string | null;
  readonly kind: string;
  readonly owners: string | null;
  readonly frozen_why: string | null;
  readonly frozen_since: Date | null;
  readonly last_drift_at: Date | null;
  readonly open: number;
  readonly since: Date | null;
  readonly pending: number;
  readonly rank: number;
  readonly lock_repo: string | null;
  readonly lock_number: number | null;
  readonly lock_since: Date | null;
  readonly lock_all: number | null;
  readonly class: string | null;
  readonly run: string | null;
  readonly run_kind: string | null;
  readonly run_state: string | null;
  readonly run_created: Date | null;
  readonly run_ended: Date | null;
  readonly unfinished_backfills: number;
  readonly drift_repo: string | null;
  readonly drift_number: number | null;
}

/** Of the newest plan or apply that was judged. */
const newestClass = (key: "workspaces.key" | "page.key") => sql`select class from plans
  where plans.workspace = ${sql.ref(key)} order by created_at desc, sequence desc limit 1`;

/** Everything else about the rows of a page. */
const FILLED = sql`select page.key, workspaces.repo, dir, name, project, workspaces.kind,
    ${OWNERS} as owners, frozen_why, frozen_since, last_drift_at, open, page.since, pending, rank,
    lock_repo, lock_number, lock_since, lock_all, judged.class, last.id as run, last.kind as run_kind,
    last.state as run_state, last.created_at as run_created, last.ended_at as run_ended, drift_repo, drift_number,
    (select count(*) from backfills where workspace = page.key
      and backfills.state in ('waiting', 'running', 'paused', 'stopped')) as unfinished_backfills
  from page join workspaces on workspaces.key = page.key
  left join lateral (select pull_repo as lock_repo, pull_number as lock_number, since as lock_since,
      (select count(*) from locks as every where every.workspace = page.key) as lock_all
    from locks where workspace = page.key order by sequence limit 1) as lock on true
  left join lateral (${newestClass("page.key")}) as judged on true
  left join lateral (select id, kind, state, created_at, ended_at from runs where workspace = page.key
    order by created_at desc, id desc limit 1) as last on true
  ${openDriftPull("page.key")}`;

const workspaces = async (
  kysely: Kysely<Tables>,
  wish: WorkspaceWish,
): Promise<Awaited<ReturnType<Queries["workspaces"]>>> => {
  const where = filterOf(wish);
  const ranks = wish.sync?.map((state) => SYNC_STATES.indexOf(state));
  const after = wish.cursor === undefined ? null : readCursor(wish.cursor, ["number", "text"]);
  const here = allOf([
    ranks ? sql`rank = any(${ranks}::int[])` : null,
    after && sql`(rank, key) > (${after[0]}::int, ${after[1]})`,
  ]);
  // One look for both, so that the totals and the page are of one moment.
  const { rows } = await sql<{ totals: string } & Partial<Row>>`${standing(where)},
    totals as (select coalesce(json_object_agg(rank, many), '{}')::text as totals
      from (select rank, count(*) as many from standing group by rank) as counted),
    page as (select * from standing where ${here} order by rank, key limit ${wish.limit + 1}),
    filled as (${FILLED})
    select totals, filled.* from totals left join filled on true order by rank, key`.execute(kysely);
  const found = rows.filter((row): row is { totals: string } & Row => typeof row.key === "string");
  return {
    ...pageOf(found, wish.limit, viewOf, (row) => [row.rank, row.key]),
    totals: totalsOf(rows[0]?.totals ?? "{}"),
  };
};

const filterOf = (wish: WorkspaceWish): RawBuilder<unknown> =>
  allOf([
    sql`removed_at is null`,
    isVisible(sql`workspaces.key`, wish.visible),
    isSame(sql`workspaces.repo`, wish.repo),
    isOwner(wish.owner),
    isFound([sql`workspaces.key`], wish.search),
    wish.classes === undefined
      ? null
      : sql`(${newestClass("workspaces.key")}) = any(${[...wish.classes]}::text[])`,
    wish.locked === undefined
      ? null
      : sql`exists (select 1 from locks where locks.workspace = workspaces.key) = ${wish.locked}`,
  ]);

const totalsOf = (text: string): Record<SyncState, number> => {
  const byRank = JSON.parse(text) as Record<string, number>;
  return Object.fromEntries(SYNC_STATES.map((state, rank) => [state, byRank[rank] ?? 0])) as Record<
    SyncState,
    number
  >;
};

const OF_ONE = 100;

const workspace = async (
  kysely: Kysely<Tables>,
  { runs, findings, records, looks, backfills }: Others,
  key: string,
  now: Date,
): Promise<WorkspaceDetail | null> => {
  const { rows } = await sql<Row & { config: string; refs: string; accepted: string | null }>`
    ${standing(sql`workspaces.key = ${key}`)}, page as (select * from standing), filled as (${FILLED})
    select filled.*, workspaces.config, workspaces.refs, accepted.state as accepted
    from filled join workspaces on workspaces.key = filled.key
    left join accepted on accepted.workspace = filled.key`.execute(kysely);
  const [row] = rows;
  if (!row) return null;
  const mine = { visible: ["*"], workspace: key, limit: OF_ONE };
  const refs = fromText<StateRefs>(row.refs);
  return {
    ...viewOf(row),
    config: fromText<Json>(row.config),
    branch: refs.desired.branch,
    schedule: scheduleOf(row, looks, now),
    accepted: acceptedOf(row.accepted),
    findings: (await findings.findings(mine)).items,
    runs: (await runs.runs({ ...mine, limit: 20 })).items,
    queue: await records.locksOf(key),
    backfills: await backfills.backfills({ visible: ["*"], workspace: key }),
  };
};

const scheduleOf = (row: Row & { readonly config: string }, looks: Looks | null, now: Date): LookSchedule => {
  const kept = fromText<Json>(row.config);
  const own = isJsonObject(kept) ? kept["schedule"] : null;
  const text = typeof own === "string" ? own : (looks?.schedule ?? null);
  const next = text === null || looks === null ? null : nextSlot(row.key, text, now, looks.jitterSeconds);
  return { text, own: typeof own === "string", next };
};

const acceptedOf = (text: string | null): WorkspaceDetail["accepted"] => {
  if (text === null) return null;
  const state = fromText<{ commit: string; acceptedAt: string; serial: number | null }>(text);
  return { commit: state.commit, at: new Date(state.acceptedAt), serial: state.serial };
};

const viewOf = (row: Row): WorkspaceView => ({
  ...workspaceNamesOf(row),
  owners: ownersOf(row.owners),
  sync: SYNC_STATES[row.rank] ?? "unknown",
  drift: { open: row.open, since: row.since },
  pending: row.pending,
  lock:
    row.lock_repo === null || row.lock_number === null || row.lock_since === null
      ? null
      : {
          pull: { repo: row.lock_repo, number: row.lock_number },
          since: row.lock_since,
          waiting: (row.lock_all ?? 1) - 1,
        },
  class: row.class,
  lastRun: lastRunOf(row),
  frozen:
    row.frozen_why === null || row.frozen_since === null
      ? null
      : { why: row.frozen_why, since: row.frozen_since },
  lastLook: row.last_drift_at,
  unfinishedBackfills: Number(row.unfinished_backfills),
  driftPull:
    row.drift_repo === null || row.drift_number === null
      ? null
      : { repo: row.drift_repo, number: row.drift_number },
});

const lastRunOf = (row: Row): WorkspaceView["lastRun"] =>
  row.run === null || row.run_created === null
    ? null
    : {
        id: row.run,
        kind: row.run_kind as RunKind,
        state: row.run_state as RunState,
        createdAt: row.run_created,
        endedAt: row.run_ended,
      };
