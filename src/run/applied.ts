import type { MigratedScript } from "../model/migration.ts";
import type { MigrationLoad } from "../model/migration-load.ts";
import type { RunError } from "../model/run.ts";
import type { ArtifactRef } from "../ports/artifacts.ts";

/** What came of starting the engine once. `frozen` is the rescued state where the backend refused it. */
export interface Applied {
  readonly failed: boolean;
  readonly log: string;
  readonly diagnostics: string;
  readonly frozen: ArtifactRef | null;
  /** The plan held nothing to apply, so the engine was not started. */
  readonly skipped: boolean;
  /** By the system, for its memory, or by hand: nobody recorded what was on its way. */
  readonly killed: boolean;
  /** SQL migrations that were run. */
  readonly migrated?: readonly MigratedScript[];
  /** What they did to the server; left out where nobody could see it. */
  readonly load?: MigrationLoad;
  /** The user of the database that ran them; left out where the tool does not say. */
  readonly ranBy?: string;
  /** What is said of the failure, where it is not the engine's. */
  readonly error?: RunError;
}
