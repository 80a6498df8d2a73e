import { z } from "zod";
import type { IssueComment, Permission, PullRequest, Review } from "../model/pull.ts";
import { PERMISSIONS } from "../model/pull.ts";

// Gitea's shapes: only what is read here, so that Forgejo and other versions fit too.

/** Accounts that were deleted come as null. */
const user = z.object({ id: z.number(), login: z.string() }).nullish();
const loginOf = (one: z.infer<typeof user>): string => one?.login ?? "ghost";

const side = z.object({
  label: z.string().nullish(),
  ref: z.string(),
  sha: z.string(),
  repo_id: z.number(),
});

export const pullShape = z.object({
  number: z.int(),
  title: z.string(),
  body: z.string().nullish(),
  html_url: z.string(),
  state: z.string(),
  draft: z.boolean().nullish(),
  merged: z.boolean().nullish(),
  merged_at: z.string().nullish(),
  merged_by: user,
  merge_commit_sha: z.string().nullish(),
  merge_base: z.string().nullish(),
  mergeable: z.boolean().nullish(),
  updated_at: z.string(),
  user,
  labels: z.array(z.object({ name: z.string() })).nullish(),
  head: side,
  base: side,
});
export type GiteaPull = z.infer<typeof pullShape>;

/** `repo` as the caller spells it: keys must not change where Gitea writes the name in other cases. */
export const toPull = (repo: string, pull: GiteaPull): PullRequest => ({
  repo,
  number: pull.number,
  title: pull.title,
  body: pull.body ?? "",
  url: pull.html_url,
  state: pull.merged ? "merged" : pull.state === "closed" ? "closed" : "open",
  draft: pull.draft === true,
  // A head repository that is gone was a fork. Without a branch (AGit) it came from somebody who needs no right to write.
  fork: pull.head.repo_id !== pull.base.repo_id || pull.head.label === "",
  author: loginOf(pull.user),
  head: { ref: branchOf(pull.head), sha: pull.head.sha },
  base: { ref: pull.base.ref, sha: pull.base.sha },
  mergeCommit: pull.merged ? (pull.merge_commit_sha ?? null) : null,
  mergedAt: pull.merged && pull.merged_at ? new Date(pull.merged_at) : null,
  mergedBy: pull.merged_by?.login ?? null,
  labels: (pull.labels ?? []).map((label) => label.name),
});

/** Once the branch is deleted, `ref` names the pull request and only `label` the branch. */
const branchOf = ({ label, ref }: GiteaPull["head"]): string => label || ref;

export const commentShape = z.object({
  id: z.int(),
  body: z.string().nullish(),
  created_at: z.string(),
  updated_at: z.string(),
  user,
});

export const toComment = (comment: z.infer<typeof commentShape>): IssueComment => ({
  id: comment.id,
  user: loginOf(comment.user),
  // The server's own users (actions) have negative numbers.
  bot: (comment.user?.id ?? 0) < 0,
  body: comment.body ?? "",
  createdAt: new Date(comment.created_at),
  updatedAt: new Date(comment.updated_at),
});

export const reviewShape = z.object({
  id: z.int(),
  user,
  state: z.string(),
  commit_id: z.string().nullish(),
  submitted_at: z.string().nullish(),
  official: z.boolean().nullish(),
  dismissed: z.boolean().nullish(),
  stale: z.boolean().nullish(),
});
export type GiteaReview = z.infer<typeof reviewShape>;

/** Null for what is only a request to review. */
export const toReview = (review: GiteaReview): Review | null => {
  const state = review.dismissed ? "dismissed" : REVIEW_STATES.get(review.state);
  if (!state || review.state === "REQUEST_REVIEW") return null;
  const at = new Date(review.submitted_at ?? 0);
  return { id: review.id, user: loginOf(review.user), state, commit: review.commit_id ?? "", at };
};

const REVIEW_STATES: ReadonlyMap<string, Review["state"]> = new Map([
  ["APPROVED", "approved"],
  ["REQUEST_CHANGES", "changes_requested"],
  ["COMMENT", "commented"],
  ["PENDING", "pending"],
]);

/** An owner may what an administrator may. */
export const toPermission = (permission: string): Permission =>
  permission === "owner" ? "admin" : (PERMISSIONS.find((known) => known === permission) ?? "none");
