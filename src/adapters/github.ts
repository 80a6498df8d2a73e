import type { Forge } from "../ports/forge.ts";
import { type GithubOptions, openGithub } from "./github-client.ts";
import { githubComments } from "./github-comments.ts";
import { githubIssues } from "./github-issues.ts";
import { githubPeople } from "./github-people.ts";
import { githubPulls } from "./github-pulls.ts";
import { githubStatuses } from "./github-statuses.ts";
import { githubSuggest } from "./github-suggest.ts";

export type { GithubOptions } from "./github-client.ts";

/**
 * The `Forge` port over GitHub's REST API, as an app or with a token. Rate limits and passing failures are waited
 * out with Octokit's plugins; what remains comes as `forge-*` errors without headers, bodies or tokens in them.
 */
export const createGithubForge = (options: GithubOptions): Forge => {
  const client = openGithub(options);
  const web = webAddress(options.apiUrl);
  return {
    kind: "github",
    limits: { commentLength: 65_536 },
    identity: client.identity,
    defaultBranch: (repo) =>
      client.with(repo, async (api, at) => (await api.rest.repos.get(at)).data.default_branch),
    ...githubPulls(client),
    ...githubComments(client),
    ...githubStatuses(client),
    ...githubPeople(client),
    ...githubIssues(client),
    ...githubSuggest(client),
    cloneAccess: async (repo) => ({
      url: `${web}/${repo}.git`,
      username: "x-access-token",
      password: await client.gitToken(repo),
    }),
    compareUrl: (repo, path, commit) =>
      `${web}/${repo}/blob/${commit}/${path.split("/").map(encodeURIComponent).join("/")}`,
  };
};

/** Where people and git go: github.com for its API, `api.X.ghe.com` without `api.`, a server's address without `/api/v3`. */
const webAddress = (apiUrl: string): string => {
  const { protocol, host, pathname } = new URL(apiUrl);
  const path = pathname.replace(/\/+$/, "").replace(/\/api\/v3$/, "");
  return `${protocol}//${host.replace(/^api\.(?=github\.com$|[^.]+\.ghe\.com$)/, "")}${path}`;
};
