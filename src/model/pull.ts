export interface PullRef {
  readonly repo: string;
  readonly number: number;
}

export interface PullRequest extends PullRef {
  readonly title: string;
  readonly body: string;
  readonly url: string;
  readonly state: "open" | "closed" | "merged";
  readonly draft: boolean;
  /** The head lives in another repository. */
  readonly fork: boolean;
  readonly author: string;
  readonly head: { readonly ref: string; readonly sha: string };
  readonly base: { readonly ref: string; readonly sha: string };
  /** The commit that the merge made on the base branch (merge, squash or rebase), once merged. */
  readonly mergeCommit: string | null;
  /** To the second, by the forge's clock. */
  readonly mergedAt: Date | null;
  /** Login of whoever merged it, where the forge tells: its lists leave it out. */
  readonly mergedBy: string | null;
  readonly labels: readonly string[];
}

export interface Review {
  readonly id: number;
  readonly user: string;
  readonly state: "approved" | "changes_requested" | "commented" | "dismissed" | "pending";
  /** The head that the reviewer looked at. */
  readonly commit: string;
  readonly at: Date;
}

export interface IssueComment {
  readonly id: number;
  readonly user: string;
  readonly bot: boolean;
  readonly body: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Order matters: each permission holds the ones before it. */
export type Permission = "none" | "read" | "triage" | "write" | "maintain" | "admin";
export const PERMISSIONS: readonly Permission[] = ["none", "read", "triage", "write", "maintain", "admin"];
export const permits = (has: Permission, needs: Permission): boolean =>
  PERMISSIONS.indexOf(has) >= PERMISSIONS.indexOf(needs);

export const pullKey = (pull: PullRef): string => `${pull.repo}#${pull.number}`;
