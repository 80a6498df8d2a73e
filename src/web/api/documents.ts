import { z } from "zod";
import { CHANNEL_TYPES } from "../../config/alert-schema.ts";
import { SEVERITIES } from "../../model/alert.ts";
import { CHANGE_CLASSES } from "../../model/change-class.ts";
import { CAUSES } from "../../model/finding.ts";
import { SYNC_STATES } from "../../model/reading.ts";
import { backfillDocument } from "./documents-backfill.ts";

/** What the API tells, as JSON: times are RFC 3339 in UTC. The OpenAPI document is made of these, and tests hold the answers to them. */
const time = z.iso.datetime();
const json = z.unknown();
const pull = z.object({ repo: z.string(), number: z.int() }).meta({ id: "Pull" });

export const CAUSE = z.enum(CAUSES);
export const CHANGE_CLASS = z.enum(CHANGE_CLASSES);
export const SYNC = z
  .enum(SYNC_STATES)
  .meta({ id: "Sync", description: "Worst first: how a workspace stands to what Git says." });
export const RUN_KIND = z.enum(["plan", "apply", "drift", "audit", "codify", "migrate", "state"]);
export const RUN_STATE = z.enum([
  ...(["queued", "running", "apply-started", "verifying", "succeeded", "failed"] as const),
  ...(["unknown", "interrupted", "superseded", "cancelled"] as const),
]);

export const workspaceDocument = z
  .object({
    key: z.string(),
    repo: z.string(),
    dir: z.string(),
    name: z.string(),
    project: z.string().nullable(),
    kind: z.enum(["terraform", "postgres-migrations"]),
    owners: z.array(z.string()),
    sync: SYNC,
    drift: z.object({ open: z.int(), since: time.nullable() }),
    pending: z.int(),
    lock: z.object({ pull, since: time, waiting: z.int() }).nullable(),
    class: z.string().nullable(),
    lastRun: z
      .object({
        id: z.string(),
        kind: RUN_KIND,
        state: RUN_STATE,
        createdAt: time,
        endedAt: time.nullable(),
      })
      .nullable(),
    frozen: z.object({ why: z.string(), since: time }).nullable(),
    lastLook: time.nullable(),
    unfinishedBackfills: z.int(),
    driftPull: pull.nullable(),
  })
  .meta({ id: "Workspace" });

export const runDocument = z
  .object({
    id: z.string(),
    workspace: z.string(),
    kind: RUN_KIND,
    state: RUN_STATE,
    pull: pull.nullable(),
    head: z.string().nullable(),
    base: z.string().nullable(),
    commit: z.string().nullable(),
    trigger: z.string(),
    requestedBy: z.string(),
    error: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }).nullable(),
    createdAt: time,
    startedAt: time.nullable(),
    endedAt: time.nullable(),
    request: z.string().nullable().meta({ description: "What came from outside and led to it." }),
    class: z.string().nullable(),
    hasLog: z.boolean(),
  })
  .meta({ id: "Run" });

export const runDetailDocument = runDocument
  .extend({
    steps: z.array(
      z.object({
        name: z.string(),
        startedAt: time,
        endedAt: time.nullable(),
        ok: z.boolean().nullable(),
      }),
    ),
    plan: z.object({ digest: z.string(), summary: json, discardedAt: time.nullable() }).nullable(),
    result: json,
    backfills: z.array(backfillDocument),
  })
  .meta({ id: "RunDetail" });

export const findingDocument = z
  .object({
    id: z.int(),
    workspace: z.string(),
    owners: z.array(z.string()),
    address: z.string(),
    path: z.string(),
    cause: CAUSE,
    recorded: json,
    actual: json,
    desired: json,
    sensitive: z.boolean(),
    openedAt: time,
    lastSeenAt: time,
    endedAt: time.nullable(),
    why: z.enum(["formalized", "reverted", "ignored", "resolved-itself", "workspace-removed"]).nullable(),
    acked: z.object({ by: z.string(), at: time, note: z.string().nullable() }).nullable(),
    snoozed: z.object({ by: z.string(), until: time, reason: z.string() }).nullable(),
    driftPull: pull.nullable(),
    severity: z.enum(SEVERITIES).nullable(),
    who: z
      .object({
        who: z.string(),
        at: time,
        action: z.string(),
        confidence: z.enum(["exact", "guess"]),
        source: z.string(),
      })
      .nullable()
      .meta({ description: "Who made it, as far as an audit log tells, and how sure that is." }),
  })
  .meta({ id: "Finding" });

export const lockDocument = z
  .object({ workspace: z.string(), pull, by: z.string(), since: time, position: z.int() })
  .meta({ id: "Lock" });

export const workspaceDetailDocument = workspaceDocument
  .extend({
    config: json,
    branch: z.string(),
    schedule: z.object({
      text: z
        .string()
        .nullable()
        .meta({ description: "Cron in UTC, an interval, `off`, or null: not known." }),
      own: z.boolean().meta({ description: "It stands in the repository; else it is the server's." }),
      next: time.nullable().meta({ description: "The next look." }),
    }),
    accepted: z.object({ commit: z.string(), at: time, serial: z.int().nullable() }).nullable(),
    waysOut: z
      .array(z.object({ command: z.string(), does: z.string() }))
      .meta({ description: "Comments for the pull request whose migration failed half-way." }),
    findings: z.array(findingDocument),
    runs: z.array(runDocument),
    queue: z.array(lockDocument),
    backfills: z.array(backfillDocument),
  })
  .meta({ id: "WorkspaceDetail" });

export const queueDocument = z
  .object({
    jobs: z.array(
      z.object({ kind: z.string(), waiting: z.int(), running: z.int(), oldest: time.nullable() }),
    ),
    runs: z.array(runDocument),
  })
  .meta({ id: "Queue" });

export const auditDocument = z
  .object({
    sequence: z.int(),
    at: time,
    actor: z.string(),
    action: z.string(),
    subject: z.string(),
    details: json,
  })
  .meta({ id: "AuditEntry" });

export const evidenceCopyDocument = z
  .object({
    evidence: json.meta({ description: "The bundle, in the shape of this version." }),
    text: z.string().meta({ description: "The bundle byte for byte, whose SHA-256 is `sha256`." }),
    sha256: z.string(),
    audit: z.array(auditDocument.extend({ hash: z.string() })),
    problems: z.array(z.string()).meta({ description: "Whatever keeps it from proving something." }),
  })
  .meta({ id: "EvidenceCopy" });

export const evidenceDocument = z
  .object({
    sequence: z.int(),
    at: time,
    actor: z.string(),
    action: z.string(),
    workspace: z.string(),
    run: z.string(),
    commit: z.string().nullable(),
    digest: z.string().nullable(),
    verified: z.boolean().nullable(),
    sha256: z.string(),
  })
  .meta({ id: "Evidence" });

export const settingDocument = z
  .object({
    key: z.string(),
    value: json.meta({ description: "`set` in place of a secret." }),
    source: z.enum(["default", "file", "variable"]),
    from: z.string().nullable().meta({ description: "The variable that set it." }),
  })
  .meta({ id: "Setting" });

export const channelDocument = z
  .object({
    name: z.string(),
    type: z.enum(CHANNEL_TYPES),
    failingSince: time.nullable(),
    error: z.string().nullable(),
    lastOkAt: time.nullable(),
    failures: z.int().meta({ description: "Failed tries since it last worked." }),
    refused: z.boolean().meta({
      description: "The receiver is there and refused the message; a test that it takes ends that.",
    }),
  })
  .meta({ id: "AlertChannel" });

const workspaceKeys = z.array(z.string());
export const policySetDocument = z
  .object({
    name: z.string(),
    level: z.enum(["deny", "warn", "dry_run"]),
    source: z.string(),
    repos: z.array(z.string()).meta({ description: "Patterns of repositories; all where empty." }),
    owners: z.array(z.string()).meta({ description: "Who may approve what it denies." }),
    approvals: z.int(),
    repositoryExceptions: z.boolean(),
    exceptions: z.array(
      z.object({
        policy: z.string(),
        workspace: z.string().nullable(),
        owner: z.string(),
        reason: z.string(),
        until: time,
      }),
    ),
    rules: z.array(
      z
        .object({
          policy: z.string(),
          ...{ denied: workspaceKeys, warned: workspaceKeys, dryRun: workspaceKeys, excepted: workspaceKeys },
        })
        .meta({ description: "With the workspaces on which the rule spoke at their last look." }),
    ),
    problem: z.string().nullable().meta({ description: "Why its rules could not be read." }),
  })
  .meta({ id: "PolicySet" });

export const freezeDocument = z
  .object({
    target: z.string().meta({ description: "A workspace's key; `*`: everything." }),
    by: z.string(),
    reason: z.string(),
    since: time,
  })
  .meta({ id: "Freeze" });

export const pageDocument = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next: z.string().nullable() });

export const overviewDocument = z
  .object({
    items: z.array(workspaceDocument),
    next: z.string().nullable(),
    totals: z.record(SYNC, z.int()),
  })
  .meta({ id: "Overview" });

export const problemDocument = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    hint: z.string(),
    request: z.string().meta({ description: "Names the request in the service's log." }),
  })
  .meta({ id: "Problem", description: "RFC 9457." });

export const answerDocument = z
  .object({
    answer: z
      .string()
      .nullable()
      .meta({ description: "What a comment of the same words would have been answered, in Markdown." }),
    pull: pull.nullable(),
    queued: z.array(z.string()).meta({ description: "Kinds of the jobs that follow." }),
  })
  .meta({ id: "Answer" });

export type WorkspaceDocument = z.infer<typeof workspaceDocument>;
export type RunDocument = z.infer<typeof runDocument>;
export type FindingDocument = z.infer<typeof findingDocument>;
