import type { PullRules, WorkspaceConfig } from "../model/config.ts";
import { PlumblineError } from "../model/errors.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import type { Run } from "../model/run.ts";

/**
 * What a run was asked to do, fixed when it was created: kept in the run's `result` until it settles, so that a
 * worker on another machine, or after a restart, does exactly the same.
 */
export interface RunInput {
  readonly config: WorkspaceConfig;
  /** Commit to check out. */
  readonly commit: string;
  readonly destroy: boolean;
  /** Allow-listed engine flags from a comment. */
  readonly flags: readonly string[];
  /** Workspaces whose apply comes first: this plan was made before it. */
  readonly provisionalOn: readonly string[];
  readonly intent:
    | "plan"
    | "merge"
    | "comment"
    | "revert"
    | "drift"
    | "audit"
    | "state-push"
    | "state-abandon"
    | "force-unlock"
    | "import"
    | "migrate-resume"
    | "migrate-repair"
    | "migrate-compensate";
  /** Of the protected branch, when the plan was asked for; left out where no pull request did. */
  readonly rules?: PullRules;
  /** A revert of single addresses; empty for all. Of an import: address, id, branch. Of an abandoned state: why. */
  readonly targets: readonly string[];
}

export const writeRunInput = (input: RunInput): Json => JSON.parse(JSON.stringify(input)) as Json;

export const readRunInput = (run: Run): RunInput => {
  if (!isJsonObject(run.result) || !("config" in run.result)) {
    throw new PlumblineError("bug", `The run ${run.id} has no input.`);
  }
  const input = run.result as unknown as RunInput;
  return { ...input, config: readConfig(input.config as unknown as Json) };
};

/** Whether the engine was asked to look at some addresses only. */
export const isPartial = ({ targets, flags }: Pick<RunInput, "targets" | "flags">): boolean =>
  targets.length > 0 || flags.some((flag) => /^--?(target|exclude)(=|-file=|$)/.test(flag));

/** A workspace's configuration as the ledger keeps it, with its dates back. */
export const readConfig = (stored: Json): WorkspaceConfig => {
  const config = stored as unknown as WorkspaceConfig;
  const ignore = config.drift.ignore.map((entry) => ({
    ...entry,
    until: entry.until === null ? null : new Date(entry.until),
  }));
  return { ...config, drift: { ...config.drift, ignore } };
};
