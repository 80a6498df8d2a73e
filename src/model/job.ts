import type { Severity } from "./alert.ts";
import type { ForgeEvent } from "./forge-event.ts";
import type { PullRef } from "./pull.ts";

/** Everything that the worker can be asked to do. A job names things; the handler reads the facts afresh. */
export type Job =
  | { readonly kind: "event"; readonly delivery: string; readonly event: ForgeEvent }
  | {
      readonly kind: "assess";
      readonly pull: PullRef;
      readonly head: string;
      readonly trigger: string;
      readonly by: string;
      readonly only?: readonly string[];
      readonly flags?: readonly string[];
      /** The comment or request that asked, so that it can be answered. */
      readonly commentId?: number | string;
      readonly select?: {
        readonly dir?: string | undefined;
        readonly workspace?: string | undefined;
        readonly project?: string | undefined;
      };
    }
  | ({ readonly kind: "plan" } & RunJob)
  | ({ readonly kind: "apply" } & RunJob)
  | { readonly kind: "reconcile"; readonly run: string; readonly workspace: string }
  | { readonly kind: "state"; readonly run: string; readonly workspace: string }
  | {
      readonly kind: "drift";
      readonly workspace: string;
      readonly slot: string;
      /** Drift is not looked for here: what is recorded is judged by the policies, and that is all. */
      readonly only?: "policies";
      /** Of a look that waits for its turn: when it is given up, ISO; and where that is told. */
      readonly until?: string;
      readonly pull?: PullRef;
    }
  | { readonly kind: "merge"; readonly pull: PullRef; readonly by: string }
  | { readonly kind: "close"; readonly pull: PullRef }
  | {
      readonly kind: "command";
      readonly pull: PullRef;
      readonly commentId: number;
      readonly body: string;
      readonly by: string;
    }
  | { readonly kind: "publish"; readonly pull: PullRef }
  | { readonly kind: "drift-pull"; readonly workspace: string }
  | { readonly kind: "backfill"; readonly workspace: string; readonly name: string }
  | { readonly kind: "alert"; readonly alert: Alert }
  | { readonly kind: "alert-channel"; readonly channel: string }
  | { readonly kind: "reply"; readonly pull: PullRef; readonly key: string; readonly body: string }
  | { readonly kind: "poll"; readonly repo: string }
  | { readonly kind: "sweep" };

interface RunJob {
  readonly run: string;
  readonly workspace: string;
  /** Runs of one line go one after another, whatever their workspaces; left out where nothing asks for that. */
  readonly line?: string;
}

export type JobKind = Job["kind"];
/** One kind of job without its name, as its handler gets it. */
export type JobOf<Kind extends JobKind> = Omit<Extract<Job, { readonly kind: Kind }>, "kind">;

export interface Alert {
  readonly event: "opened" | "ended";
  readonly fingerprint: string;
  /** Tells the lives of one finding apart: it may open, end and open again. */
  readonly id: string;
  readonly workspace: string;
  readonly title: string;
  readonly text: string;
  readonly url: string | null;
  /** A warning where left out. */
  readonly severity?: Severity;
  readonly owners?: readonly string[];
  readonly who?: string | null;
}

/** Smaller is sooner: people who wait come before the schedule. */
export const priorityOf = (job: Job): number => {
  switch (job.kind) {
    case "event":
    case "command":
    case "merge":
    case "close":
    case "publish":
    case "reply":
    case "alert":
    case "alert-channel":
      return 0;
    case "assess":
    case "apply":
    case "state":
    case "reconcile":
      return 1;
    case "plan":
      return 2;
    case "drift-pull":
    case "backfill":
      return 3;
    default:
      return 5;
  }
};

/** Jobs of one key run one after another; different keys run side by side. */
export const orderKeyOf = (job: Job): string => {
  switch (job.kind) {
    case "event":
      return `event:${job.delivery}`;
    case "plan":
    case "apply":
      // The lease still lets one run alone into a workspace.
      return job.line === undefined ? `workspace:${job.workspace}` : `line:${job.line}`;
    case "state":
    case "reconcile":
    case "drift":
      return `workspace:${job.workspace}`;
    case "drift-pull":
      return `drift-pull:${job.workspace}`;
    case "backfill":
      return `backfill:${job.workspace}`;
    case "poll":
      return `poll:${job.repo}`;
    case "sweep":
      return "sweep";
    case "alert":
      return `alert:${job.alert.fingerprint}`;
    case "alert-channel":
      return `alert-channel:${job.channel}`;
    case "publish":
      return `publish:${job.pull.repo}#${job.pull.number}`;
    default:
      return `pull:${job.pull.repo}#${job.pull.number}`;
  }
};

/** What a handler returns: jobs that must follow, stored in the transaction that settles this one. */
export interface Outcome {
  readonly followUps: readonly FollowUp[];
}
export interface FollowUp {
  readonly job: Job;
  /** One job is kept per key: a second one with the same key while the first waits is dropped. */
  readonly dedupeKey?: string;
  readonly notBefore?: Date;
  /** What came from outside and led to it; the outbox knows it by itself. */
  readonly request?: string;
}
export const nothing: Outcome = { followUps: [] };
export const followUps = (...jobs: readonly FollowUp[]): Outcome => ({ followUps: jobs });
