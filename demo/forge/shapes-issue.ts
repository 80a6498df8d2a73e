import type { Hub } from "./hub.ts";
import { htmlUrl, nodeId, repoUrl, type Schemas, userShape } from "./shapes.ts";
import { labelShapes } from "./shapes-pull.ts";
import { type Comment, isPull, type Repo, stamp, type Thread } from "./state.ts";

/** An issue; a pull request seen as one has `pull_request`. */
export const issueShape = (hub: Hub, repo: Repo, thread: Thread): Schemas["issue"] => {
  const url = `${repoUrl(hub, repo)}/issues/${thread.number}`;
  const html = `${htmlUrl(hub, repo)}/${thread.pull ? "pull" : "issues"}/${thread.number}`;
  return {
    url,
    repository_url: repoUrl(hub, repo),
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: html,
    id: thread.id,
    node_id: nodeId("Issue", thread.id),
    number: thread.number,
    title: thread.title,
    user: userShape(hub, thread.author),
    labels: labelShapes(hub, repo, thread.labels),
    state: thread.state,
    locked: false,
    assignee: null,
    assignees: [],
    milestone: null,
    comments: thread.comments.length,
    created_at: stamp(thread.createdAt),
    updated_at: stamp(thread.updatedAt),
    closed_at: thread.closedAt && stamp(thread.closedAt),
    author_association: "CONTRIBUTOR",
    body: thread.body,
    state_reason: thread.state === "closed" ? "completed" : null,
    ...(isPull(thread) ? { pull_request: pullLinks(hub, repo, thread) } : {}),
  };
};

const pullLinks = (hub: Hub, repo: Repo, thread: Thread) => {
  const html = `${htmlUrl(hub, repo)}/pull/${thread.number}`;
  return {
    url: `${repoUrl(hub, repo)}/pulls/${thread.number}`,
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    merged_at: thread.pull?.merged ? stamp(thread.pull.merged.at) : null,
  };
};

export const commentShape = (
  hub: Hub,
  repo: Repo,
  thread: Thread,
  comment: Comment,
): Schemas["issue-comment"] => {
  const url = `${repoUrl(hub, repo)}/issues/comments/${comment.id}`;
  return {
    url,
    html_url: `${htmlUrl(hub, repo)}/${thread.pull ? "pull" : "issues"}/${thread.number}#issuecomment-${comment.id}`,
    issue_url: `${repoUrl(hub, repo)}/issues/${thread.number}`,
    id: comment.id,
    node_id: nodeId("IssueComment", comment.id),
    user: userShape(hub, comment.author),
    created_at: stamp(comment.createdAt),
    updated_at: stamp(comment.updatedAt),
    author_association: "COLLABORATOR",
    body: comment.body,
    reactions: rollup(url, comment),
  };
};

const rollup = (url: string, { reactions }: Comment): Schemas["reaction-rollup"] => {
  const count = (content: string) => reactions.filter((reaction) => reaction.content === content).length;
  return {
    url: `${url}/reactions`,
    total_count: reactions.length,
    "+1": count("+1"),
    "-1": count("-1"),
    laugh: count("laugh"),
    confused: count("confused"),
    heart: count("heart"),
    hooray: count("hooray"),
    eyes: count("eyes"),
    rocket: count("rocket"),
  };
};

export const reactionShape = (hub: Hub, reaction: Comment["reactions"][number]): Schemas["reaction"] => ({
  id: reaction.id,
  node_id: nodeId("Reaction", reaction.id),
  user: userShape(hub, reaction.by),
  content: reaction.content as Schemas["reaction"]["content"],
  created_at: stamp(reaction.at),
});
