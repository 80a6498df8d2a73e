import type { Json } from "./json.ts";
import type { PullRef } from "./pull.ts";

export type RunKind = "plan" | "apply" | "drift" | "audit" | "codify" | "migrate" | "state";

/**
 * `apply-started` is written before the engine starts; a worker that dies after it leaves `unknown`, which is
 * never retried by itself (design, decision 8).
 */
export type RunState =
  | "queued"
  | "running"
  | "apply-started"
  | "verifying"
  | "succeeded"
  | "failed"
  | "unknown"
  | "interrupted"
  | "superseded"
  | "cancelled";

const NEXT: { readonly [state in RunState]: readonly RunState[] } = {
  queued: ["running", "superseded", "cancelled", "failed"],
  running: ["apply-started", "verifying", "succeeded", "failed", "interrupted", "superseded", "cancelled"],
  "apply-started": ["verifying", "succeeded", "failed", "unknown", "interrupted"],
  verifying: ["succeeded", "failed", "unknown", "interrupted"],
  unknown: ["verifying", "succeeded", "failed"],
  interrupted: ["verifying", "failed"],
  succeeded: [],
  failed: [],
  superseded: [],
  cancelled: [],
};

/** Holder of the lease of a run whose replica a person has declared dead, or that was restored: whoever is there looks. */
export const NO_REPLICA = "confirmed-dead";

/** Reason of the signal of a run that a person cancelled. */
export const CANCELLED = "cancelled";

/** The engine may have been started: what it did is known by looking only. */
export const IN_DOUBT: readonly RunState[] = ["apply-started", "verifying", "unknown"];
export const isInDoubt = (state: RunState): boolean => IN_DOUBT.includes(state);

export const canBecome = (from: RunState, to: RunState): boolean => NEXT[from].includes(to);
export const isSettled = (state: RunState): boolean =>
  NEXT[state].length === 0 || state === "unknown" || state === "interrupted";

export interface Run {
  /** Sortable, unique: `run_` + time-ordered id. */
  readonly id: string;
  readonly workspace: string;
  readonly kind: RunKind;
  readonly state: RunState;
  /** Fencing token of the lease that it runs under; each transition compares it. 0 while queued. */
  readonly token: number;
  readonly pull: PullRef | null;
  readonly head: string | null;
  readonly base: string | null;
  /** Commit that was really checked out: the merge of head into base, or the merge commit. */
  readonly commit: string | null;
  readonly trigger: string;
  readonly requestedBy: string;
  readonly error: RunError | null;
  /** Kind-specific result, redacted; see the pipelines in run/. */
  readonly result: Json;
  readonly logArtifact: string | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  /** What came from outside and led to it; null where nothing did, or it is of an older version. */
  readonly request?: string | null;
}

export interface RunError {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

export interface RunStep {
  readonly run: string;
  readonly name: string;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly ok: boolean | null;
}
