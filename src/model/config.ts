import type { AccessConfig } from "./access.ts";
import type { AlertChannel, AlertRules } from "./alert.ts";
import type { ChangeClass } from "./change-class.ts";
import type { DatabaseConfig, DatabaseRule } from "./database.ts";
import type { FreezePeriod, Governance, RecoveryLimits } from "./governance.ts";
import type { AccountLimit, CredentialRule, SandboxConfig } from "./isolation.ts";
import type { Json } from "./json.ts";
import type { PlanGatePolicy } from "./plan-gate.ts";
import type { PolicyException, PolicySettings } from "./policy.ts";
import type { WorkspaceKind } from "./workspace.ts";

/** One thing wrong with a configuration: where and how to mend it. */
export interface ConfigProblem {
  /** `workspaces[2].apply`, or `line 4, column 7` where the YAML itself is broken. */
  readonly path: string;
  readonly message: string;
}

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

export type ApplyMode = "on_merge" | "on_comment";
export type LockMode = "on_plan" | "on_apply" | "disabled";
export type OperatingMode = "enforce" | "comment" | "observe";
export type Requirement = "approved" | "mergeable" | "undiverged";

/** One workspace as configured or discovered, every default filled in. */
export interface WorkspaceConfig {
  /** From the repository's root, cleaned; a glob until `mergeRepoConfig` has seen the files. */
  readonly dir: string;
  readonly name: string;
  readonly project: string | null;
  /** True where no file of the repository names it. */
  readonly discovered?: true;
  readonly kind: WorkspaceKind;
  readonly engine: {
    readonly distribution?: "terraform" | "tofu";
    readonly version?: string;
    readonly timeoutSeconds?: number;
  };
  /** Relative to `dir`, in the order in which the engine gets them. */
  readonly varFiles: readonly string[];
  /** dockerignore-style patterns relative to `dir`. */
  readonly whenModified: readonly string[];
  readonly autoplan: boolean;
  readonly apply: ApplyMode;
  readonly lock: LockMode;
  /** Five cron fields in UTC or an interval such as `6h`, null for the server's default; `off` disables drift. */
  readonly schedule: string | null | "off";
  readonly drift: DriftConfig;
  /** Names (project name, else `dir#name`) of workspaces that must be applied before. */
  readonly dependsOn: readonly string[];
  readonly executionOrderGroup: number;
  readonly planRequirements: readonly Requirement[];
  readonly applyRequirements: readonly Requirement[];
  readonly owners: readonly string[];
  /** Digest paths left out by configuration: `address:path`, never paths of the stateful catalogue. */
  readonly digestIgnore: readonly string[];
  /** Of kind `postgres-migrations` alone; left out where nobody said which database is meant. */
  readonly database?: DatabaseConfig;
  /** Only these base branches may apply (Atlantis's `branch`), as a regular expression source; null: the deploy branch. */
  readonly branch: string | null;
}

export interface DriftConfig {
  readonly ignore: readonly DriftIgnore[];
}

export interface DriftIgnore {
  /** `address.path` with `*` for one step; an address alone covers the whole resource. */
  readonly target: string;
  readonly until: Date | null;
  readonly reason: string;
}

/** What a repository says about a resource type, over the catalogue. Counts only from the protected branch. */
export interface StatefulOverride {
  readonly type: string;
  readonly stateful: boolean | null;
  /** Class of a delete or replace. */
  readonly destroy: ChangeClass | null;
  /** Class of single rules of the type, or that they are silent. */
  readonly rules?: Readonly<Record<string, ChangeClass | "off">>;
  readonly reason: string;
}

/** What a repository says of each of its pull requests as a whole. */
export interface PullRules {
  /** Plumbline merges once every workspace is applied by comment. */
  readonly automerge: boolean;
  /** False: one after another. */
  readonly parallelPlan: boolean;
  readonly parallelApply: boolean;
  /** After a merge of Plumbline's own. */
  readonly deleteSourceBranchOnMerge: boolean;
  /** Phases that are told by statuses alone while all is well. */
  readonly silencePrComments: readonly ("plan" | "apply")[];
}

/** `plumbline.yaml` or `atlantis.yaml`, normalized. */
export interface RepoConfig extends PullRules {
  readonly source: "plumbline.yaml" | "atlantis.yaml" | "defaults";
  readonly workspaces: readonly WorkspaceConfig[];
  readonly autodiscover: { readonly enabled: boolean; readonly ignorePaths: readonly string[] };
  readonly stateful?: readonly StatefulOverride[];
  /** What holds by default where left out. */
  readonly governance?: Governance;
  /** For policy sets that take exceptions from repositories; `workspace` is DIR or DIR#NAME. */
  readonly policyExceptions?: readonly (PolicyException & { readonly set: string })[];
  /** Files that say what resources hold, and which data is sensitive. */
  readonly resourceContext?: { readonly files: readonly string[]; readonly sensitive: readonly string[] };
  /** What discovered workspaces are made of; the built-in defaults where left out. */
  readonly defaults?: WorkspaceDefaults;
  /** Keys that were read and do nothing here, to be said once in the comment. */
  readonly warnings: readonly ConfigProblem[];
}

/** A workspace without a place. */
export type WorkspaceDefaults = Omit<WorkspaceConfig, "dir" | "name" | "project" | "discovered">;

/** A command of the operator's: its argument vector, and which variables of the service it may see. */
export interface OperatorCommand {
  readonly command: readonly string[];
  readonly env: readonly string[];
  readonly timeoutSeconds: number;
}

/** The service's own configuration: one YAML file with `PLUMBLINE_*` over it. */
export interface ServerConfig {
  readonly dataDir: string;
  readonly listen: { readonly host: string; readonly port: number };
  /** How the outside reaches us, for links; null: links are left out. */
  readonly publicUrl: string | null;
  readonly databaseUrl: string | null;
  /** A folder, or `s3://BUCKET/PREFIX`. */
  readonly artifacts: string;
  readonly s3?: S3Settings;
  /** `DEFAULT_RETENTION` where left out. */
  readonly retention?: Retention;
  /** `owner/repo`, `owner/*`; nothing else is ever touched. */
  readonly repoAllowlist: readonly string[];
  readonly forge: ForgeConfig;
  readonly webhookSecrets: readonly string[];
  /** HMAC and encryption key of this instance: 32 bytes, hex or base64; the first encrypts, all decrypt. */
  readonly keys: readonly Uint8Array[];
  readonly triggerWords: readonly string[];
  readonly concurrency: { readonly runs: number; readonly drift: number };
  readonly mode: OperatingMode;
  readonly polling: { readonly enabled: boolean; readonly intervalSeconds: number };
  readonly drift: {
    readonly schedule: string;
    readonly jitterSeconds: number;
    readonly maxOpenPulls: number;
    /** Other workspaces that one look plans, where they read what it edits. */
    readonly maxSharedProofs: number;
  };
  readonly forks: boolean;
  readonly drafts: boolean;
  readonly commandPermission: "read" | "triage" | "write" | "maintain" | "admin";
  readonly engine: {
    readonly path: string | null;
    readonly timeoutSeconds: number;
    readonly env: readonly string[];
    readonly planEnv: Readonly<Record<string, string>>;
    readonly applyEnv: Readonly<Record<string, string>>;
    readonly cliConfig: string | null;
    /** SHA-256 by `terraform-1.11.4`; nothing else is started where some are given. */
    readonly sha256?: Readonly<Record<string, string>>;
  };
  /** Off where left out. */
  readonly sandbox?: SandboxConfig;
  /** No limit where left out. */
  readonly accounts?: readonly AccountLimit[];
  /** Over `engine.planEnv` and `engine.applyEnv`. */
  readonly credentials?: readonly CredentialRule[];
  /** Where connection URLs are held; no workspace has a database where left out. */
  readonly databases?: readonly DatabaseRule[];
  /** The operator's command that says what resources hold; none where left out. */
  readonly resourceContext?: OperatorCommand & {
    /** How long an answer counts for the same question. */
    readonly keepSeconds: number;
  };
  /** The operator's command that says how an application fares after an apply; none where left out. */
  readonly applicationHealth?: OperatorCommand;
  /** Times in which nothing is applied, for every repository. */
  readonly calendar?: readonly FreezePeriod[];
  /** By class: what a proof of backup must keep. */
  readonly recoveryLimits?: Readonly<Record<string, RecoveryLimits>>;
  /** Left out: nothing is judged by policies. */
  readonly policies?: PolicySettings;
  /** Who may use the service over HTTP; nobody but the forge where left out. */
  readonly access?: AccessConfig;
  /** What a head may bring without being asked for; the defaults of the model where left out. */
  readonly planGate?: PlanGatePolicy;
  readonly git: { readonly submodules: boolean; readonly lfs: boolean; readonly maxBytes: number };
  readonly alerts: readonly AlertChannel[];
  /** `ALERT_RULES` where left out. */
  readonly alertRules?: AlertRules;
  /** Audit logs that say who changed something; none where left out. */
  readonly actors?: ActorLogs;
  /** An OTLP/HTTP collector; no traces where left out. */
  readonly traces?: { readonly endpoint: string; readonly headers: Readonly<Record<string, string>> };
  readonly shutdownGraceSeconds: number;
  readonly logLevel: "debug" | "info" | "warn" | "error";
  /** Each setting in force and where it comes from, as people may see it: secrets are not in it. */
  readonly settings?: readonly Setting[];
}

/** Principals are parts of names: what Plumbline itself does is no news. */
export interface ActorLogs {
  readonly cloudTrail?: {
    readonly region: string | null;
    readonly endpoint: string | null;
    readonly ownPrincipals: readonly string[];
  };
  readonly google?: AskedLog & { readonly projects: readonly string[] };
  readonly azure?: AskedLog;
  /** JSON lines of a cloud that has no audit API. */
  readonly file?: { readonly path: string; readonly ownPrincipals: readonly string[] };
}

interface AskedLog {
  readonly endpoint: string;
  /** Prints a bearer token; null: the machine's own identity. */
  readonly token: OperatorCommand | null;
  readonly ownPrincipals: readonly string[];
}

/** `key` as in the server's file, `drift.schedule`. `from`: the variable that set it. */
export interface Setting {
  readonly key: string;
  readonly value: Json;
  readonly source: "default" | "file" | "variable";
  readonly from: string | null;
}

/** How long things are kept, in milliseconds, from when they were written or ended. */
export interface Retention {
  readonly logsMs: number;
  /** Plan files and what was proven with them. */
  readonly plansMs: number;
  /** Null: for ever. */
  readonly evidenceMs: number | null;
  readonly deliveriesMs: number;
  readonly runsMs: number;
  readonly findingsMs: number;
}

const DAY_MS = 24 * 3_600_000;
export const DEFAULT_RETENTION: Retention = {
  logsMs: 90 * DAY_MS,
  plansMs: 30 * DAY_MS,
  evidenceMs: null,
  deliveriesMs: 7 * DAY_MS,
  runsMs: 365 * DAY_MS,
  findingsMs: 365 * DAY_MS,
};

/** How a bucket is reached and what it does with objects; null where the store's own default holds. */
export interface S3Settings {
  readonly endpoint: string | null;
  readonly region: string | null;
  /** `https://host/bucket/key` instead of `https://bucket.host/key`. */
  readonly pathStyle: boolean;
  readonly sse: "AES256" | "aws:kms" | null;
  readonly kmsKey: string | null;
}

export type ForgeConfig = ForgeLimit &
  (
    | {
        readonly type: "github";
        readonly apiUrl: string;
        readonly auth:
          | { readonly type: "token"; readonly token: string }
          | {
              readonly type: "app";
              readonly appId: string;
              readonly privateKey: string;
              readonly installationId: number | null;
            };
      }
    | { readonly type: "gitea"; readonly apiUrl: string; readonly token: string }
  );

interface ForgeLimit {
  /** What all replicas together may ask in a minute: a point for a question, five for what writes. By itself where left out. */
  readonly pointsPerMinute?: number;
}
