import type { ChangeClass } from "../model/change-class.ts";
import type { OperatingMode, Requirement } from "../model/config.ts";
import type { InspectedChange, PlanDigest } from "../model/plan.ts";
import type { PullRef } from "../model/pull.ts";
import type { FreezeFacts } from "./freeze.ts";
import type { StatefulFacts } from "./stateful-facts.ts";

export interface Place {
  readonly address: string;
  /** Traversal text, `""` for the whole resource. */
  readonly path: string;
}

/** What a person said, still in force for this head. */
export interface GateApproval {
  readonly kind: "approve" | "revert-drift" | "policy" | "apply-request" | "override-freeze";
  readonly by: string;
  readonly digest: string | null;
  readonly paths: readonly Place[];
}

export interface PolicyDenial {
  readonly policy: string;
  readonly message: string;
  /** Of those who approved, the ones who own the policy; everybody's word counts where left out. */
  readonly owners?: readonly string[];
  /** How many owners it takes; 1 where left out. */
  readonly needs?: number;
}

/** Everything that the apply gate must know, gathered at the last moment before the apply. */
export interface ApplyFacts {
  readonly intent: "merge" | "comment" | "revert";
  readonly mode: OperatingMode;
  readonly frozen: { readonly why: string } | null;
  /** Another pull request that holds the workspace's lock; null: nobody, or this one. */
  readonly lockHolder: PullRef | null;
  /** The plan that people looked at; null where there was none. */
  readonly reviewed: PlanDigest | null;
  /** The plan made just now. */
  readonly fresh: PlanDigest;
  /** What differs between the two, in words that name addresses and paths. */
  readonly changedPaths: readonly string[];
  readonly approvals: readonly GateApproval[];
  readonly class: ChangeClass;
  /** Changes that destroy something stateful, or of which nobody knows what they do. */
  readonly destructive: readonly InspectedChange[];
  readonly errored: boolean;
  /** Places of open findings that this plan would undo. */
  readonly overriddenDrift: readonly Place[];
  /** What policies deny about this plan; left out where none were asked. */
  readonly policyDenied?: readonly PolicyDenial[];
  /** What a revert would write beyond the drift that it undoes. */
  readonly beyondDrift?: readonly Place[];
  /** What a `revert` command may undo; all of it where left out. */
  readonly revertDriftAllowed?: readonly Place[] | "all";
  readonly requirements: readonly Requirement[];
  readonly approved: boolean;
  /** Null: the forge has not told yet. */
  readonly mergeable: boolean | null;
  readonly undiverged: boolean;
  /** False where the configuration applies only merges into another branch. */
  readonly baseBranchAllowed?: boolean;
  /** What is done to durable state and by whose leave; left out where there is no pull request. */
  readonly stateful?: StatefulFacts;
  readonly freeze?: FreezeFacts;
  /** The word that commands begin with, `plumbline` where left out. */
  readonly trigger?: string;
}

export const hasApprovedFresh = (facts: ApplyFacts): boolean =>
  facts.approvals.some((one) => one.kind === "approve" && one.digest === facts.fresh.digest);

export const triggerOf = (facts: ApplyFacts): string => facts.trigger ?? "plumbline";

/** A digest short enough to type; `approve` takes it by prefix. */
export const shortDigest = (digest: string): string => digest.replace(/^pd1:/, "").slice(0, 12);
