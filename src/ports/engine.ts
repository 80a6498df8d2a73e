export type EngineDistribution = "terraform" | "tofu";

export interface EngineVersion {
  readonly distribution: EngineDistribution;
  readonly version: string;
}

/** Where and as whom the engine runs. Paths are absolute. */
export interface EngineCall {
  /** The root module's folder inside a checkout. */
  readonly dir: string;
  /** `TF_DATA_DIR`: outside the checkout, one per workspace. */
  readonly dataDir: string;
  /** Engine workspace, selected by `TF_WORKSPACE`; created by `init` where missing. */
  readonly workspace: string;
  /** Then `init` fails where the workspace is missing: who only looks makes none. */
  readonly workspaceMustExist?: boolean;
  /** Folder of the checkout or copy that `dir` lies in: all of the repository that a sandbox shows. `dir` where left out. */
  readonly tree?: string;
  /** Further folders that the engine reads, such as modules fetched elsewhere. */
  readonly reads?: readonly string[];
  /** Asked before every process, since credentials run out; laid over `env`. Values are learnt by the redactor. */
  readonly credentials?: () => Promise<LentVariables>;
  /** Added to the allow-listed environment: provider credentials, TF_VAR_*. Values are learnt by the redactor. */
  readonly env: Readonly<Record<string, string>>;
  /** Aborts the process: interrupt, then after the grace time kill. Never given to an apply. */
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** Each line of stdout and stderr as it comes, redacted. */
  readonly onLine?: (line: string) => void;
}

/** Variables of one phase of a run, and the private folders of the files that they name. */
export interface LentVariables {
  readonly env: Readonly<Record<string, string>>;
  readonly folders: readonly string[];
}

/** One shape for success and failure of an engine process. */
export interface EngineResult {
  readonly failed: boolean;
  readonly exitCode: number | null;
  readonly timedOut: boolean;
  readonly aborted: boolean;
  /** Whole text of stdout and stderr in order of arrival, redacted. */
  readonly log: string;
  /** The engine's own error diagnostics as text, redacted; empty on success. */
  readonly diagnostics: string;
  readonly shortMessage: string;
  readonly durationMs: number;
}

export interface ApplyResult extends EngineResult {
  /** Absolute path of `errored.tfstate`, where the engine could not save the new state; null otherwise. */
  readonly erroredState: string | null;
}

export interface PlanOptions {
  /** Absolute path of the plan file to write (0600). */
  readonly out: string;
  readonly varFiles?: readonly string[];
  readonly destroy?: boolean;
  readonly refreshOnly?: boolean;
  /** `-refresh=false`. */
  readonly skipRefresh?: boolean;
  /** Absolute path of a file that is not there: gets the blocks for those `import` blocks that lack one. */
  readonly generateConfigOut?: string;
  /** False for drift plans: they disturb nobody. */
  readonly lock: boolean;
  readonly parallelism?: number;
  /** Allow-listed flags from a comment, as separate arguments. */
  readonly extraArgs?: readonly string[];
}

/**
 * Terraform or OpenTofu through their command line, by argument vector. A failing engine is a result, not an
 * exception; exceptions are for what keeps the engine from running at all (`engine-missing`).
 */
export interface Engine {
  readonly version: EngineVersion;
  /** Providers are installed single-flight into a shared mirror; the checkout's `.terraform/` is never touched. */
  init(
    call: EngineCall,
    options?: {
      readonly backendConfig?: readonly string[];
      readonly lockfileReadonly?: boolean;
      /** `-reconfigure`: whatever backend was remembered does not count. */
      readonly reconfigure?: boolean;
    },
  ): Promise<EngineResult>;
  plan(call: EngineCall, options: PlanOptions): Promise<EngineResult>;
  /** `show -json` of a plan file: the JSON text as written, unredacted; never log it. */
  show(call: EngineCall, planFile: string): Promise<EngineResult & { readonly json: string }>;
  /**
   * Started at most once by the caller; runs to its end whatever happens around it: own process group, `signal`
   * and `timeoutMs` of the call unheeded. `interrupt` asks the engine once to stop gracefully, nothing more. What it
   * wrote, and what tells that it ran, stays in the data folder until `LocalFiles.forgetApply`.
   */
  apply(
    call: EngineCall,
    planFile: string,
    options?: {
      readonly interrupt?: AbortSignal;
      /** Those of the plan: OpenTofu compares them again, Terraform takes none with a saved plan. */
      readonly varFiles?: readonly string[];
    },
  ): Promise<ApplyResult>;
  /** Lineage, serial and format of the recorded state; null where there is none yet. Throws `engine-failed` where it cannot be read. */
  stateVersion(
    call: EngineCall,
  ): Promise<{ readonly lineage: string; readonly serial: number; readonly format: number | null } | null>;
  /** The recorded state as the backend gives it, unredacted: never log it. Null where there is none. Throws as `stateVersion`. */
  recordedState(call: EngineCall): Promise<string | null>;
  /** `show -json` of the recorded state: the JSON text as written, unredacted; never log it. */
  showState(call: EngineCall): Promise<EngineResult & { readonly json: string }>;
  /** `providers schema -json` of an initialised folder: the JSON text as written. */
  providersSchema(call: EngineCall): Promise<EngineResult & { readonly json: string }>;
  /** Those of the files (absolute) that the engine's own formatter would write otherwise; broken ones too. */
  unformatted(call: EngineCall, files: readonly string[]): Promise<readonly string[]>;
  /** Formats the files in place. */
  format(call: EngineCall, files: readonly string[]): Promise<EngineResult>;
  statePush(call: EngineCall, file: string): Promise<EngineResult>;
  forceUnlock(call: EngineCall, lockId: string): Promise<EngineResult>;
}

/** Chooses and caches engines: by `terraform_version` / `terraform_distribution` of a workspace. */
export interface Engines {
  pick(wish: { readonly distribution?: EngineDistribution; readonly version?: string }): Promise<Engine>;
}
