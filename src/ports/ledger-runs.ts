import type { Json } from "../model/json.ts";
import type { PullRef } from "../model/pull.ts";
import type { Run, RunKind, RunState, RunStep } from "../model/run.ts";

export interface NewRun {
  readonly id: string;
  readonly workspace: string;
  readonly kind: RunKind;
  readonly pull: PullRef | null;
  readonly head: string | null;
  readonly base: string | null;
  readonly trigger: string;
  readonly requestedBy: string;
  /** Kind-specific input (flags, destroy, dependsOn), kept in `result` until the run settles. */
  readonly input?: Json;
  readonly createdAt: Date;
}

export interface RunRows {
  create(run: NewRun): Promise<void>;
  get(id: string): Promise<Run | null>;
  list(filter: {
    readonly workspace?: string;
    readonly pull?: PullRef;
    readonly states?: readonly RunState[];
    readonly kind?: RunKind;
    readonly head?: string;
    readonly limit?: number;
  }): Promise<readonly Run[]>;
  /**
   * Compare-and-set: changes the state only from one of `from` and only under the same token (`queued` has token 0
   * and takes the given one). From `running` into `apply-started`, `succeeded` or `failed` only while that token's lease
   * holds the workspace. Returns false where the row is elsewhere by now, or the lease; nothing changes then.
   */
  transition(
    id: string,
    change: {
      readonly from: readonly RunState[];
      readonly to: RunState;
      readonly token: number;
      readonly at: Date;
      readonly commit?: string;
      readonly error?: Run["error"];
      readonly result?: Json;
      readonly logArtifact?: string;
    },
  ): Promise<boolean>;
  /** Queued and running plans of the pull request for other heads become `superseded`; returns their ids. */
  supersede(pull: PullRef, keepHead: string, at: Date): Promise<readonly string[]>;
  step(step: RunStep): Promise<void>;
  steps(run: string): Promise<readonly RunStep[]>;
}

/** The log of a run that goes on, in parts of whole lines. What is written here is redacted already. */
export interface RunLogRows {
  append(run: string, text: string): Promise<void>;
  /** Bytes of UTF-8 written so far. */
  size(run: string): Promise<number>;
  /** Parts that end behind this byte, in order, at most so many. `start` and `bytes` count UTF-8. */
  read(
    run: string,
    from: number,
    limit: number,
  ): Promise<readonly { readonly start: number; readonly bytes: number; readonly text: string }[]>;
  forget(run: string): Promise<void>;
}
