import type { Octokit } from "@octokit/rest";
import type { Forge } from "../ports/forge.ts";
import type { GithubClient, Place } from "./github-client.ts";
import { isForgeError, orWhereRefused } from "./github-errors.ts";
import { toPermission, toReview } from "./github-words.ts";

type PeopleCalls = Pick<Forge, "reviews" | "permission" | "lastPusher" | "teamMember">;

export const githubPeople = (client: GithubClient): PeopleCalls => ({
  reviews: ({ repo, number }) =>
    client.with(repo, async (api, at) => {
      const wish = { ...at, pull_number: number, per_page: 100 };
      return (await api.paginate(api.rest.pulls.listReviews, wish)).map(toReview);
    }),
  permission: async (repo, user) => {
    const asked = client.with(repo, async (api, at) => {
      const wish = { ...at, username: user };
      return toPermission((await api.rest.repos.getCollaboratorPermissionLevel(wish)).data);
    });
    return asked.catch((thrown: unknown) => {
      if (isForgeError(thrown, "forge-not-found")) return "none";
      throw thrown;
    });
  },
  teamMember: async (repo, team, user) => {
    const [org = "", slug = ""] = team.split("/");
    const asked = client.with(repo, async (api) => {
      const wish = { org, team_slug: slug, username: user };
      return (await api.rest.teams.getMembershipForUserInOrg(wish)).data.state === "active";
    });
    // A team that is not there and a person who is not in it look the same.
    const told = asked.catch((thrown: unknown) => {
      if (isForgeError(thrown, "forge-not-found")) return false;
      throw thrown;
    });
    return orWhereRefused(told, null);
  },
  // Older servers don't know the call and narrow tokens may not make it: then nobody is known, so nobody is trusted.
  lastPusher: (repo, branch, head) =>
    orWhereRefused(
      client.with(repo, (api, at) => pusherOf(api, at, branch, head)),
      null,
    ),
});

/** The newest activity that left the branch at this head; older ones than a page of 100 are not looked for. */
const pusherOf = async (api: Octokit, at: Place, branch: string, head: string): Promise<string | null> => {
  const wish = { ...at, ref: `refs/heads/${branch}`, per_page: 100 };
  const { data } = await api.rest.repos.listActivities(wish);
  return data.find((activity) => activity.after === head)?.actor?.login ?? null;
};
