import type { Kysely } from "kysely";
import { sql } from "kysely";

/** What is alerted, what was told of it in which channel, and how the channels fare. */
const STATEMENTS: readonly string[] = [
  `create table alerts (
    id text primary key, fingerprint text not null, workspace text not null, record text not null,
    opened_at timestamptz not null, ended_at timestamptz)`,
  "create index alerts_open on alerts (opened_at) where ended_at is null",
  "create index alerts_ended on alerts (ended_at) where ended_at is not null",

  `create table alert_threads (
    channel text not null, key text not null, record text not null,
    opened_at timestamptz not null, ended_at timestamptz, primary key (channel, key))`,
  "create index alert_threads_open on alert_threads (channel) where ended_at is null",
  "create index alert_threads_by_age on alert_threads (channel, opened_at)",

  `create table alert_channels (
    name text primary key, failing_since timestamptz, error text, last_ok_at timestamptz, failures integer not null)`,
];

export const up = async (database: Kysely<unknown>): Promise<void> => {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
};
