/** What was proven of one head of a pull request that holds an edit of ours; kept with the pull request. */
export interface EditProof {
  /** The commit that holds the edit, and nothing that somebody else pushed. */
  readonly head: string;
  /** Of the refreshed plan that proved it; null where the commit holds no proven edit. */
  readonly digest: string | null;
  /** That digest's parts, as in `PlanDigest`. */
  readonly parts: Readonly<Record<string, string>>;
  /** SHA-256 of each edited file's new text, by path in the repository. */
  readonly files: Readonly<Record<string, string>>;
  /** Findings that the edit settles. */
  readonly formalized: readonly { readonly address: string; readonly path: string }[];
}
