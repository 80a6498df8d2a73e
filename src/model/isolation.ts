/** How the runs of one workspace are kept from everything else: the operator's words. */

export interface SandboxConfig {
  /** `auto`: where this machine can; `required`: no start without. */
  readonly mode: "auto" | "required" | "off";
  /** Absolute paths that every run may read, or write, beside its own. */
  readonly read: readonly string[];
  readonly write: readonly string[];
  /** Hosts that runs may connect to by HTTPS; null: the network as it is. */
  readonly egress: readonly string[] | null;
}

/** How many runs may work in one cloud account at once, over all replicas; null: as many as there are. */
export interface AccountLimit {
  readonly name: string;
  /** Patterns of workspace keys in which `*` stands for anything. */
  readonly workspaces: readonly string[];
  /** Plans, looks for drift and state commands. */
  readonly plans: number | null;
  readonly applies: number | null;
}

export type CredentialPhase = "plan" | "apply";

/** Credentials of the workspaces that a pattern covers. The two phases have nothing in common. */
export interface CredentialRule {
  readonly workspaces: readonly string[];
  readonly plan: CredentialSettings | null;
  readonly apply: CredentialSettings | null;
}

export interface CredentialSettings {
  readonly env: Readonly<Record<string, string>>;
  /** Variables of the service that are handed on under their name. */
  readonly envFrom: readonly string[];
  /** Paths on this machine by the variable that shall name them: each run gets a private copy. */
  readonly files: Readonly<Record<string, string>>;
  /** Argument vector of a command that prints credentials as JSON; null for none. */
  readonly command: readonly string[] | null;
  /** Names of the service's variables that the command may see. */
  readonly commandEnv: readonly string[];
  readonly timeoutSeconds: number;
  readonly git: readonly GitCredential[];
}

/** For modules from private repositories. */
export interface GitCredential {
  /** `https://HOST/` or a path below it. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
}
