import type { components } from "@octokit/openapi-types";
import type { IssueComment, Permission, PullRequest, Review } from "../model/pull.ts";
import { PERMISSIONS } from "../model/pull.ts";

// GitHub's shapes in Plumbline's words. Lists and single answers share the fields that are read here.
type Schemas = components["schemas"];
type AnyPull = Pick<
  Schemas["pull-request-simple"],
  "number" | "title" | "body" | "html_url" | "state" | "user" | "merged_at" | "merge_commit_sha"
> & {
  readonly draft?: boolean | undefined;
  readonly merged_by?: Schemas["pull-request"]["merged_by"];
  readonly labels: readonly { readonly name?: string }[];
  readonly head: Pick<Schemas["pull-request-simple"]["head"], "ref" | "sha"> & {
    readonly repo: { readonly full_name: string } | null;
  };
  readonly base: Pick<Schemas["pull-request-simple"]["base"], "ref" | "sha"> & {
    readonly repo: { readonly full_name: string };
  };
};

/** `repo` as the caller spells it: keys must not change where GitHub writes the name in other cases. */
export const toPull = (repo: string, pull: AnyPull): PullRequest => ({
  repo,
  number: pull.number,
  title: pull.title,
  body: pull.body ?? "",
  url: pull.html_url,
  state: pull.merged_at ? "merged" : pull.state === "closed" ? "closed" : "open",
  draft: pull.draft === true,
  // A head repository that is gone was a fork: the base repository is there.
  fork: pull.head.repo?.full_name !== pull.base.repo.full_name,
  author: pull.user?.login ?? GHOST,
  head: { ref: pull.head.ref, sha: pull.head.sha },
  base: { ref: pull.base.ref, sha: pull.base.sha },
  // While a pull request is open this field names GitHub's trial merge.
  mergeCommit: pull.merged_at ? pull.merge_commit_sha : null,
  mergedAt: pull.merged_at ? new Date(pull.merged_at) : null,
  mergedBy: pull.merged_by?.login ?? null,
  labels: pull.labels.flatMap((label) => (label.name ? [label.name] : [])),
});

/** Whom GitHub shows for an account that was deleted. */
const GHOST = "ghost";

export const toComment = (comment: Schemas["issue-comment"]): IssueComment => ({
  id: Number(comment.id),
  user: comment.user?.login ?? GHOST,
  bot: comment.user?.type === "Bot",
  body: comment.body ?? "",
  createdAt: new Date(comment.created_at),
  updatedAt: new Date(comment.updated_at),
});

export const toReview = (review: Schemas["pull-request-review"]): Review => ({
  id: Number(review.id),
  user: review.user?.login ?? GHOST,
  state: REVIEW_STATES[review.state] ?? "commented",
  commit: review.commit_id ?? "",
  at: new Date(review.submitted_at ?? 0),
});

const REVIEW_STATES: Readonly<Record<string, Review["state"]>> = {
  APPROVED: "approved",
  CHANGES_REQUESTED: "changes_requested",
  COMMENTED: "commented",
  DISMISSED: "dismissed",
  PENDING: "pending",
};

/** `role_name` knows triage and maintain; a role of one's own falls back to the coarse permission. */
export const toPermission = (answer: { permission: string; role_name?: string }): Permission =>
  PERMISSIONS.find((known) => known === answer.role_name) ??
  PERMISSIONS.find((known) => known === answer.permission) ??
  "none";

/** Cuts at whole characters and leaves a sign that something is missing. */
export const cutText = (text: string, most: number): string => {
  if (text.length <= most) return text;
  const head = text.slice(0, most - 1);
  return `${/[\uD800-\uDBFF]$/.test(head) ? head.slice(0, -1) : head}…`;
};
