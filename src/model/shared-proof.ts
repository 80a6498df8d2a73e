/** What an edit comes to in another workspace of the repository that reads an edited file. */
export interface SharedProof {
  /** Its project's name, else `dir#name`. */
  readonly workspace: string;
  /** `proven`: it plans the same. `partial`: it could not be planned, or some edits were left out. `refused`: all were. */
  readonly result: "proven" | "partial" | "refused";
  /** Null where proven. */
  readonly reason: string | null;
  /** Set where it could not be planned: another time it may be. */
  readonly unplanned?: true;
  /** Its own drift that the edit says as well. */
  readonly settled: readonly string[];
  /** Where it drifted too, to something else, and no edit says both. */
  readonly conflicts: readonly SharedConflict[];
}

export interface SharedConflict {
  readonly address: string;
  readonly path: string;
  /** Values as short texts; null where they must not be shown. */
  readonly values: { readonly here: string; readonly there: string } | null;
}
