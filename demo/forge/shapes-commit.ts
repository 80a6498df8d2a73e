import type { Hub } from "./hub.ts";
import { htmlUrl, nodeId, repoShape, repoUrl, type Schemas, userShape } from "./shapes.ts";
import { type Activity, currentStatuses, type Repo, type Status, stamp } from "./state.ts";

export const statusShape = (hub: Hub, repo: Repo, commit: string, status: Status): Schemas["status"] => ({
  ...simpleStatus(hub, repo, commit, status),
  description: status.description ?? "",
  target_url: status.targetUrl ?? "",
  avatar_url: `${hub.origin}/avatars/${status.creator.id}`,
  creator: userShape(hub, status.creator),
});

const simpleStatus = (
  hub: Hub,
  repo: Repo,
  commit: string,
  status: Status,
): Schemas["simple-commit-status"] => ({
  url: `${repoUrl(hub, repo)}/statuses/${commit}`,
  avatar_url: `${hub.origin}/avatars/${status.creator.id}`,
  id: status.id,
  node_id: nodeId("StatusContext", status.id),
  state: status.state,
  description: status.description,
  target_url: status.targetUrl,
  context: status.context,
  created_at: stamp(status.at),
  updated_at: stamp(status.at),
});

/** One page of the newest statuses; `state` counts all of them. */
export const combinedShape = (
  hub: Hub,
  repo: Repo,
  commit: string,
  page: readonly Status[],
): Schemas["combined-commit-status"] => {
  const all = currentStatuses(repo, commit);
  const any = (...states: readonly Status["state"][]) => all.some(({ state }) => states.includes(state));
  return {
    state: any("failure", "error") ? "failure" : all.length === 0 || any("pending") ? "pending" : "success",
    statuses: page.map((status) => simpleStatus(hub, repo, commit, status)),
    sha: commit,
    total_count: all.length,
    repository: repoShape(hub, repo) as unknown as Schemas["minimal-repository"],
    commit_url: `${repoUrl(hub, repo)}/commits/${commit}`,
    url: `${repoUrl(hub, repo)}/commits/${commit}/status`,
  };
};

export const activityShape = (hub: Hub, activity: Activity): Schemas["activity"] => ({
  id: activity.id,
  node_id: nodeId("PUSH", activity.id),
  before: activity.before,
  after: activity.after,
  ref: activity.ref,
  timestamp: stamp(activity.at),
  activity_type: activity.type,
  actor: userShape(hub, activity.by),
});

export const branchShape = (
  hub: Hub,
  repo: Repo,
  branch: string,
  commit: string,
): Schemas["branch-with-protection"] => {
  const url = `${repoUrl(hub, repo)}/branches/${branch}`;
  const needs = repo.protection.get(branch);
  const contexts = [...(needs?.contexts ?? [])];
  return {
    name: branch,
    commit: commitShape(hub, repo, commit),
    _links: { self: url, html: `${htmlUrl(hub, repo)}/tree/${branch}` },
    protected: needs !== undefined,
    protection: {
      enabled: needs !== undefined,
      required_status_checks: {
        enforcement_level: needs ? "everyone" : "off",
        contexts,
        checks: contexts.map((context) => ({ context, app_id: null })),
      },
    },
    protection_url: `${url}/protection`,
  };
};

/** Enough of a commit for a branch: who wrote what is told by git. */
const commitShape = (hub: Hub, repo: Repo, sha: string): Schemas["commit"] => {
  const url = `${repoUrl(hub, repo)}/commits/${sha}`;
  return {
    url,
    sha,
    node_id: nodeId("Commit", 0),
    html_url: `${htmlUrl(hub, repo)}/commit/${sha}`,
    comments_url: `${url}/comments`,
    commit: {
      url: `${repoUrl(hub, repo)}/git/commits/${sha}`,
      author: null,
      committer: null,
      message: "",
      comment_count: 0,
      tree: { sha, url: `${repoUrl(hub, repo)}/git/trees/${sha}` },
    },
    author: null,
    committer: null,
    parents: [],
  };
};
