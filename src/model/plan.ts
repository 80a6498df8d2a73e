import type { ChangeClass } from "./change-class.ts";
import type { Json, JsonObject } from "./json.ts";
import type { MigrationSummary } from "./migration.ts";
import type { Path } from "./path.ts";
import type { ContextEntry } from "./resource-context.ts";

/** The engine's plan JSON after reading: the parts that Plumbline uses, numbers exact, absent parts empty. */
export interface Plan {
  readonly formatVersion: string;
  readonly engineVersion: string | null;
  readonly errored: boolean;
  /** Absent in OpenTofu and older Terraform: null, which is not false. */
  readonly applyable: boolean | null;
  readonly complete: boolean | null;
  readonly changes: readonly ResourceChange[];
  readonly drift: readonly ResourceChange[];
  readonly outputs: readonly OutputChange[];
  readonly variables: Readonly<Record<string, Json>>;
  /** Names of variables that the configuration declares sensitive. */
  readonly sensitiveVariables: readonly string[];
  /** `configuration`, verbatim: provider sources, module calls, provisioners. */
  readonly configuration: JsonObject | null;
  readonly priorState: JsonObject | null;
  /** When the plan was made, as the engine wrote it (RFC 3339): what `plantimestamp()` returned. */
  readonly timestamp?: string | null;
}

export interface ResourceChange {
  readonly address: string;
  readonly previousAddress: string | null;
  readonly deposed: string | null;
  readonly mode: string;
  readonly type: string;
  readonly name: string;
  readonly index: string | number | null;
  readonly module: string | null;
  readonly provider: string;
  readonly actions: readonly string[];
  readonly action: PlannedAction;
  readonly actionReason: string | null;
  readonly importing: Json | null;
  readonly before: Json;
  readonly after: Json;
  readonly afterUnknown: Json;
  readonly beforeSensitive: Json;
  readonly afterSensitive: Json;
  readonly replacePaths: readonly Path[];
  /** Expressions of its block as the plan's configuration has them; left out where nobody asked. */
  readonly written?: JsonObject;
}

export interface OutputChange {
  readonly name: string;
  readonly actions: readonly string[];
  readonly before: Json;
  readonly after: Json;
  readonly afterUnknown: Json;
  readonly beforeSensitive: Json;
  readonly afterSensitive: Json;
}

/** `unknown` is an action pair that no engine is known to write: treated as destructive. */
export type PlannedAction =
  | "create"
  | "update"
  | "delete"
  | "replace"
  | "forget"
  | "read"
  | "no-op"
  | "move"
  | "import"
  | "unknown";

/** What `plumbline inspect --json` prints; field for field the contract in docs/commands.md. */
export interface Inspection {
  readonly formatVersion: string;
  /** Only where one file held several plans (Terragrunt): how many were read, one after another. */
  readonly documents?: number;
  readonly errored: boolean;
  readonly counts: Readonly<
    Record<
      "create" | "update" | "delete" | "replace" | "forget" | "read" | "noop" | "move" | "import" | "drift",
      number
    >
  >;
  readonly class: ChangeClass;
  readonly changes: readonly InspectedChange[];
  readonly drift: readonly {
    readonly address: string;
    readonly type: string;
    readonly action: string;
    readonly paths: readonly string[];
  }[];
  readonly revertsDrift: readonly RevertedPath[];
}

export interface InspectedChange {
  readonly address: string;
  readonly deposed?: string;
  readonly type: string;
  readonly provider: string;
  readonly actions: readonly string[];
  readonly action: PlannedAction;
  readonly class: ChangeClass;
  readonly stateful: boolean;
  readonly destructive: boolean;
  readonly reasons: readonly RiskReason[];
}

export interface RevertedPath {
  readonly address: string;
  /** Leaf path; `""` for a vanished resource that the plan creates again. */
  readonly path: string;
  /** True where the plan writes the recorded value back. */
  readonly exact?: boolean;
}

export interface RiskReason {
  readonly rule: string;
  readonly message: string;
  readonly path?: string;
  /** What to do instead; absent where nothing is lost. */
  readonly wayOut?: string;
  /** True where the reverse change does not take it back. */
  readonly oneWay?: true;
  /** Of a migration: it takes an old shape away. */
  readonly phase?: "contract";
}

/** What a change does to durable state, judged by the stateful catalogue. */
export interface Risk {
  readonly class: ChangeClass;
  readonly stateful: boolean;
  readonly destructive: boolean;
  readonly reasons: readonly RiskReason[];
}

/** One row of the diff that people read: values already redacted and rendered short. */
export interface DiffRow {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly sensitive: boolean;
  readonly unknown: boolean;
  readonly forcesReplace: boolean;
}

/** A plan as reports and the ledger keep it: nothing in it is secret. */
export interface PlanSummary {
  readonly inspection: Inspection;
  readonly resources: readonly (InspectedChange & {
    readonly diff: readonly DiffRow[];
    readonly previousAddress?: string;
  })[];
  readonly outputs: readonly { readonly name: string; readonly action: string; readonly diff: DiffRow }[];
  /** Of SQL migrations alone: each is a resource of the plan, told by its path. */
  readonly migration?: MigrationSummary;
  /** What was known of the changed resources, as JSON keeps it. */
  readonly context?: readonly ContextEntry[];
}

/** The plan digest with the keyed hash of each part, so that a mismatch can name its paths. */
export interface PlanDigest {
  /** `pd1:` + hex HMAC-SHA-256. */
  readonly digest: string;
  /**
   * Part name -> keyed hash. Names: `engine`, `lock-file`, `inputs`, `flags`, `provisioners`, `variable:NAME`,
   * `output:NAME`, or JSON of `[address, path]`, with the deposed key as a third item where there is one.
   */
  readonly parts: Readonly<Record<string, string>>;
}
