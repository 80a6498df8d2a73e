import { type Kysely, type Selectable, sql } from "kysely";
import { readActor, SEVERITIES } from "../model/alert.ts";
import type { FindingEnd } from "../model/finding.ts";
import type { FindingView, Page } from "../model/reading.ts";
import type { FindingWish, ReadModel } from "../ports/read-model.ts";
import type { Tables } from "./database-tables.ts";
import { findingOf } from "./ledger-shapes.ts";
import { fromText } from "./ledger-values.ts";
import {
  allOf,
  isFound,
  isOneOf,
  isSame,
  isVisible,
  OWNERS,
  pageOf,
  readCursor,
} from "./read-model-parts.ts";

type Queries = Pick<ReadModel, "findings" | "finding">;
type Row = Selectable<Tables["findings"]> & {
  readonly owners: string | null;
  readonly drift_repo: string | null;
  readonly drift_number: number | null;
  readonly who: string | null;
  readonly severity: string | null;
};

export const findingQueries = (kysely: Kysely<Tables>, now: () => Date): Queries => ({
  findings: (wish) => findings(kysely, wish, now()),
  finding: async (id) => {
    const { rows } = await sql<Row>`${SELECT} where findings.sequence = ${id}`.execute(kysely);
    return rows[0] ? viewOf(rows[0], now()) : null;
  },
});

/** The newest open drift pull request of the workspace that `key` names. */
export const openDriftPull = (key: "findings.workspace" | "page.key") => sql`left join lateral (
  select repo as drift_repo, number as drift_number from pulls
  where drift_of = ${sql.ref(key)} and state = 'open' order by number desc limit 1) as drift_pull on true`;

const SELECT = sql`select findings.*, ${OWNERS} as owners, drift_repo, drift_number,
    meta.value as who, alerts.record::json ->> 'severity' as severity
  from findings left join workspaces on workspaces.key = findings.workspace
  left join alerts on alerts.workspace = findings.workspace and alerts.fingerprint = findings.fingerprint
    and alerts.opened_at = findings.opened_at
  left join meta on meta.key =
    'actor:' || findings.workspace || ':' || findings.address || ':' || findings.path || ':' || findings.fingerprint
  ${openDriftPull("findings.workspace")}`;

const findings = async (kysely: Kysely<Tables>, wish: FindingWish, now: Date): Promise<Page<FindingView>> => {
  const after = wish.cursor === undefined ? null : readCursor(wish.cursor, ["time", "number"]);
  const state = wish.state ?? "open";
  const where = allOf([
    state === "all"
      ? null
      : state === "open"
        ? sql`findings.ended_at is null`
        : sql`findings.ended_at is not null`,
    isVisible(sql`findings.workspace`, wish.visible),
    isSame(sql`findings.workspace`, wish.workspace),
    isOneOf(sql`findings.cause`, wish.causes),
    isOwner(wish.owner),
    isTold(wish.told),
    isFound([sql`findings.workspace`, sql`findings.address`, sql`findings.path`], wish.search),
    after && sql`(findings.opened_at, findings.sequence) < (${after[0]}, ${after[1]})`,
  ]);
  const { rows } = await sql<Row>`${SELECT} where ${where}
    order by findings.opened_at desc, findings.sequence desc limit ${wish.limit + 1}`.execute(kysely);
  const view = (row: Row): FindingView => viewOf(row, now);
  return pageOf(rows, wish.limit, view, (row) => [row.opened_at, row.sequence]);
};

/** Whether one message told of it in its channel: `CHANNEL:KEY of its thread`. */
const isTold = (told: string | undefined) => {
  if (told === undefined) return null;
  const [, channel, key] = /^([^:]*):(.*)$/s.exec(told) ?? [null, told, ""];
  return sql`alerts.id in (select json_array_elements_text(alert_threads.record::json -> 'alerts')
    from alert_threads where alert_threads.channel = ${channel} and alert_threads.key = ${key})`;
};

/** Whether this is an owner of the workspace at hand; written with or without its `@`. */
export const isOwner = (owner: string | undefined) =>
  owner === undefined
    ? null
    : sql`exists (select 1 from json_array_elements_text((${OWNERS})::json) as one(name)
        where lower(ltrim(one.name, '@')) = lower(ltrim(${owner}, '@')))`;

export const ownersOf = (text: string | null): readonly string[] => {
  const owners = text === null ? [] : fromText<unknown>(text);
  return Array.isArray(owners) ? owners.map(String) : [];
};

const viewOf = (row: Row, now: Date): FindingView => ({
  ...findingOf(row),
  id: row.sequence,
  owners: ownersOf(row.owners),
  endedAt: row.ended_at,
  why: row.why as FindingEnd | null,
  acked:
    row.acked_by === null || row.acked_at === null
      ? null
      : { by: row.acked_by, at: row.acked_at, note: row.ack_note },
  snoozed:
    row.snoozed_by === null || row.snoozed_until === null || row.snoozed_until <= now
      ? null
      : { by: row.snoozed_by, until: row.snoozed_until, reason: row.snooze_reason ?? "" },
  driftPull:
    row.drift_repo === null || row.drift_number === null
      ? null
      : { repo: row.drift_repo, number: row.drift_number },
  severity: SEVERITIES.find((one) => one === row.severity) ?? null,
  who: row.who === null ? null : readActor(fromText(row.who)),
});
