import type { Kysely } from "kysely";
import { sql } from "kysely";

// JSON lives in text columns: jsonb would round 64-bit integers' spelling, drop key order and refuse \u0000.
const STATEMENTS: readonly string[] = [
  `create table workspaces (
    key text primary key, repo text not null, dir text not null, name text not null, project text,
    kind text not null, refs text not null, config text not null,
    frozen_why text, frozen_since timestamptz, frozen_artifact text,
    removed_at timestamptz, last_drift_at timestamptz)`,
  "create index workspaces_by_repo on workspaces (repo)",

  "create table accepted (workspace text primary key, state text not null)",

  `create table runs (
    id text primary key, workspace text not null, kind text not null, state text not null,
    token bigint not null default 0, pull_repo text, pull_number integer, head text, base text, commit text,
    trigger text not null, requested_by text not null, error text, result text not null, log_artifact text,
    created_at timestamptz not null, started_at timestamptz, ended_at timestamptz)`,
  "create index runs_by_workspace on runs (workspace, created_at desc)",
  "create index runs_by_pull on runs (pull_repo, pull_number)",
  `create index runs_by_open_state on runs (state)
    where state in ('queued', 'running', 'apply-started', 'verifying', 'unknown')`,

  `create table run_steps (
    sequence bigint generated always as identity, run text not null, name text not null,
    started_at timestamptz not null, ended_at timestamptz, ok boolean,
    primary key (run, name, started_at))`,

  // A row outlives its lease: the token only ever grows.
  `create table leases (
    workspace text primary key, token bigint not null default 0,
    run text, holder text, expires_at timestamptz)`,
  "create index leases_by_holder on leases (holder) where holder is not null",

  `create table locks (
    sequence bigint generated always as identity primary key, workspace text not null,
    pull_repo text not null, pull_number integer not null, by text not null, since timestamptz not null,
    unique (workspace, pull_repo, pull_number))`,
  "create index locks_by_pull on locks (pull_repo, pull_number)",

  `create table plans (
    sequence bigint generated always as identity, run text primary key, workspace text not null,
    pull_repo text, pull_number integer, head text not null, base text not null, digest text not null,
    digest_parts text not null, summary text not null, plan_artifact text, json_artifact text,
    created_at timestamptz not null, discarded_at timestamptz)`,
  "create index plans_by_pull on plans (pull_repo, pull_number, workspace) where discarded_at is null",

  `create table approvals (
    sequence bigint generated always as identity primary key, pull_repo text not null,
    pull_number integer not null, workspace text, kind text not null, by text not null, head text not null,
    digest text, paths text not null, at timestamptz not null, voided_at timestamptz)`,
  "create index approvals_by_pull on approvals (pull_repo, pull_number)",

  `create table findings (
    sequence bigint generated always as identity primary key, workspace text not null,
    fingerprint text not null, address text not null, path text not null, cause text not null,
    recorded text not null, actual text not null, desired text not null, sensitive boolean not null,
    opened_at timestamptz not null, last_seen_at timestamptz not null, ended_at timestamptz, why text)`,
  "create unique index findings_one_life on findings (workspace, fingerprint) where ended_at is null",
  "create index findings_ended on findings (workspace, ended_at desc) where ended_at is not null",

  "create table deliveries (id text primary key, seen_at timestamptz not null)",
  "create index deliveries_by_age on deliveries (seen_at)",

  `create table outbox (
    id bigint generated always as identity primary key, follow_up text not null,
    added_at timestamptz not null, taken_until timestamptz)`,

  `create table audit (
    sequence bigint primary key, at timestamptz not null, actor text not null, action text not null,
    subject text not null, details text not null, hash text not null)`,
  "create index audit_by_subject on audit (subject, sequence)",
  `create function audit_stays() returns trigger language plpgsql as
    $$ begin raise exception 'the audit trail is append-only'; end $$`,
  `create trigger audit_is_append_only before update or delete or truncate on audit
    for each statement execute function audit_stays()`,

  `create table pulls (
    repo text not null, number integer not null, head text not null, state text not null,
    deploy_branch boolean not null, drift_of text, comment_ids text not null, published_hash text,
    notes text not null, updated_at timestamptz not null,
    primary key (repo, number))`,
  "create index pulls_by_drift on pulls (drift_of) where drift_of is not null",

  "create table meta (key text primary key, value text not null)",

  `create table jobs (
    id bigint generated always as identity primary key, kind text not null, slot text not null,
    priority smallint not null, order_key text not null, dedupe_key text, job text not null,
    state text not null default 'waiting', attempt integer not null default 0,
    not_before timestamptz not null, holder text, alive_until timestamptz, message text)`,
  "create index jobs_waiting on jobs (priority, id) where state = 'waiting'",
  "create unique index jobs_one_waits on jobs (dedupe_key) where state = 'waiting' and attempt = 0",
  "create unique index jobs_one_runs on jobs (order_key) where state = 'running'",
];

export const up = async (database: Kysely<unknown>): Promise<void> => {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
};
