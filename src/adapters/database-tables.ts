import type { Generated, GeneratedAlways } from "kysely";

/** JSON is text; see the first migration. */
type JsonText = string;
type Time = Date;

export interface Tables {
  readonly workspaces: {
    key: string;
    repo: string;
    dir: string;
    name: string;
    project: string | null;
    kind: string;
    refs: JsonText;
    config: JsonText;
    frozen_why: string | null;
    frozen_since: Time | null;
    frozen_artifact: JsonText | null;
    removed_at: Time | null;
    last_drift_at: Time | null;
  };
  readonly accepted: { workspace: string; state: JsonText };
  readonly runs: {
    id: string;
    workspace: string;
    kind: string;
    state: string;
    token: number;
    pull_repo: string | null;
    pull_number: number | null;
    head: string | null;
    base: string | null;
    commit: string | null;
    trigger: string;
    requested_by: string;
    error: JsonText | null;
    result: JsonText;
    log_artifact: string | null;
    created_at: Time;
    started_at: Time | null;
    ended_at: Time | null;
    request: string | null;
  };
  readonly run_log_parts: { run: string; start: number; bytes: number; text: string };
  readonly run_steps: {
    sequence: GeneratedAlways<number>;
    run: string;
    name: string;
    started_at: Time;
    ended_at: Time | null;
    ok: boolean | null;
  };
  readonly leases: {
    workspace: string;
    token: number;
    run: string | null;
    holder: string | null;
    expires_at: Time | null;
  };
  readonly locks: {
    sequence: GeneratedAlways<number>;
    workspace: string;
    pull_repo: string;
    pull_number: number;
    by: string;
    since: Time;
  };
  readonly plans: {
    sequence: GeneratedAlways<number>;
    run: string;
    workspace: string;
    pull_repo: string | null;
    pull_number: number | null;
    head: string;
    base: string;
    digest: string;
    digest_parts: JsonText;
    summary: JsonText;
    plan_artifact: JsonText | null;
    json_artifact: JsonText | null;
    created_at: Time;
    discarded_at: Time | null;
    class: string | null;
  };
  readonly approvals: {
    sequence: GeneratedAlways<number>;
    pull_repo: string;
    pull_number: number;
    workspace: string | null;
    kind: string;
    by: string;
    head: string;
    digest: string | null;
    paths: JsonText;
    at: Time;
    voided_at: Time | null;
  };
  readonly findings: {
    sequence: GeneratedAlways<number>;
    workspace: string;
    fingerprint: string;
    address: string;
    path: string;
    cause: string;
    recorded: JsonText;
    actual: JsonText;
    desired: JsonText;
    sensitive: boolean;
    opened_at: Time;
    last_seen_at: Time;
    ended_at: Time | null;
    why: string | null;
    acked_by: string | null;
    acked_at: Time | null;
    ack_note: string | null;
    snoozed_by: string | null;
    snoozed_until: Time | null;
    snooze_reason: string | null;
    proposed_at: Time | null;
  };
  readonly deliveries: { id: string; seen_at: Time };
  readonly outbox: {
    id: GeneratedAlways<number>;
    follow_up: JsonText;
    added_at: Time;
    taken_until: Time | null;
  };
  readonly audit: {
    sequence: number;
    at: Time;
    actor: string;
    action: string;
    subject: string;
    details: JsonText;
    hash: string;
  };
  readonly pulls: {
    repo: string;
    number: number;
    head: string;
    state: string;
    deploy_branch: boolean;
    drift_of: string | null;
    comment_ids: JsonText;
    published_hash: string | null;
    notes: JsonText;
    updated_at: Time;
  };
  readonly meta: { key: string; value: JsonText };
  readonly replicas: {
    id: string;
    roles: JsonText;
    version: string;
    started_at: Time;
    seen_at: Time;
    told_at: Time | null;
    key_ids: JsonText | null;
  };
  readonly forge_budget: { key: string; points: number; at: Time };
  readonly merge_groups: {
    repo: string;
    head: string;
    base: string;
    pulls: JsonText;
    added_at: Time;
    said: string | null;
  };
  readonly api_requests: {
    key: string;
    fingerprint: string;
    status: number | null;
    answer: string | null;
    at: Time;
  };
  readonly migration_steps: {
    run: string;
    script: string;
    statement: number;
    workspace: string;
    version: string | null;
    checksum: string;
    state: string;
    statements: number;
    transactional: boolean | null;
    attempt: number;
    backend: string | null;
    milliseconds: number;
    rehearsed: number | null;
    message: string | null;
    at: Time;
  };
  readonly alerts: {
    id: string;
    fingerprint: string;
    workspace: string;
    record: JsonText;
    opened_at: Time;
    ended_at: Time | null;
  };
  readonly alert_threads: {
    channel: string;
    key: string;
    record: JsonText;
    opened_at: Time;
    ended_at: Time | null;
  };
  readonly alert_channels: {
    name: string;
    failing_since: Time | null;
    error: string | null;
    last_ok_at: Time | null;
    failures: number;
  };
  readonly jobs: {
    id: GeneratedAlways<number>;
    kind: string;
    slot: string;
    priority: number;
    order_key: string;
    dedupe_key: string | null;
    job: JsonText;
    state: Generated<string>;
    attempt: Generated<number>;
    not_before: Time;
    holder: string | null;
    alive_until: Time | null;
    message: string | null;
    request: string | null;
  };
}
