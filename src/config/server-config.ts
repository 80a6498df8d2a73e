import {
  type ConfigProblem,
  DEFAULT_RETENTION,
  type ForgeConfig,
  type OperatorCommand,
  type Parsed,
  type Retention,
  type ServerConfig,
} from "../model/config.ts";
import { accessOf, missingForLogin } from "./access-schema.ts";
import { actorsOf } from "./actors-schema.ts";
import { readChannels } from "./alert-channels.ts";
import { alertRulesOf } from "./alert-schema.ts";
import { databaseRulesOf } from "./database-schema.ts";
import { parseDuration } from "./duration.ts";
import { accountsOf, credentialsOf, sandboxOf } from "./isolation-schema.ts";
import { planGateOf } from "./plan-gate-schema.ts";
import { policyProblems, policySettings } from "./policy-schema.ts";
import { readVariables, type Variables } from "./server-env.ts";
import { calendarOf, calendarProblems, recoveryLimitsOf } from "./server-governance.ts";
import { instanceKey } from "./server-rules.ts";
import { type ServerYaml, serverSchema, serverShape } from "./server-schema.ts";
import { settingsOf } from "./server-settings.ts";
import { shapeProblems } from "./shape-problems.ts";
import { tracesOf } from "./traces-schema.ts";
import { readYaml } from "./yaml.ts";

export interface ServerSources {
  /** The server's file, `null` where there is none. */
  readonly yamlText: string | null;
  readonly env: Variables;
  /** Text of a file that a `*_FILE` variable names, `null` when it cannot be read. */
  readonly readFile?: (path: string) => string | null;
}

/**
 * The service's configuration: its file with `PLUMBLINE_*` over it, every problem at once (named by the variable where
 * one set the value; a value itself is never repeated). `keys` is empty where none is given: the caller makes one and
 * keeps it in `dataDir`. Paths are as they were written.
 */
export const readServerConfig = ({ yamlText, env, readFile }: ServerSources): Parsed<ServerConfig> => {
  const read = readYaml(yamlText ?? "", serverShape);
  if (!read.ok) return read;
  const variables = readVariables(env, readFile ?? (() => null));
  const value = withAlertList(laidOver(read.value, variables.values));
  const shaped = serverSchema.safeParse(value);
  const problems = [
    ...variables.problems,
    ...(shaped.success ? [] : shapeProblems(shaped.error, value, serverShape)).map((problem) =>
      namedBy(variables.names, problem),
    ),
  ];
  const missing = [
    ...missingProblems(value as Partial<ServerYaml>, problems),
    ...policyProblems(isMapping(value) ? value["policies"] : undefined),
    ...calendarProblems(isMapping(value) ? value["freeze_calendar"] : undefined),
  ];
  const alerts = readChannels(shaped.success ? (shaped.data.alerts ?? {}) : {}, env);
  missing.push(...alerts.problems);
  return problems.length + missing.length > 0 || !shaped.success
    ? { ok: false, problems: [...problems, ...missing] }
    : {
        ok: true,
        value: {
          ...serverOf(shaped.data, alerts.channels),
          settings: settingsOf(shaped.data, read.value, variables.names),
        },
      };
};

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A list of channels, as the file had it before there were rules. */
const withAlertList = (value: unknown): unknown =>
  isMapping(value) && Array.isArray(value["alerts"])
    ? { ...value, alerts: { channels: value["alerts"] } }
    : value;

const laidOver = (below: unknown, values: ReadonlyMap<string, unknown>): unknown => {
  if (below !== null && !isMapping(below)) return below;
  const over: Record<string, unknown> = { ...below };
  for (const [place, value] of values) {
    const [key = "", inner] = place.split(".");
    if (inner === undefined) over[key] = value;
    else if (over[key] === undefined || isMapping(over[key])) over[key] = { ...over[key], [inner]: value };
  }
  return over;
};

const namedBy = (names: ReadonlyMap<string, string>, { path, message }: ConfigProblem): ConfigProblem => {
  const [place = path] = /^[^[]+/.exec(path) ?? [];
  return { path: names.get(place) ?? path, message };
};

/** What must be there in the end, wherever it came from. */
const missingProblems = (value: Partial<ServerYaml>, found: readonly ConfigProblem[]): ConfigProblem[] => {
  if (!isMapping(value)) return [];
  const problems: ConfigProblem[] = [];
  const need = (path: string, message: string): void => {
    if (!found.some((problem) => problem.path.startsWith(path))) problems.push({ path, message });
  };
  if (!Array.isArray(value.repo_allowlist) || value.repo_allowlist.length === 0)
    need(
      "repo_allowlist",
      "Name the repositories, such as acme/infra or acme/*: here or in PLUMBLINE_REPO_ALLOWLIST.",
    );
  if (value.s3 !== undefined && !String(value.artifacts ?? "").startsWith("s3://"))
    need("s3", "This is for artifacts: s3://BUCKET/PREFIX, here or in PLUMBLINE_ARTIFACTS.");
  for (const { path, message } of retentionProblems(value.retention)) need(path, message);
  const polls = isMapping(value.polling) ? value.polling.enabled === true : false;
  if (!polls && !value.webhook_secrets?.length)
    need(
      "webhook_secrets",
      "Give the webhook's secret, here or in PLUMBLINE_WEBHOOK_SECRET, or set polling.enabled.",
    );
  for (const { path, message } of missingForLogin(value)) need(path, message);
  const forge: NonNullable<ServerYaml["forge"]> = isMapping(value.forge) ? value.forge : {};
  if (forge.type === "gitea") {
    if (!forge.api_url)
      need("forge.api_url", "Give the address of Gitea's API, here or in PLUMBLINE_GITEA_URL.");
    if (!forge.token) need("forge.token", "Give an access token, here or in PLUMBLINE_GITEA_TOKEN.");
    return problems;
  }
  if (forge.token && forge.app_id) need("forge", "Give a token or an app, not both.");
  if (forge.app_id && !forge.private_key)
    need("forge.private_key", "The app needs its private key, here or in PLUMBLINE_GITHUB_APP_KEY_FILE.");
  if (!forge.token && !forge.app_id)
    need("forge", "Give app_id and private_key of a GitHub app, or a token in PLUMBLINE_GITHUB_TOKEN.");
  return problems;
};

/** Evidence must outlive its minimum, and a delivery the retries of a forge and our own slots. */
const retentionProblems = (given: ServerYaml["retention"]): readonly ConfigProblem[] => {
  if (!isMapping(given)) return [];
  const days = (text: unknown, otherwise: number): number =>
    (typeof text === "string" ? (parseDuration(text) ?? 0) : otherwise * DAY_MS) / DAY_MS;
  const least = days(given.evidence_minimum, 365);
  const problems: ConfigProblem[] = [];
  if (days(given.evidence, Number.POSITIVE_INFINITY) < least)
    problems.push({
      path: "retention.evidence",
      message: `Evidence is kept for at least ${least} days (retention.evidence_minimum).`,
    });
  if (days(given.deliveries, 7) < 1)
    problems.push({ path: "retention.deliveries", message: "Deliveries are kept for at least one day." });
  return problems;
};
const DAY_MS = 24 * 3_600_000;

const seconds = (text: string | undefined, otherwise: number): number => {
  const milliseconds = text === undefined ? undefined : parseDuration(text);
  return milliseconds === undefined ? otherwise : milliseconds / 1000;
};

const serverOf = (yaml: ServerYaml, alerts: ServerConfig["alerts"]): ServerConfig => {
  const dataDir = yaml.data_dir ?? "plumbline-data";
  return {
    dataDir,
    listen: { host: yaml.listen?.host ?? "127.0.0.1", port: yaml.listen?.port ?? 8080 },
    publicUrl: yaml.public_url?.replace(/\/+$/, "") ?? null,
    databaseUrl: yaml.database_url ?? null,
    artifacts: yaml.artifacts ?? `${dataDir.replace(/\/+$/, "")}/artifacts`,
    ...(yaml.retention ? { retention: retentionOf(yaml.retention) } : {}),
    ...(yaml.s3 ? { s3: s3Of(yaml.s3) } : {}),
    repoAllowlist: yaml.repo_allowlist ?? [],
    forge: forgeOf(yaml.forge ?? {}),
    webhookSecrets: yaml.webhook_secrets ?? [],
    keys: (yaml.keys ?? []).flatMap((text) => instanceKey(text) ?? []),
    triggerWords: yaml.trigger_words ?? ["plumbline"],
    mode: yaml.mode ?? "enforce",
    forks: yaml.forks ?? false,
    drafts: yaml.drafts ?? false,
    commandPermission: yaml.command_permission ?? "write",
    logLevel: yaml.log_level ?? "info",
    shutdownGraceSeconds: seconds(yaml.shutdown_grace, 600),
    ...workOf(yaml),
    engine: engineOf(yaml.engine ?? {}),
    sandbox: sandboxOf(yaml.sandbox ?? {}),
    ...(yaml.accounts ? { accounts: accountsOf(yaml.accounts) } : {}),
    ...(yaml.databases ? { databases: databaseRulesOf(yaml.databases) } : {}),
    ...(yaml.credentials ? { credentials: credentialsOf(yaml.credentials) } : {}),
    ...(yaml.access || yaml.oidc ? { access: accessOf(yaml) } : {}),
    ...(yaml.plan_gate ? { planGate: planGateOf(yaml.plan_gate) } : {}),
    ...(yaml.resource_context
      ? {
          resourceContext: {
            ...commandOf(yaml.resource_context),
            keepSeconds: seconds(yaml.resource_context.keep, 60),
          },
        }
      : {}),
    ...(yaml.application_health ? { applicationHealth: commandOf(yaml.application_health) } : {}),
    ...(yaml.freeze_calendar ? { calendar: calendarOf(yaml.freeze_calendar) } : {}),
    ...(yaml.recovery_limits ? { recoveryLimits: recoveryLimitsOf(yaml.recovery_limits) } : {}),
    ...(yaml.policies === undefined ? {} : { policies: policySettings(yaml.policies) }),
    alerts,
    ...(yaml.actors ? { actors: actorsOf(yaml.actors) } : {}),
    ...tracesOf(yaml),
    ...(yaml.alerts ? { alertRules: alertRulesOf(yaml.alerts) } : {}),
  };
};

const workOf = (yaml: ServerYaml): Pick<ServerConfig, "concurrency" | "polling" | "drift" | "git"> => ({
  concurrency: { runs: yaml.concurrency?.runs ?? 4, drift: yaml.concurrency?.drift ?? 2 },
  polling: {
    enabled: yaml.polling?.enabled ?? false,
    intervalSeconds: seconds(yaml.polling?.interval, 60),
  },
  drift: {
    schedule: yaml.drift?.schedule ?? "*/30 * * * *",
    jitterSeconds: seconds(yaml.drift?.jitter, 600),
    maxOpenPulls: yaml.drift?.max_open_pulls ?? 5,
    maxSharedProofs: yaml.drift?.max_shared_proofs ?? 20,
  },
  git: {
    submodules: yaml.git?.submodules ?? false,
    lfs: yaml.git?.lfs ?? false,
    maxBytes: yaml.git?.max_bytes ?? 20 * 1024 ** 3,
  },
});

const retentionOf = (given: NonNullable<ServerYaml["retention"]>): Retention => {
  const kept = DEFAULT_RETENTION;
  const of = (text: string | undefined, otherwise: number): number =>
    (text === undefined ? undefined : parseDuration(text)) ?? otherwise;
  return {
    logsMs: of(given.logs, kept.logsMs),
    plansMs: of(given.plans, kept.plansMs),
    evidenceMs: (given.evidence === undefined ? undefined : parseDuration(given.evidence)) ?? kept.evidenceMs,
    deliveriesMs: of(given.deliveries, kept.deliveriesMs),
    runsMs: of(given.runs, kept.runsMs),
    findingsMs: of(given.findings, kept.findingsMs),
  };
};

const s3Of = (s3: NonNullable<ServerYaml["s3"]>): NonNullable<ServerConfig["s3"]> => ({
  endpoint: s3.endpoint ?? null,
  region: s3.region ?? null,
  pathStyle: s3.path_style ?? s3.endpoint !== undefined,
  sse: s3.sse ?? (s3.kms_key === undefined ? null : "aws:kms"),
  kmsKey: s3.kms_key ?? null,
});

const commandOf = ({
  command,
  env,
  timeout,
}: NonNullable<ServerYaml["application_health"]>): OperatorCommand => ({
  command,
  env: env ?? [],
  timeoutSeconds: seconds(timeout, 30),
});

const engineOf = (engine: NonNullable<ServerYaml["engine"]>): ServerConfig["engine"] => ({
  path: engine.path ?? null,
  timeoutSeconds: seconds(engine.timeout, 3600),
  env: engine.env ?? [],
  planEnv: engine.plan_env ?? {},
  applyEnv: engine.apply_env ?? {},
  cliConfig: engine.cli_config ?? null,
  ...(engine.sha256 ? { sha256: lowered(engine.sha256) } : {}),
});

const lowered = (sums: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum.toLowerCase()]));

const forgeOf = (forge: NonNullable<ServerYaml["forge"]>): ForgeConfig => {
  const apiUrl = forge.api_url?.replace(/\/+$/, "");
  const limit = forge.points_per_minute === undefined ? {} : { pointsPerMinute: forge.points_per_minute };
  if (forge.type === "gitea")
    return { type: "gitea", apiUrl: apiUrl ?? "", token: forge.token ?? "", ...limit };
  const auth = forge.app_id
    ? {
        type: "app" as const,
        appId: forge.app_id,
        // An environment variable often holds the key's line breaks as \n.
        privateKey: (forge.private_key ?? "").replaceAll("\\n", "\n"),
        installationId: forge.installation_id ?? null,
      }
    : { type: "token" as const, token: forge.token ?? "" };
  return { type: "github", apiUrl: apiUrl ?? "https://api.github.com", auth, ...limit };
};
