import type { Forge } from "../ports/forge.ts";
import type { GithubClient } from "./github-client.ts";
import { orWhereRefused } from "./github-errors.ts";
import { createOnce, ONE_TRY } from "./github-once.ts";

/** A review with one remark: GitHub refuses it where the lines are not in the diff of that head. */
export const githubSuggest = (client: GithubClient): Required<Pick<Forge, "suggest">> => ({
  suggest: ({ repo, number }, { head, body, path, from, to, remark }) => {
    const known = (): Promise<boolean> =>
      client.with(repo, async (api, at) => {
        const own = await client.identity();
        const wish = { ...at, pull_number: number, per_page: 100 };
        const reviews = await api.paginate(api.rest.pulls.listReviews, wish);
        return reviews.some((one) => one.user?.login === own && one.body === body);
      });
    const several = from === to ? {} : { start_line: from, start_side: "RIGHT" };
    const comments = [{ path, body: remark, line: to, side: "RIGHT", ...several }];
    const create = (): Promise<boolean> =>
      client.with(repo, async (api, at) => {
        const wish = {
          ...at,
          pull_number: number,
          commit_id: head,
          event: "COMMENT",
          body,
          comments,
          ...ONE_TRY,
        };
        await api.rest.pulls.createReview(wish as Parameters<typeof api.rest.pulls.createReview>[0]);
        return true;
      });
    const made = async (): Promise<boolean> =>
      (await known()) || createOnce<boolean>(create, async () => (await known()) || null);
    return orWhereRefused(made(), false);
  },
});
