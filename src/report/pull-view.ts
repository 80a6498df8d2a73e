import type { ChangeClass } from "../model/change-class.ts";
import type { ApplyMode, OperatingMode } from "../model/config.ts";
import type { GateReason } from "../model/decision.ts";
import type { Finding } from "../model/finding.ts";
import type { PlanSummary } from "../model/plan.ts";
import type { PolicyTestReport } from "../model/policy.ts";
import type { PullRef } from "../model/pull.ts";
import type { WorkspaceKind } from "../model/workspace.ts";
import type { CompatibilityFacts } from "./compatibility.ts";

export type WorkspaceState =
  | "queued"
  | "planning"
  | "planned"
  | "no-changes"
  | "plan-failed"
  | "superseded"
  | "cancelled"
  | "apply-queued"
  | "applying"
  | "applied"
  /** A drift pull request that holds some of the drift: nothing is applied, the rest stays open. */
  | "formalized"
  | "apply-failed"
  | "apply-denied"
  /** A worker died while it applied: nobody knows yet what was done. */
  | "unknown";

/** Everything that the comment and the statuses of a pull request tell; no times, so that equal facts are equal text. */
export interface PullView {
  readonly pull: PullRef;
  readonly headSha: string;
  readonly state: "open" | "merged" | "closed";
  readonly mode: OperatingMode;
  /** False: its base is not the deploy branch, so it is planned and never applied. */
  readonly deployBranch: boolean;
  /** What keeps Plumbline from its work: conflicts, configuration problems. */
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
  readonly workspaces: readonly WorkspaceView[];
  /** Left out, or null, where nothing durable is at stake. */
  readonly stateful?: StatefulView | null;
  /** Unit tests of policy folders that the pull request changes. */
  readonly policyTests?: readonly PolicyTestReport[];
  /** The word that commands begin with. */
  readonly trigger: string;
  /** True: what this pull request brings ran with nothing between it and the service's machine. */
  readonly unconfined?: boolean;
  /** Phases that are told by statuses alone while all is well. */
  readonly silent?: readonly ("plan" | "apply")[];
  /** The page of this pull request; null where none can be reached. */
  readonly url: string | null;
}

/** What a pull request does to durable state, what its author says of it, and what still stands in its way. */
export interface StatefulView {
  /** What counts: the worse of what was found and what is said. */
  readonly class: ChangeClass;
  readonly found: ChangeClass;
  readonly claimed: ChangeClass | null;
  /** `pull request`, or paths of metadata files. */
  readonly sources: readonly string[];
  /** In the plans and in files beside them, worst first. */
  readonly findings: readonly {
    readonly place: string;
    readonly class: ChangeClass;
    readonly message: string;
    readonly wayOut: string;
  }[];
  readonly approvals: readonly { readonly role: string; readonly by: string | null }[];
  readonly missing: readonly GateReason[];
  /** What stops nothing and should be known. */
  readonly warnings?: readonly string[];
  /** Where the author says which application works on which schema. */
  readonly compatibility?: CompatibilityFacts;
}

/** What a rule said; `set` where several sets are asked. */
export interface ToldPolicy {
  readonly set?: string;
  readonly policy: string;
  readonly message: string;
}

export interface WorkspaceView {
  /** `dir`, with name and project where they tell it apart. */
  readonly title: string;
  /** Flags that name it in a command: `-d envs/prod -w staging`. */
  readonly selector: string;
  readonly state: WorkspaceState;
  /** Terraform where left out. */
  readonly kind?: WorkspaceKind;
  readonly apply: ApplyMode;
  readonly summary: PlanSummary | null;
  readonly digest: string | null;
  /** The plan destroys the whole workspace, since its folder leaves the code. */
  readonly destroy: boolean;
  /** Titles of workspaces that must be applied before; until then this plan is a preview. */
  readonly provisionalOn: readonly string[];
  /** Set while another pull request holds the lock; position 1 is next. */
  readonly lock: { readonly holder: PullRef; readonly position: number } | null;
  /** Open findings of the workspace that the plan leaves alone. */
  readonly driftOnTheWay: readonly Finding[];
  /** Of a drift pull request: open findings that its code settles. */
  readonly formalizedHere?: readonly Finding[];
  /** Of a drift pull request that holds some of the drift: the rest, which stays open. */
  readonly staysOpen?: readonly Finding[];
  /** Open findings that applying would undo, and since when each is known. */
  readonly overriddenDrift: readonly (Finding & { readonly since?: string })[];
  /** Where they can be kept: the drift pull request that is open, and who answers for the workspace. */
  readonly keptBy?: { readonly pull: number | null; readonly owners: readonly string[] };
  readonly error: {
    readonly message: string;
    readonly hint?: string;
    readonly diagnostics?: string;
  } | null;
  readonly denied: readonly GateReason[] | null;
  /** What the policies say of the plan; left out where none were asked. */
  readonly policies?: {
    readonly denied: readonly (ToldPolicy & {
      readonly owners?: readonly string[];
      readonly needs?: number;
    })[];
    readonly warned: readonly ToldPolicy[];
    readonly dryRun?: readonly ToldPolicy[];
    /** Denied, and approved by enough owners. */
    readonly approved?: readonly ToldPolicy[];
    readonly excepted?: readonly (ToldPolicy & {
      readonly owner: string;
      readonly reason: string;
      readonly until: string;
    })[];
  };
  /** What the verifying plan said; `remaining` names what is left. */
  readonly applied: { readonly verified: boolean; readonly remaining: readonly string[] } | null;
  /** The run's log, redacted; shown folded and cut from its start. */
  readonly log: string | null;
  readonly logUrl: string | null;
}
