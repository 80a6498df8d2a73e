import type { Hub } from "./hub.ts";
import { htmlUrl, repoShape, repoUrl, userShape } from "./shapes.ts";
import { commentShape, issueShape } from "./shapes-issue.ts";
import { pullShape, reviewShape } from "./shapes-pull.ts";
import {
  type Comment,
  type Person,
  type PullThread,
  type Repo,
  type Review,
  type Status,
  stamp,
  type Thread,
  ZERO,
} from "./state.ts";

// Each function tells every webhook of one event, in GitHub's payloads, and wakes who waits.

const tell = (hub: Hub, event: string, repo: Repo, sender: Person, payload: object): void => {
  const common = { repository: repoShape(hub, repo), sender: userShape(hub, sender) };
  hub.webhooks.send(event, repo, { ...payload, ...common });
  hub.changed();
};

export const tellPull = (
  hub: Hub,
  repo: Repo,
  thread: PullThread,
  action: string,
  sender: Person,
  extra: object = {},
): void => {
  const pull_request = pullShape(hub, repo, thread);
  tell(hub, "pull_request", repo, sender, { action, number: thread.number, pull_request, ...extra });
};

export const tellReview = (hub: Hub, repo: Repo, thread: PullThread, review: Review): void =>
  tell(hub, "pull_request_review", repo, review.author, {
    action: "submitted",
    review: { ...reviewShape(hub, repo, thread, review), state: review.state.toLowerCase() },
    pull_request: pullShape(hub, repo, thread),
  });

export const tellIssue = (hub: Hub, repo: Repo, thread: Thread, action: string, sender: Person): void =>
  tell(hub, "issues", repo, sender, { action, issue: issueShape(hub, repo, thread) });

export const tellComment = (
  hub: Hub,
  repo: Repo,
  thread: Thread,
  comment: Comment,
  action: "created" | "edited" | "deleted",
  sender: Person,
): void =>
  tell(hub, "issue_comment", repo, sender, {
    action,
    issue: issueShape(hub, repo, thread),
    comment: commentShape(hub, repo, thread, comment),
  });

export const tellStatus = (hub: Hub, repo: Repo, commit: string, status: Status): void =>
  tell(hub, "status", repo, status.creator, {
    id: status.id,
    sha: commit,
    name: repo.fullName,
    context: status.context,
    state: status.state,
    description: status.description,
    target_url: status.targetUrl,
    branches: [],
    created_at: stamp(status.at),
    updated_at: stamp(status.at),
  });

export interface Push {
  readonly ref: string;
  readonly before: string;
  readonly after: string;
  readonly forced: boolean;
}

export const tellPush = (hub: Hub, repo: Repo, push: Push, sender: Person): void =>
  tell(hub, "push", repo, sender, {
    ...push,
    created: push.before === ZERO,
    deleted: push.after === ZERO,
    base_ref: null,
    compare: `${htmlUrl(hub, repo)}/compare/${push.before.slice(0, 12)}...${push.after.slice(0, 12)}`,
    commits: [],
    head_commit:
      push.after === ZERO ? null : { id: push.after, url: `${repoUrl(hub, repo)}/commits/${push.after}` },
    pusher: { name: sender.login, email: `${sender.login}@users.noreply.example` },
  });
