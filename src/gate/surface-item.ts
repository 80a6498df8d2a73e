import type { SourceFile } from "../hcl/syntax.ts";
import type { PlanCheck } from "../model/plan-gate.ts";

/** One folder of code as a root module sees it. */
export interface CodeFolder {
  readonly dir: string;
  /** Folder of the root module, from which plain relative paths are taken. */
  readonly root: string;
  /** Module files in either syntax, and variable files. */
  readonly files: readonly SourceFile[];
  /** What the team's own migration tool would run here besides SQL. */
  readonly programs?: readonly SurfaceItem[];
}

/** Something that acts, reaches out or reads this machine when somebody plans. */
export interface SurfaceItem {
  readonly check: PlanCheck;
  /** Equal for equal things wherever they stand: what the protected branch has under it is trusted. */
  readonly key: string;
  readonly path: string;
  /** Position in the file; null where it has none. */
  readonly start: number | null;
  /** From 1, where the item knows it better than by its position. */
  readonly line?: number | null;
  readonly what: string;
  /** Source of a provider or module, for the allow lists. */
  readonly source?: string;
  /** Words of the files that it may run, `open` where values from elsewhere decide what it does. */
  readonly runs?: { readonly words: readonly string[]; readonly open: boolean };
  /** Where the state lies, of a backend: only its root module's counts. */
  readonly state?: { readonly family: string; readonly place: string };
}
