import type { ConfigProblem } from "./config.ts";
import type { ContextEntry } from "./resource-context.ts";
import type { FileFinding, Rollout, StatefulClaim } from "./stateful-change.ts";

/** What Plumbline adds to the plan under `input.plumbline`. */
export interface PolicyEnrichment {
  /** Null at the command line. */
  readonly workspace: {
    readonly repo: string;
    readonly dir: string;
    readonly name: string;
    readonly owners: readonly string[];
  } | null;
  readonly pull: { readonly number: number; readonly author: string; readonly base: string } | null;
  /** `audit`: what is recorded, not what is planned. */
  readonly occasion: "plan" | "audit";
  readonly class: string;
  readonly changes: readonly {
    readonly address: string;
    readonly type: string;
    /** Key of an object that was replaced and is still there; null: the resource itself. */
    readonly deposed: string | null;
    readonly action: string;
    readonly class: string;
    readonly stateful: boolean;
    readonly destructive: boolean;
    readonly findings: readonly { readonly rule: string; readonly message: string; readonly path: string }[];
  }[];
  /** What the author says in `stateful_change` or `migration-metadata.yaml`; null where nothing, or no pull request. */
  readonly claim: StatefulClaim | null;
  /** Why the author's word could not be read. */
  readonly claimProblems: readonly ConfigProblem[];
  /** What the pull request's other files do; null where there is no pull request, or its files are not kept. */
  readonly files: ({ readonly findings: readonly FileFinding[] } & Rollout) | null;
  /** Everything that is known of databases and tables, whether the plan changes them or not. */
  readonly known: readonly ContextEntry[];
  /** What files or a command of the operator tell, by address: statistics, classification, last restore test. */
  readonly context: Readonly<Record<string, readonly ContextEntry[]>>;
  /** Why that could not be read. */
  readonly contextProblem: string | null;
}
