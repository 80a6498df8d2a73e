import type { Octokit } from "@octokit/rest";
import type { Forge } from "../ports/forge.ts";
import type { GithubClient, Place } from "./github-client.ts";
import { isForgeError } from "./github-errors.ts";
import { toPermission, toReview } from "./github-words.ts";

type PeopleCalls = Pick<Forge, "reviews" | "permission" | "lastPusher">;

export const githubPeople = (client: GithubClient): PeopleCalls => ({
  reviews: ({ repo, number }) =>
    client.with(repo, async (api, at) => {
      const wish = { ...at, pull_number: number, per_page: 100 };
      return (await api.paginate(api.rest.pulls.listReviews, wish)).map(toReview);
    }),
  permission: (repo, user) =>
    nullWhere(
      client.with(repo, async (api, at) => {
        const wish = { ...at, username: user };
        return toPermission((await api.rest.repos.getCollaboratorPermissionLevel(wish)).data);
      }),
      "forge-not-found",
    ).then((permission) => permission ?? "none"),
  // Older servers don't know the call and narrow tokens may not make it: then nobody is known, so nobody is trusted.
  lastPusher: (repo, branch, head) =>
    nullWhere(
      client.with(repo, (api, at) => pusherOf(api, at, branch, head)),
      ...(["forge-not-found", "forge-refused"] as const),
    ),
});

const nullWhere = <T>(
  work: Promise<T>,
  ...codes: readonly ("forge-not-found" | "forge-refused")[]
): Promise<T | null> =>
  work.catch((thrown: unknown) => {
    if (isForgeError(thrown, ...codes)) return null;
    throw thrown;
  });

/** The newest activity that left the branch at this head; older ones than a page of 100 are not looked for. */
const pusherOf = async (api: Octokit, at: Place, branch: string, head: string): Promise<string | null> => {
  const wish = { ...at, ref: `refs/heads/${branch}`, per_page: 100 };
  const { data } = await api.rest.repos.listActivities(wish);
  return data.find((activity) => activity.after === head)?.actor?.login ?? null;
};
