import { z } from "zod";
import { accessSchema, oidcSchema } from "./access-schema.ts";
import { actorsSchema } from "./actors-schema.ts";
import { alertsSchema } from "./alert-schema.ts";
import { databasesSchema } from "./database-schema.ts";
import { accountsSchema, credentialsSchema, sandboxSchema } from "./isolation-schema.ts";
import { durationRule, filledRule, ruled, scheduleRule } from "./leaf-rules.ts";
import { planGateSchema } from "./plan-gate-schema.ts";
import { policySchema } from "./policy-schema.ts";
import { freezeCalendarSchema, recoveryLimitsSchema } from "./server-governance.ts";
import {
  artifactsRule,
  httpUrlRule,
  instanceKeyRule,
  repoPatternRule,
  variableName,
} from "./server-rules.ts";
import { tracesSchema } from "./traces-schema.ts";
import type { Shape } from "./yaml.ts";

const port = z.int().min(0).max(65_535);
const count = z.int().min(1).max(1000);
const variables = z.record(variableName, z.string());

const forge = z.strictObject({
  type: z.enum(["github", "gitea"]).optional().describe("github where left out."),
  api_url: httpUrlRule
    .optional()
    .describe(
      "Root of the forge's API: https://api.github.com, https://ghe.example/api/v3, https://gitea.example/api/v1.",
    ),
  token: filledRule.optional().describe("Access token; for GitHub an app is better."),
  app_id: filledRule.optional().describe("Id of the GitHub app."),
  private_key: filledRule.optional().describe("Private key of the GitHub app, as PEM."),
  installation_id: z.int().min(1).optional().describe("Found by itself where left out."),
  points_per_minute: z
    .int()
    .min(60)
    .max(1_000_000)
    .optional()
    .describe(
      "What all replicas together may ask of the forge: a point for a question, five for what writes. 600 for github.com; no limit of our own elsewhere.",
    ),
});

const engineName = ruled((name) =>
  /^(terraform|tofu)-\d+\.\d+\.\d+\S*$/.test(name)
    ? undefined
    : "Write terraform-VERSION or tofu-VERSION, such as tofu-1.12.6.",
);
const sha256Rule = ruled((text) =>
  /^[0-9a-f]{64}$/i.test(text) ? undefined : "Write a SHA-256: 64 hexadecimal digits.",
);

const engine = z.strictObject({
  path: filledRule
    .optional()
    .describe("The terraform or tofu to use; looked for on the PATH where left out."),
  timeout: durationRule
    .optional()
    .describe("How long one engine process may run; an apply is never cut off."),
  env: z
    .array(variableName)
    .optional()
    .describe("Names of further variables of the service that the engine may see."),
  plan_env: variables
    .optional()
    .describe("Variables that the engine gets when it plans: read-only credentials."),
  apply_env: variables
    .optional()
    .describe(
      "Variables that the engine gets in an apply, and not in its plan; those of plan_env are not there.",
    ),
  cli_config: filledRule.optional().describe("An engine CLI configuration file to start from."),
  sha256: z
    .record(engineName, sha256Rule)
    .optional()
    .describe(
      "Checksums of engine binaries by `terraform-1.11.4` or `tofu-1.12.6`: nothing else is started where some are given.",
    ),
});

const retention = z
  .strictObject({
    logs: durationRule.optional().describe("Logs of runs: 90d."),
    plans: durationRule.optional().describe("Plan files and proofs: 30d."),
    evidence: durationRule.optional().describe("Evidence of applies; for ever where left out."),
    evidence_minimum: durationRule
      .optional()
      .describe("What `evidence` may never be shorter than: 365d where left out."),
    deliveries: durationRule
      .optional()
      .describe("Ids of webhook deliveries, to know them again: 7d, at least 1d."),
    runs: durationRule
      .optional()
      .describe("Ended runs: 365d; those that applied at least as long as evidence."),
    findings: durationRule.optional().describe("Ended drift findings: 365d."),
  })
  .describe("How long things are kept. What something still needs stays longer.");

const s3 = z.strictObject({
  endpoint: httpUrlRule.optional().describe("The store's address, where it is not AWS."),
  region: filledRule.optional().describe("AWS_REGION where left out."),
  path_style: z
    .boolean()
    .optional()
    .describe("https://HOST/BUCKET instead of https://BUCKET.HOST; on where an endpoint is given."),
  sse: z
    .enum(["AES256", "aws:kms"])
    .optional()
    .describe("Encryption by the store, over Plumbline's own; the bucket's default where left out."),
  kms_key: filledRule.optional().describe("Id or ARN of the key for aws:kms."),
});

/** The service's own file. Every key is optional here: what is needed in the end is judged with the variables over it. */
export const serverSchema = z
  .strictObject({
    data_dir: filledRule
      .optional()
      .describe("Where mirrors, worktrees, plans and the embedded database lie."),
    listen: z
      .strictObject({
        host: filledRule
          .optional()
          .describe(
            "127.0.0.1 where left out; others are reached only with a secret, a list and a login or token.",
          ),
        port: port.optional().describe("8080 where left out."),
      })
      .optional()
      .describe("Where the service listens."),
    public_url: httpUrlRule.optional().describe("How people reach the service, for links in comments."),
    database_url: ruled((url) =>
      /^postgres(ql)?:\/\/./.test(url) ? undefined : "This must begin with postgres://.",
    )
      .optional()
      .describe("A PostgreSQL server; the embedded database where left out."),
    artifacts: artifactsRule
      .optional()
      .describe(
        "A folder for plans, logs and evidence, or s3://BUCKET/PREFIX; below data_dir by default. Encrypted either way.",
      ),
    s3: s3.optional().describe("Only with artifacts in s3://."),
    retention: retention.optional(),
    repo_allowlist: z
      .array(repoPatternRule)
      .optional()
      .describe("OWNER/REPO or OWNER/*; nothing else is ever touched."),
    forge: forge.optional().describe("Where the repositories lie: a token, or a GitHub app."),
    webhook_secrets: z
      .array(filledRule)
      .optional()
      .describe("Secrets of the webhooks; several while one is being changed."),
    keys: z
      .array(instanceKeyRule)
      .optional()
      .describe(
        "32 bytes each, in hex or base64; the first encrypts, all decrypt. Made and kept in data_dir where left out.",
      ),
    trigger_words: z
      .array(ruled((word) => (/^@?[\w.-]+$/.test(word) ? undefined : "This must be one word.")))
      .min(1)
      .optional()
      .describe("Words that begin a command, such as plumbline and atlantis."),
    concurrency: z
      .strictObject({
        runs: count.optional().describe("4 where left out."),
        drift: count.optional().describe("Of looks for drift: 2 where left out."),
      })
      .optional()
      .describe("How much of this process runs at once."),
    mode: z
      .enum(["enforce", "comment", "observe"])
      .optional()
      .describe("enforce: gates decide; comment: gates only tell; observe: nothing but reports."),
    polling: z
      .strictObject({
        enabled: z.boolean().optional().describe("For a service that no webhook reaches."),
        interval: durationRule.optional().describe("1m where left out."),
      })
      .optional()
      .describe("Asking the forge for what is new; slowly it always does."),
    drift: z
      .strictObject({
        schedule: scheduleRule.optional().describe("For workspaces without their own; `off` for none."),
        jitter: durationRule.optional().describe("Over which the looks are spread: 10m where left out."),
        max_open_pulls: z.int().min(0).optional().describe("Open drift pull requests per repository."),
        max_shared_proofs: z
          .int()
          .min(0)
          .optional()
          .describe(
            "Other workspaces that one look plans, where they read an edited file; 20 where left out.",
          ),
      })
      .optional()
      .describe("Looking for drift."),
    forks: z.boolean().optional().describe("Whether pull requests from forks are planned."),
    drafts: z.boolean().optional().describe("Whether drafts are planned."),
    command_permission: z
      .enum(["read", "triage", "write", "maintain", "admin"])
      .optional()
      .describe("What a person needs on the repository to give commands."),
    engine: engine.optional().describe("Terraform or OpenTofu."),
    credentials: credentialsSchema.optional(),
    databases: databasesSchema.optional(),
    accounts: accountsSchema.optional(),
    sandbox: sandboxSchema.optional(),
    access: accessSchema.optional(),
    oidc: oidcSchema.optional(),
    plan_gate: planGateSchema.optional(),
    git: z
      .strictObject({
        submodules: z.boolean().optional().describe("Whether they are fetched."),
        lfs: z
          .boolean()
          .optional()
          .describe(
            "Whether large files are fetched; git-lfs must be installed. Where not, code that needs one is not planned.",
          ),
        max_bytes: z.int().min(1).optional().describe("How much mirrors and worktrees may take."),
      })
      .optional()
      .describe("What is fetched of repositories."),
    resource_context: z
      .strictObject({
        command: z
          .array(filledRule)
          .min(1)
          .describe(
            "Argument vector of a command that says what resources hold: it gets the question as JSON on its input and prints JSON (schemas/resource-context.schema.json).",
          ),
        env: z.array(variableName).optional().describe("Names of variables of the service that it may see."),
        timeout: durationRule.optional().describe("How long it may take: 30s where left out."),
        keep: durationRule
          .optional()
          .describe("How long an answer counts for the same question: 1m where left out."),
      })
      .optional()
      .describe("What is known of resources beside plan and code."),
    application_health: z
      .strictObject({
        command: z
          .array(filledRule)
          .min(1)
          .describe(
            'Argument vector of a command that is asked after each apply how the application fares: it gets the question as JSON on its input and prints {"healthy": true, "metrics": {"NAME": 0.1}}. The answer is kept in the evidence.',
          ),
        env: z.array(variableName).optional().describe("Names of variables of the service that it may see."),
        timeout: durationRule.optional().describe("How long it may take: 30s where left out."),
      })
      .optional()
      .describe("How the application fares after an apply."),
    alerts: alertsSchema.optional(),
    actors: actorsSchema.optional(),
    freeze_calendar: freezeCalendarSchema
      .optional()
      .describe("Windows in which nothing is applied, in any repository."),
    recovery_limits: recoveryLimitsSchema
      .optional()
      .describe("What a proof of backup must keep, by class; durations such as 30m, 4h, 30d."),
    policies: policySchema.optional().describe("Rego policies that every plan is judged by."),
    traces: tracesSchema.optional(),
    shutdown_grace: durationRule.optional().describe("How long a stop waits for applies."),
    log_level: z.enum(["debug", "info", "warn", "error"]).optional().describe("info where left out."),
  })
  .describe("The Plumbline service's own configuration.");

export type ServerYaml = z.infer<typeof serverSchema>;
export const serverShape = z.toJSONSchema(serverSchema, { target: "draft-7" }) as Shape;
