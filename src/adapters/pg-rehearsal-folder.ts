import type { RehearsalGap } from "../model/rehearsal.ts";
import type { HistoryPlace } from "./flyway-history.ts";
import type { StatementWatch } from "./flyway-statements.ts";
import type { ReplayScript } from "./pg-replay.ts";
import type { Target } from "./pg-session.ts";

/** What a rehearsal runs as one: a file, or a changeset. */
export interface RehearsedScript extends ReplayScript {
  /** Null for a repeatable. */
  readonly version: string | null;
  readonly checksum: number | string;
  /** What takes it back; left out or null where nobody wrote that. */
  readonly compensation?: string | null;
}

/** What a run would do in a database, by the history in it. */
export interface ScratchStanding {
  readonly pending: readonly RehearsedScript[];
  /** The newest version applied; null where none is. */
  readonly version: string | null;
}

/** A folder of migrations as a rehearsal needs it, whichever tool keeps its history. */
export interface RehearsedFolder {
  readonly place: HistoryPlace;
  /** What the target's history says was run, in its order. */
  readonly recorded: readonly ReplayScript[];
  readonly pending: readonly RehearsedScript[];
  /** What would run on an empty database. */
  readonly whole: readonly RehearsedScript[];
  /** The newest version that the target's history has. */
  readonly version: string | null;
  /** Pending ones of which something cannot be rehearsed. */
  readonly gaps: readonly RehearsalGap[];
  /** Whether a database holds such a history, with something in it. */
  hasHistory(target: Target): Promise<boolean>;
  /** Makes the history's table, empty. */
  prepare(scratch: Target): Promise<void>;
  /** Writes down there what the target's history has. */
  remember(scratch: Target): Promise<void>;
  standing(scratch: Target): Promise<ScratchStanding>;
  /**
   * Runs them in their order as the tool does, with their rows of the history; `applied` is told of each file that
   * is committed. @throws StatementFailed, `sql-invalid`
   */
  run(
    scratch: Target,
    scripts: readonly RehearsedScript[],
    watch: StatementWatch,
    applied?: (script: string) => Promise<void>,
  ): Promise<void>;
}
