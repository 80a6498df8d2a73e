import type { ChangeClass } from "./change-class.ts";
import type { Finding } from "./finding.ts";
import type { SqlFinding } from "./sql-lint.ts";

/**
 * `formalize`: the history comes to explain what is live; `revert`: live comes back to what the history explains;
 * `declare`: the history comes to make a desired schema.
 */
export type ProposalPurpose = "formalize" | "revert" | "declare";

/** What is to be written of the drift, and on whose word. */
export interface ProposalWish {
  readonly purpose: Exclude<ProposalPurpose, "declare">;
  readonly now: Date;
  /** Addresses of the objects that it is about, such as `table app.orders`; empty: everything that differs. */
  readonly only: readonly string[];
  /** Who answers for what the analysis would refuse, such as a column that goes; null: nobody does yet. */
  readonly acceptedBy: string | null;
}

/** Files that change a folder of migrations, with what they come to. */
export interface MigrationProposal {
  readonly purpose: ProposalPurpose;
  /** Relative to the folder, in the order in which they run; empty where nothing is to do, or nothing can be written. */
  readonly files: readonly ProposedFile[];
  /** What the tool calls what it runs of them. */
  readonly runs: readonly string[];
  /** The worst of what the files do, by their lint. */
  readonly class: ChangeClass;
  readonly findings: readonly SqlFinding[];
  /** Data that is gone where the files have something to do. */
  readonly destroys: readonly string[];
  readonly unwritten: readonly Unwritten[];
  readonly renames: readonly PossibleRename[];
  readonly hotFixes: readonly HotFix[];
  /** Null where there was nothing to prove. */
  readonly proof: MigrationProof | null;
}

export interface ProposedFile {
  readonly path: string;
  readonly text: string;
  /** It takes the place of a pending file of this name. */
  readonly replaces: boolean;
}

/** A difference that no statement was written for, and why. `path` as in findings of drift. */
export interface Unwritten {
  readonly address: string;
  readonly path: string;
  readonly why: string;
}

/** Something goes and something alike comes. Nobody but a person knows whether that is one thing under a new name. */
export interface PossibleRename {
  readonly address: string;
  readonly from: string;
  readonly to: string;
  /** What to write by hand, if it is. */
  readonly sql: string;
}

/** A pending migration that somebody has done by hand already: as it would, or otherwise. */
export interface HotFix {
  readonly script: string;
  readonly state: "matches" | "collides";
  /** `table app.orders columns.note`. */
  readonly places: readonly string[];
  readonly advice: string;
}

export interface MigrationProof {
  /** Where the history was followed and nothing else: a replay of it in an empty database. */
  readonly elsewhere: ProofSide;
  /** On a copy of the live schema; null where live does not matter. */
  readonly live: ProofSide | null;
}

export interface ProofSide {
  readonly proven: boolean;
  /** How the schema differs from the wanted one after the files ran. */
  readonly left: readonly Finding[];
  /** Why they did not run; null where they did. */
  readonly error: string | null;
}
