import type { Octokit } from "@octokit/rest";
import type { Forge } from "../ports/forge.ts";
import type { GithubClient, Place } from "./github-client.ts";
import { createOnce, ONE_TRY } from "./github-once.ts";

type IssueCalls = Pick<Forge, "upsertIssue" | "closeIssue">;

interface Marked {
  readonly number: number;
  readonly title: string;
  readonly body: string;
}

export const githubIssues = (client: GithubClient): IssueCalls => {
  /** Only an issue of our own counts: anybody can write the marker into theirs. */
  const find = async (repo: string, marker: string): Promise<Marked | null> => {
    const login = await client.identity();
    return client.with(repo, (api, at) => findMarked(api, at, login, marker));
  };
  return {
    async upsertIssue(repo, marker, issue) {
      const create = () =>
        client.with(repo, async (api, at): Promise<Marked> => {
          const { data } = await api.rest.issues.create({ ...at, ...issue, ...ONE_TRY });
          return { ...issue, number: data.number };
        });
      const known = (await find(repo, marker)) ?? (await createOnce(create, () => find(repo, marker)));
      if (known.title !== issue.title || known.body !== issue.body)
        await client.with(repo, (api, at) =>
          api.rest.issues.update({ ...at, issue_number: known.number, ...issue }),
        );
      return { number: known.number };
    },
    async closeIssue(repo, marker, comment) {
      const known = await find(repo, marker);
      if (!known) return;
      await client.with(repo, async (api, at) => {
        const place = { ...at, issue_number: known.number };
        await api.rest.issues.createComment({ ...place, body: comment });
        await api.rest.issues.update({ ...place, state: "closed", state_reason: "completed" });
      });
    },
  };
};

const findMarked = async (api: Octokit, at: Place, login: string, marker: string): Promise<Marked | null> => {
  const wish = { ...at, state: "open", creator: login, per_page: 100 } as const;
  for await (const { data } of api.paginate.iterator(api.rest.issues.listForRepo, wish)) {
    const found = data.find(
      (issue) => !issue.pull_request && issue.user?.login === login && issue.body?.includes(marker),
    );
    if (found) return { number: found.number, title: found.title, body: found.body ?? "" };
  }
  return null;
};
