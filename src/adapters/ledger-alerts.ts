import { type Kysely, type Selectable, sql } from "kysely";
import type { AlertRecord, AlertThread, ChannelHealth, LiveAlert } from "../model/alert.ts";
import type { AlertRows } from "../ports/ledger-alerts.ts";
import type { Tables } from "./database-tables.ts";
import { fromText, toText } from "./ledger-values.ts";

export const alertRows = (kysely: Kysely<Tables>): AlertRows => ({
  put: (alert) => put(kysely, alert),
  get: async (id) => {
    const row = await kysely.selectFrom("alerts").selectAll().where("id", "=", id).executeTakeFirst();
    return row ? recordOf(row) : null;
  },
  openOf: async (workspace) => {
    const rows = await kysely
      .selectFrom("alerts")
      .selectAll()
      .where("workspace", "=", workspace)
      .where("ended_at", "is", null)
      .execute();
    return rows.map(recordOf);
  },
  live: (since) => live(kysely, since),
  threads: async (channel, since) => {
    const rows = await kysely
      .selectFrom("alert_threads")
      .selectAll()
      .where("channel", "=", channel)
      .where((where) => where.or([where("ended_at", "is", null), where("opened_at", ">", since)]))
      .orderBy("opened_at")
      .orderBy("key")
      .execute();
    return rows.map(threadOf);
  },
  putThread: async (thread) => {
    const { channel, key, openedAt, endedAt, ...rest } = thread;
    const values = { record: toText(rest), opened_at: openedAt, ended_at: endedAt };
    await kysely
      .insertInto("alert_threads")
      .values({ channel, key, ...values })
      .onConflict((conflict) => conflict.columns(["channel", "key"]).doUpdateSet(values))
      .execute();
  },
  ...channelRows(kysely),
  forget: (before, channels) => forget(kysely, before, channels),
});

const channelRows = (
  kysely: Kysely<Tables>,
): Pick<AlertRows, "channels" | "channelWorked" | "channelReached" | "channelFailed"> => ({
  channels: async () => {
    const rows = await kysely.selectFrom("alert_channels").selectAll().orderBy("name").execute();
    return rows.map(healthOf);
  },
  channelWorked: async (name, at) => {
    const values = { ...WELL, last_ok_at: at };
    await kysely
      .insertInto("alert_channels")
      .values({ name, ...values })
      .onConflict((conflict) => conflict.column("name").doUpdateSet(values))
      .execute();
  },
  channelReached: async (name) => {
    await kysely.updateTable("alert_channels").set(WELL).where("name", "=", name).execute();
  },
  channelFailed: async (name, { error, refused }, at) => {
    const { rows } = await sql<{ failures: number }>`
      insert into alert_channels (name, failing_since, error, failures, refused)
      values (${name}, ${at}, ${error}, 1, ${refused})
      on conflict (name) do update set error = excluded.error, failures = alert_channels.failures + 1,
        refused = excluded.refused, failing_since = coalesce(alert_channels.failing_since, excluded.failing_since)
      returning failures`.execute(kysely);
    return rows[0]?.failures === 1;
  },
});

const WELL = { failing_since: null, error: null, failures: 0, refused: false } as const;

const forget = async (kysely: Kysely<Tables>, before: Date, channels: readonly string[]): Promise<number> => {
  const gone = await kysely.deleteFrom("alerts").where("ended_at", "<", before).executeTakeFirst();
  await kysely.deleteFrom("alert_threads").where("ended_at", "<", before).execute();
  const isGone = (column: string) => sql<boolean>`not (${sql.ref(column)} = any(${[...channels]}::text[]))`;
  await kysely.deleteFrom("alert_channels").where(isGone("name")).execute();
  await kysely.deleteFrom("alert_threads").where(isGone("channel")).where("opened_at", "<", before).execute();
  return Number(gone.numDeletedRows);
};

const put = async (kysely: Kysely<Tables>, alert: AlertRecord): Promise<void> => {
  const { id, fingerprint, workspace, openedAt, endedAt, ...rest } = alert;
  const values = { record: toText(rest), ended_at: endedAt };
  await kysely
    .insertInto("alerts")
    .values({ id, fingerprint, workspace, opened_at: openedAt, ...values })
    .onConflict((conflict) => conflict.column("id").doUpdateSet(values))
    .execute();
};

type Row = Selectable<Tables["alerts"]>;
type Marked = Row & {
  readonly finding: number | null;
  readonly acked_by: string | null;
  readonly acked_at: Date | null;
  readonly snoozed_until: Date | null;
};

const live = async (kysely: Kysely<Tables>, since: Date): Promise<readonly LiveAlert[]> => {
  const { rows } = await sql<Marked>`
    select alerts.*, findings.sequence as finding, acked_by, acked_at, snoozed_until
    from alerts left join findings on findings.workspace = alerts.workspace
      and findings.fingerprint = alerts.fingerprint and findings.opened_at = alerts.opened_at
    where alerts.ended_at is null or alerts.ended_at > ${since}
    order by alerts.opened_at, alerts.id`.execute(kysely);
  return rows.map((row) => ({
    ...recordOf(row),
    finding: row.finding,
    acked: row.acked_by === null || row.acked_at === null ? null : { by: row.acked_by, at: row.acked_at },
    snoozedUntil: row.snoozed_until,
  }));
};

const recordOf = ({ id, fingerprint, workspace, opened_at, ended_at, record }: Row): AlertRecord => ({
  ...fromText<Omit<AlertRecord, "id" | "fingerprint" | "workspace" | "openedAt" | "endedAt">>(record),
  ...{ id, fingerprint, workspace, openedAt: opened_at, endedAt: ended_at },
});

const threadOf = (row: Selectable<Tables["alert_threads"]>): AlertThread => {
  const { toldAt, ...rest } = fromText<
    Omit<AlertThread, "channel" | "key" | "openedAt" | "endedAt" | "toldAt"> & { readonly toldAt: string }
  >(row.record);
  return {
    ...{ ...rest, channel: row.channel, key: row.key },
    ...{ openedAt: row.opened_at, toldAt: new Date(toldAt), endedAt: row.ended_at },
  };
};

const healthOf = (row: Selectable<Tables["alert_channels"]>): ChannelHealth => ({
  name: row.name,
  failingSince: row.failing_since,
  error: row.error,
  lastOkAt: row.last_ok_at,
  failures: row.failures,
  refused: row.refused,
});
