/** A checked-out tree at a stable path. Dispose it after any end; `keep` leaves it for rescue (errored.tfstate). */
export interface Worktree {
  /** Absolute path of the repository's root in this worktree. */
  readonly root: string;
  readonly commit: string;
  release(options?: { readonly keep?: boolean }): Promise<void>;
}

export interface MergeResult {
  /** Commit of the trial merge, or null on conflict. */
  readonly commit: string | null;
  readonly conflicts: readonly string[];
}

export interface BranchCommit {
  readonly repo: string;
  readonly branch: string;
  /** The commit that the branch is to grow from when it does not exist, or when all on it is ours. */
  readonly base: string;
  /** Path -> new content, null deletes. Paths outside the tree or through a symlink are refused (`path-escapes`). */
  readonly files: Readonly<Record<string, string | Uint8Array | null>>;
  readonly message: string;
}

export interface FileEntry {
  readonly path: string;
  readonly kind: "file" | "executable" | "symlink" | "submodule";
}

/** Bare mirrors and worktrees; credentials by askpass, never in a URL, an argument or a log. */
export interface Git {
  /** Brings the mirror up to date, single-flight per repository; pull heads included. */
  fetch(repo: string): Promise<void>;
  /** Commit that a branch (`main`), `pull/7/head` or SHA names, null when the mirror doesn't hold it. */
  resolve(repo: string, ref: string): Promise<string | null>;
  mergeBase(repo: string, left: string, right: string): Promise<string | null>;
  isAncestor(repo: string, ancestor: string, descendant: string): Promise<boolean>;
  /** Paths that differ between two commits, renames as both names, sorted. */
  changedFiles(repo: string, from: string, to: string): Promise<readonly string[]>;
  listFiles(repo: string, commit: string, under?: string): Promise<readonly FileEntry[]>;
  readFile(repo: string, commit: string, path: string): Promise<Uint8Array | null>;
  /** Many files at once through one `git cat-file --batch`; a path that isn't there, or isn't a file, is left out. */
  readFiles(repo: string, commit: string, paths: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Targets of symbolic links as Git keeps them; a path that is no link is left out. */
  readLinks(repo: string, commit: string, paths: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Content hash (git object ids, modes) of the given files and folders at a commit: equal trees, equal text. */
  treeHash(repo: string, commit: string, paths: readonly string[]): Promise<string>;
  /** Merges without touching a worktree; the commit is kept from gc for a day. */
  merge(repo: string, base: string, head: string): Promise<MergeResult>;
  /** One worktree per slot (a workspace key): the same slot always lies at the same path. */
  checkout(repo: string, commit: string, slot: string): Promise<Worktree>;
  /** Where that is, whether something lies there or not. */
  pathOf(slot: string): string;
  /** Commits and pushes with a lease; `git-foreign-commit` where somebody else's commit would be lost. Same content: no new commit. */
  commitToBranch(commit: BranchCommit): Promise<{ readonly commit: string; readonly changed: boolean }>;
  /** Where it is gone already, nothing happens; with `at`, `git-failed` where it does not point to that commit any more. */
  deleteBranch(repo: string, branch: string, at?: string): Promise<void>;
  /** Authors and committers (e-mail or login) of the commits in `from..to`. */
  contributors(repo: string, from: string, to: string): Promise<readonly string[]>;
  /** Removes worktrees without a run and mirrors unused for long, oldest first, until the limit holds. */
  tidy(limits: {
    readonly maxBytes: number;
    readonly idleMs: number;
    readonly inUse: readonly string[];
  }): Promise<{ readonly freedBytes: number }>;
}
