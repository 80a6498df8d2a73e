import type { Hub } from "./hub.ts";
import { mergeableState } from "./mergeability.ts";
import { htmlUrl, nodeId, repoShape, repoUrl, type Schemas, userShape } from "./shapes.ts";
import { type PullThread, type Repo, type Review, stamp } from "./state.ts";

/** As in lists. */
export const simplePullShape = (hub: Hub, repo: Repo, thread: PullThread): Schemas["pull-request-simple"] => {
  const { pull } = thread;
  const url = `${repoUrl(hub, repo)}/pulls/${thread.number}`;
  const issue = `${repoUrl(hub, repo)}/issues/${thread.number}`;
  const html = `${htmlUrl(hub, repo)}/pull/${thread.number}`;
  const addresses = {
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${repoUrl(hub, repo)}/pulls/comments{/number}`,
    comments_url: `${issue}/comments`,
    statuses_url: `${repoUrl(hub, repo)}/statuses/${pull.headSha}`,
  };
  return {
    url,
    id: thread.id,
    node_id: nodeId("PullRequest", thread.id),
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    issue_url: issue,
    ...addresses,
    number: thread.number,
    state: thread.state,
    locked: false,
    title: thread.title,
    user: userShape(hub, thread.author),
    body: thread.body === "" ? null : thread.body,
    created_at: stamp(thread.createdAt),
    updated_at: stamp(thread.updatedAt),
    closed_at: thread.closedAt && stamp(thread.closedAt),
    merged_at: pull.merged && stamp(pull.merged.at),
    merge_commit_sha: pull.mergeCommit,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    labels: labelShapes(hub, repo, thread.labels),
    milestone: null,
    draft: pull.draft,
    head: endShape(hub, pull.headRepo, pull.headRef, pull.headSha),
    base: endShape(hub, repo, pull.baseRef, pull.baseSha),
    _links: {
      self: { href: url },
      html: { href: html },
      issue: { href: issue },
      comments: { href: addresses.comments_url },
      review_comments: { href: addresses.review_comments_url },
      review_comment: { href: addresses.review_comment_url },
      commits: { href: addresses.commits_url },
      statuses: { href: addresses.statuses_url },
    },
    author_association: "CONTRIBUTOR",
    auto_merge: null,
    active_lock_reason: null,
  };
};

const endShape = (hub: Hub, repo: Repo, ref: string, sha: string) => {
  const whole = repoShape(hub, repo);
  return { label: `${repo.owner}:${ref}`, ref, sha, user: whole.owner, repo: whole };
};

export const labelShapes = (hub: Hub, repo: Repo, labels: readonly string[]) =>
  labels.map((name, index) => ({
    id: index + 1,
    node_id: nodeId("Label", index + 1),
    url: `${repoUrl(hub, repo)}/labels/${encodeURIComponent(name)}`,
    name,
    description: "",
    color: "ededed",
    default: false,
  }));

/** As a call for the one pull request answers, and as events carry it. `known` false: mergeability is not computed yet. */
export const pullShape = (
  hub: Hub,
  repo: Repo,
  thread: PullThread,
  known = true,
): Schemas["pull-request"] => {
  const { pull } = thread;
  return {
    ...(simplePullShape(hub, repo, thread) as unknown as Schemas["pull-request"]),
    merged: pull.merged !== null,
    mergeable: thread.state === "open" && known ? pull.mergeable : null,
    mergeable_state: known ? mergeableState(repo, thread) : "unknown",
    rebaseable: thread.state === "open" && known ? pull.mergeable : null,
    merged_by: pull.merged && userShape(hub, pull.merged.by),
    comments: thread.comments.length,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: 1,
    additions: 1,
    deletions: 0,
    changed_files: 1,
  };
};

export const reviewShape = (
  hub: Hub,
  repo: Repo,
  thread: PullThread,
  review: Review,
): Schemas["pull-request-review"] => {
  const pull = `${repoUrl(hub, repo)}/pulls/${thread.number}`;
  const html = `${htmlUrl(hub, repo)}/pull/${thread.number}#pullrequestreview-${review.id}`;
  return {
    id: review.id,
    node_id: nodeId("PullRequestReview", review.id),
    user: userShape(hub, review.author),
    body: review.body,
    state: review.state,
    html_url: html,
    pull_request_url: pull,
    author_association: "COLLABORATOR",
    _links: { html: { href: html }, pull_request: { href: pull } },
    submitted_at: stamp(review.at),
    commit_id: review.commit,
  };
};
