import type { ProposedScript } from "../migration/propose.ts";
import type { ProposedFile } from "../model/migration-proposal.ts";
import type { HistoryPlace } from "./flyway-history.ts";
import type { ReplayScript } from "./pg-replay.ts";

/** A folder of migrations that gets another one, whichever tool runs it. */
export interface ProposedFolder {
  readonly place: HistoryPlace;
  /** What the history says was run, and what is pending after that. */
  readonly recorded: readonly ReplayScript[];
  readonly rest: readonly ReplayScript[];
  /** Whether a pending one may get another text, as nobody has run it yet. */
  readonly mayChange: (script: ReplayScript) => boolean;
  /** What to do with a pending one that was done by hand; null where it gets a text that does nothing there. */
  readonly byHand: string | null;
  /** What the next migrations are called. `descriptions` as file names have them. */
  name(descriptions: readonly string[]): readonly string[];
  /** Puts them into the folder's own form. Nothing is written to the folder. @throws `engine-missing` */
  write(scripts: readonly ProposedScript[]): Promise<WrittenMigrations>;
}

export interface WrittenMigrations {
  readonly files: readonly ProposedFile[];
  /** What the tool makes of them: its names of what it will run, each with its SQL. */
  readonly scripts: readonly ReplayScript[];
  /** Why they cannot be put there; null where they were. */
  readonly refused: string | null;
}
