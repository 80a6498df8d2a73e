import type { components } from "@octokit/openapi-types";
import type { Hub } from "./hub.ts";
import { type Person, type Repo, stamp } from "./state.ts";

// People and repositories as GitHub's REST API writes them.
export type Schemas = components["schemas"];

export const nodeId = (kind: string, id: number): string =>
  Buffer.from(`0:${kind}${id}`).toString("base64url");

export const apiUrl = (hub: Hub): string => `${hub.origin}/api/v3`;
export const repoUrl = (hub: Hub, repo: Repo): string => `${apiUrl(hub)}/repos/${repo.fullName}`;
export const htmlUrl = (hub: Hub, repo: Repo): string => `${hub.origin}/${repo.fullName}`;

export const userShape = (hub: Hub, person: Person): Schemas["simple-user"] => {
  const url = `${apiUrl(hub)}/users/${encodeURIComponent(person.login)}`;
  return {
    login: person.login,
    id: person.id,
    node_id: nodeId("User", person.id),
    avatar_url: `${hub.origin}/avatars/${person.id}`,
    gravatar_id: "",
    url,
    html_url: `${hub.origin}/${person.bot ? "apps/" : ""}${person.login.replace("[bot]", "")}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: person.bot ? "Bot" : "User",
    site_admin: false,
  };
};

/** The person that a token belongs to. */
export const selfShape = (hub: Hub, person: Person): Schemas["public-user"] => ({
  ...userShape(hub, person),
  name: person.login,
  company: null,
  blog: null,
  location: null,
  email: null,
  hireable: null,
  bio: null,
  public_repos: 0,
  public_gists: 0,
  followers: 0,
  following: 0,
  created_at: "2020-01-01T00:00:00Z",
  updated_at: "2020-01-01T00:00:00Z",
});

/** Repositories belong to an organization that nobody logs in as. */
const ownerShape = (hub: Hub, repo: Repo): Schemas["simple-user"] => {
  const person = hub.people.get(repo.owner.toLowerCase());
  if (person) return userShape(hub, person);
  const organization = { id: 1, login: repo.owner, bot: false, token: "" };
  return { ...userShape(hub, organization), type: "Organization" };
};

// Path of each address that a repository lists, `{...}` as GitHub writes it.
const ADDRESSES = {
  archive_url: "/{archive_format}{/ref}",
  assignees_url: "/assignees{/user}",
  blobs_url: "/git/blobs{/sha}",
  branches_url: "/branches{/branch}",
  collaborators_url: "/collaborators{/collaborator}",
  comments_url: "/comments{/number}",
  commits_url: "/commits{/sha}",
  compare_url: "/compare/{base}...{head}",
  contents_url: "/contents/{+path}",
  contributors_url: "/contributors",
  deployments_url: "/deployments",
  downloads_url: "/downloads",
  events_url: "/events",
  forks_url: "/forks",
  git_commits_url: "/git/commits{/sha}",
  git_refs_url: "/git/refs{/sha}",
  git_tags_url: "/git/tags{/sha}",
  hooks_url: "/hooks",
  issue_comment_url: "/issues/comments{/number}",
  issue_events_url: "/issues/events{/number}",
  issues_url: "/issues{/number}",
  keys_url: "/keys{/key_id}",
  labels_url: "/labels{/name}",
  languages_url: "/languages",
  merges_url: "/merges",
  milestones_url: "/milestones{/number}",
  notifications_url: "/notifications{?since,all,participating}",
  pulls_url: "/pulls{/number}",
  releases_url: "/releases{/id}",
  stargazers_url: "/stargazers",
  statuses_url: "/statuses/{sha}",
  subscribers_url: "/subscribers",
  subscription_url: "/subscription",
  tags_url: "/tags",
  teams_url: "/teams",
  trees_url: "/git/trees{/sha}",
} as const;

const addressesOf = (url: string): Record<keyof typeof ADDRESSES, string> =>
  Object.fromEntries(Object.entries(ADDRESSES).map(([name, path]) => [name, `${url}${path}`])) as Record<
    keyof typeof ADDRESSES,
    string
  >;

/** As it stands inside pull requests and events. */
export const repoShape = (hub: Hub, repo: Repo): Schemas["repository"] => {
  const url = repoUrl(hub, repo);
  const html = htmlUrl(hub, repo);
  const openIssues = [...repo.threads.values()].filter((thread) => thread.state === "open").length;
  return {
    id: repo.id,
    node_id: nodeId("Repository", repo.id),
    name: repo.name,
    full_name: repo.fullName,
    private: true,
    owner: ownerShape(hub, repo),
    html_url: html,
    description: null,
    fork: repo.parent !== null,
    url,
    ...addressesOf(url),
    clone_url: `${html}.git`,
    git_url: `${html.replace(/^http/, "git")}.git`,
    ssh_url: `git@${new URL(hub.origin).hostname}:${repo.fullName}.git`,
    svn_url: html,
    mirror_url: null,
    homepage: null,
    language: null,
    license: null,
    default_branch: "main",
    visibility: "private",
    forks: 0,
    forks_count: 0,
    stargazers_count: 0,
    watchers: 0,
    watchers_count: 0,
    size: 1,
    open_issues: openIssues,
    open_issues_count: openIssues,
    has_issues: true,
    has_projects: false,
    has_wiki: false,
    has_pages: false,
    has_downloads: true,
    has_discussions: false,
    archived: false,
    disabled: false,
    created_at: stamp(repo.createdAt),
    updated_at: stamp(repo.pushedAt),
    pushed_at: stamp(repo.pushedAt),
    allow_merge_commit: true,
    allow_squash_merge: true,
    allow_rebase_merge: true,
  };
};

/** As the repository's own call answers. */
export const fullRepoShape = (hub: Hub, repo: Repo): Schemas["full-repository"] => ({
  ...(repoShape(hub, repo) as unknown as Schemas["full-repository"]),
  network_count: 0,
  subscribers_count: 0,
});
