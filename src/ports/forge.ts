import type { IssueComment, Permission, PullRef, PullRequest, Review } from "../model/pull.ts";

export type StatusState = "pending" | "success" | "failure" | "error";

export interface CommitStatus {
  readonly context: string;
  readonly state: StatusState;
  /** At most 140 characters; longer text is cut by the adapter. */
  readonly description: string;
  readonly targetUrl: string | null;
}

/** One remark on lines of a pull request's head, counted from 1; `from` is `to` for a single line. */
export interface LineReview {
  readonly head: string;
  readonly body: string;
  readonly path: string;
  readonly from: number;
  readonly to: number;
  readonly remark: string;
}

/** What a forge can hold and do, so that reports fit. */
export interface ForgeLimits {
  /** Characters in one comment (GitHub 65,536). */
  readonly commentLength: number;
}

/**
 * The forge as Plumbline needs it, narrow on purpose. Failures come as `forge-*` errors with their fate;
 * rate limits are waited out inside the adapter. Writes are idempotent: the same call twice leaves one result.
 */
export interface Forge {
  readonly kind: "github" | "gitea" | "gitlab";
  readonly limits: ForgeLimits;
  /** Login under which Plumbline acts; its own comments and commits are never commands or approvals. */
  identity(): Promise<string>;
  defaultBranch(repo: string): Promise<string>;
  pull(ref: PullRef): Promise<PullRequest>;
  openPulls(repo: string): Promise<readonly PullRequest[]>;
  /** Closed pull requests (merged and not) updated after `since`, for polling. */
  closedPulls(repo: string, since: Date): Promise<readonly PullRequest[]>;
  findPull(repo: string, headBranch: string): Promise<PullRequest | null>;
  createPull(
    repo: string,
    pull: { title: string; body: string; head: string; base: string },
  ): Promise<PullRequest>;
  updatePull(ref: PullRef, change: { title?: string; body?: string; state?: "closed" }): Promise<void>;
  merge(
    ref: PullRef,
    options: { method: "merge" | "squash" | "rebase"; head: string },
  ): Promise<{ commit: string }>;
  comments(ref: PullRef, since?: Date): Promise<readonly IssueComment[]>;
  comment(ref: PullRef, body: string): Promise<{ id: number }>;
  updateComment(ref: PullRef, id: number, body: string): Promise<void>;
  deleteComment(ref: PullRef, id: number): Promise<void>;
  react(ref: PullRef, commentId: number, reaction: "eyes" | "+1" | "-1" | "confused"): Promise<void>;
  setStatus(repo: string, commit: string, status: CommitStatus): Promise<void>;
  statuses(repo: string, commit: string): Promise<readonly CommitStatus[]>;
  reviews(ref: PullRef): Promise<readonly Review[]>;
  /**
   * A review comment at lines of the head, which may hold a suggestion block; `body` opens the review and tells it
   * apart, so that the same call twice leaves one. False where the forge does not take it: lines that are not in the
   * diff, a head that moved on. Left out where a forge has no such comments.
   */
  suggest?(ref: PullRef, review: LineReview): Promise<boolean>;
  /** Conflict-free and allowed by branch rules, contexts that begin like one of ours left out; null while the forge computes it. */
  mergeable(ref: PullRef, ownPrefixes: readonly string[]): Promise<boolean | null>;
  permission(repo: string, user: string): Promise<Permission>;
  /** Whether a login belongs to `org/team`; null where the forge does not tell. Left out where it has no teams. */
  teamMember?(repo: string, team: string, user: string): Promise<boolean | null>;
  /** Login of whoever last pushed the head branch, null where the forge doesn't tell (then nobody is trusted). */
  lastPusher(repo: string, branch: string, head: string): Promise<string | null>;
  /** Creates or updates the one open issue with this marker in its body; the dashboard for drift over the cap. */
  upsertIssue(
    repo: string,
    marker: string,
    issue: { title: string; body: string },
  ): Promise<{ number: number }>;
  closeIssue(repo: string, marker: string, comment: string): Promise<void>;
  /** URL without credentials, and the credentials apart, short-lived. */
  cloneAccess(repo: string): Promise<{ url: string; username: string; password: string }>;
  compareUrl(repo: string, path: string, commit: string): string;
}
