import type { ConfigProblem } from "../model/config.ts";
import { didYouMean, nearest } from "../model/similar.ts";

export type Variables = Readonly<Record<string, string | undefined>>;

/** A `list` is parted by commas or blanks, `lines` by line breaks alone: a secret may hold anything else. `pairs`: `name=value,name=value`, URL-encoded. */
type Kind = "text" | "number" | "switch" | "list" | "lines" | "pairs";

interface Variable {
  readonly at: readonly string[];
  readonly kind: Kind;
  /** Also read from the file that NAME_FILE names. */
  readonly secret?: true;
}

/** Every variable that stands over the server's file: `docs/config.md` has a row for each. */
export const SERVER_VARIABLES: Readonly<Record<string, Variable>> = {
  PLUMBLINE_DATA: { at: ["data_dir"], kind: "text" },
  PLUMBLINE_HOST: { at: ["listen", "host"], kind: "text" },
  PLUMBLINE_PORT: { at: ["listen", "port"], kind: "number" },
  PLUMBLINE_PUBLIC_URL: { at: ["public_url"], kind: "text" },
  PLUMBLINE_DATABASE_URL: { at: ["database_url"], kind: "text", secret: true },
  PLUMBLINE_ARTIFACTS: { at: ["artifacts"], kind: "text" },
  PLUMBLINE_S3_ENDPOINT: { at: ["s3", "endpoint"], kind: "text" },
  PLUMBLINE_S3_REGION: { at: ["s3", "region"], kind: "text" },
  PLUMBLINE_S3_PATH_STYLE: { at: ["s3", "path_style"], kind: "switch" },
  PLUMBLINE_S3_SSE: { at: ["s3", "sse"], kind: "text" },
  PLUMBLINE_S3_KMS_KEY: { at: ["s3", "kms_key"], kind: "text" },
  PLUMBLINE_REPO_ALLOWLIST: { at: ["repo_allowlist"], kind: "list" },
  PLUMBLINE_FORGE: { at: ["forge", "type"], kind: "text" },
  PLUMBLINE_FORGE_URL: { at: ["forge", "api_url"], kind: "text" },
  PLUMBLINE_FORGE_TOKEN: { at: ["forge", "token"], kind: "text", secret: true },
  PLUMBLINE_GITHUB_APP_ID: { at: ["forge", "app_id"], kind: "text" },
  PLUMBLINE_GITHUB_APP_KEY: { at: ["forge", "private_key"], kind: "text", secret: true },
  PLUMBLINE_GITHUB_INSTALLATION_ID: { at: ["forge", "installation_id"], kind: "number" },
  PLUMBLINE_FORGE_POINTS_PER_MINUTE: { at: ["forge", "points_per_minute"], kind: "number" },
  PLUMBLINE_WEBHOOK_SECRET: { at: ["webhook_secrets"], kind: "lines", secret: true },
  PLUMBLINE_ADMIN_TOKEN: { at: ["access", "admin_token"], kind: "text", secret: true },
  PLUMBLINE_OIDC_ISSUER: { at: ["oidc", "issuer"], kind: "text" },
  PLUMBLINE_OIDC_CLIENT_ID: { at: ["oidc", "client_id"], kind: "text" },
  PLUMBLINE_OIDC_CLIENT_SECRET: { at: ["oidc", "client_secret"], kind: "text", secret: true },
  PLUMBLINE_KEY: { at: ["keys"], kind: "list", secret: true },
  PLUMBLINE_TRIGGER_WORDS: { at: ["trigger_words"], kind: "list" },
  PLUMBLINE_CONCURRENCY: { at: ["concurrency", "runs"], kind: "number" },
  PLUMBLINE_DRIFT_CONCURRENCY: { at: ["concurrency", "drift"], kind: "number" },
  PLUMBLINE_MODE: { at: ["mode"], kind: "text" },
  PLUMBLINE_POLLING: { at: ["polling", "enabled"], kind: "switch" },
  PLUMBLINE_POLLING_INTERVAL: { at: ["polling", "interval"], kind: "text" },
  PLUMBLINE_DRIFT_SCHEDULE: { at: ["drift", "schedule"], kind: "text" },
  PLUMBLINE_DRIFT_JITTER: { at: ["drift", "jitter"], kind: "text" },
  PLUMBLINE_DRIFT_MAX_OPEN_PULLS: { at: ["drift", "max_open_pulls"], kind: "number" },
  PLUMBLINE_DRIFT_MAX_SHARED_PROOFS: { at: ["drift", "max_shared_proofs"], kind: "number" },
  PLUMBLINE_FORKS: { at: ["forks"], kind: "switch" },
  PLUMBLINE_DRAFTS: { at: ["drafts"], kind: "switch" },
  PLUMBLINE_COMMAND_PERMISSION: { at: ["command_permission"], kind: "text" },
  PLUMBLINE_ENGINE: { at: ["engine", "path"], kind: "text" },
  PLUMBLINE_ENGINE_TIMEOUT: { at: ["engine", "timeout"], kind: "text" },
  PLUMBLINE_ENGINE_ENV: { at: ["engine", "env"], kind: "list" },
  PLUMBLINE_ENGINE_CLI_CONFIG: { at: ["engine", "cli_config"], kind: "text" },
  PLUMBLINE_SANDBOX: { at: ["sandbox", "mode"], kind: "text" },
  PLUMBLINE_OPA: { at: ["policies", "opa"], kind: "text" },
  PLUMBLINE_GIT_SUBMODULES: { at: ["git", "submodules"], kind: "switch" },
  PLUMBLINE_GIT_LFS: { at: ["git", "lfs"], kind: "switch" },
  PLUMBLINE_GIT_MAX_BYTES: { at: ["git", "max_bytes"], kind: "number" },
  PLUMBLINE_SHUTDOWN_GRACE: { at: ["shutdown_grace"], kind: "text" },
  PLUMBLINE_LOG_LEVEL: { at: ["log_level"], kind: "text" },
  // Every program that OpenTelemetry watches reads these names.
  OTEL_EXPORTER_OTLP_ENDPOINT: { at: ["traces", "endpoint"], kind: "text" },
  OTEL_EXPORTER_OTLP_HEADERS: { at: ["traces", "headers"], kind: "pairs", secret: true },
};

/** One forge's names for the neutral ones. */
export const VARIABLE_ALIASES: Readonly<Record<string, string>> = {
  PLUMBLINE_GITHUB_TOKEN: "PLUMBLINE_FORGE_TOKEN",
  PLUMBLINE_GITHUB_URL: "PLUMBLINE_FORGE_URL",
  PLUMBLINE_GITEA_TOKEN: "PLUMBLINE_FORGE_TOKEN",
  PLUMBLINE_GITEA_URL: "PLUMBLINE_FORGE_URL",
};

/** Read elsewhere: where the server's file lies, a folder of engines. */
const OTHERS = ["PLUMBLINE_CONFIG", "PLUMBLINE_ENGINE_DIR"];

export interface FromVariables {
  /** Values by their place in the server's file: `forge.token`. */
  readonly values: ReadonlyMap<string, unknown>;
  /** Which variable set the place. */
  readonly names: ReadonlyMap<string, string>;
  readonly problems: readonly ConfigProblem[];
}

/**
 * What `PLUMBLINE_*` says, empty ones left out. A secret may lie in a file that NAME_FILE names; `readFile` gives its
 * text, `null` when it cannot be read. A variable that looks like a mistyped one is a problem; others are not ours.
 */
export const readVariables = (env: Variables, readFile: (path: string) => string | null): FromVariables => {
  const values = new Map<string, unknown>();
  const names = new Map<string, string>();
  const problems: ConfigProblem[] = mistyped(env);
  for (const given of [...Object.keys(SERVER_VARIABLES), ...Object.keys(VARIABLE_ALIASES)]) {
    const variable = SERVER_VARIABLES[VARIABLE_ALIASES[given] ?? given];
    if (!variable) continue;
    const text = textOf(given, variable, env, readFile);
    if (text === undefined) continue;
    if (text.problem) problems.push({ path: text.from, message: text.problem });
    if (text.value === undefined) continue;
    values.set(variable.at.join("."), readAs(variable.kind, text.value));
    names.set(variable.at.join("."), text.from);
  }
  // Who sets a Gitea variable means Gitea.
  const forge =
    values.get("forge.type") === undefined &&
    Object.keys(env).some((name) => env[name] && /^PLUMBLINE_GITEA_/.test(name));
  if (forge) values.set("forge.type", "gitea");
  return { values, names, problems };
};

interface Text {
  readonly value?: string;
  readonly from: string;
  readonly problem?: string;
}

const textOf = (
  name: string,
  { secret }: Variable,
  env: Variables,
  readFile: (path: string) => string | null,
): Text | undefined => {
  const value = env[name];
  const file = secret ? env[`${name}_FILE`] : undefined;
  if (value && file) return { value, from: name, problem: `Set ${name} or ${name}_FILE, not both.` };
  if (value) return { value, from: name };
  if (!file) return undefined;
  const from = `${name}_FILE`;
  const text = readFile(file);
  return text === null || text.trim() === ""
    ? { from, problem: `The file ${file} is empty or cannot be read.` }
    : // Editors and `echo` end a file with a line break that is no part of the secret.
      { value: text.replace(/\r?\n$/, ""), from };
};

const readAs = (kind: Kind, text: string): unknown => {
  if (kind === "number") return /^-?\d+$/.test(text.trim()) ? Number(text) : text;
  if (kind === "switch") return SWITCHES.get(text.trim().toLowerCase()) ?? text;
  if (kind === "text") return text;
  if (kind === "pairs") return pairsOf(text);
  const separator = kind === "list" ? /[,\s]+/ : /\r?\n/;
  return text
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== "");
};

/** A text that holds no pairs stays one: the schema says what is wanted. */
const pairsOf = (text: string): unknown => {
  const pairs = text.split(",").map((pair) => /^\s*([^=\s]+)\s*=(.*)$/s.exec(pair));
  try {
    return pairs.includes(null)
      ? text
      : Object.fromEntries(pairs.map((pair) => [pair?.[1], decodeURIComponent(pair?.[2]?.trim() ?? "")]));
  } catch {
    return text;
  }
};

const SWITCHES: ReadonlyMap<string, boolean> = new Map([
  ...["true", "yes", "on", "1"].map((word) => [word, true] as const),
  ...["false", "no", "off", "0"].map((word) => [word, false] as const),
]);

const mistyped = (env: Variables): ConfigProblem[] => {
  const plain = [...Object.keys(SERVER_VARIABLES), ...Object.keys(VARIABLE_ALIASES), ...OTHERS];
  const files = Object.entries(SERVER_VARIABLES).flatMap(([name, { secret }]) =>
    secret ? [`${name}_FILE`] : [],
  );
  const known = new Set([...plain, ...files, ...Object.keys(VARIABLE_ALIASES).map((name) => `${name}_FILE`)]);
  return Object.keys(env)
    .filter((name) => name.startsWith("PLUMBLINE_") && !known.has(name) && nearest(name, known) !== undefined)
    .map((name) => ({ path: name, message: `This variable is not known.${didYouMean(name, known)}` }));
};
