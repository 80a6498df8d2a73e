import type { Octokit } from "@octokit/rest";
import { PlumblineError } from "../model/errors.ts";
import type { PullRef, PullRequest } from "../model/pull.ts";
import type { Forge } from "../ports/forge.ts";
import type { GithubClient, Place } from "./github-client.ts";
import { isForgeError } from "./github-errors.ts";
import { toPull } from "./github-words.ts";

type PullCalls = Pick<
  Forge,
  "pull" | "openPulls" | "closedPulls" | "findPull" | "createPull" | "updatePull" | "merge"
>;

const PAGE = { per_page: 100 };

export const githubPulls = (client: GithubClient): PullCalls => {
  const pull = ({ repo, number }: PullRef): Promise<PullRequest> =>
    client.with(repo, async (api, at) =>
      toPull(repo, (await api.rest.pulls.get({ ...at, pull_number: number })).data),
    );

  const findPull = (repo: string, branch: string): Promise<PullRequest | null> =>
    client.with(repo, async (api, at) => {
      const wish = { ...at, ...PAGE, state: "open" as const, head: `${at.owner}:${branch}` };
      const found = (await api.rest.pulls.list(wish)).data.map((one) => toPull(repo, one));
      return found.find((one) => one.head.ref === branch && !one.fork) ?? null;
    });

  return {
    pull,
    findPull,
    openPulls: (repo) =>
      client.with(repo, async (api, at) => {
        const found = await api.paginate(api.rest.pulls.list, { ...at, ...PAGE, state: "open" });
        return found.map((one) => toPull(repo, one));
      }),
    closedPulls: (repo, since) => client.with(repo, (api, at) => closedSince(api, at, repo, since)),
    async createPull(repo, words) {
      try {
        return await client.with(repo, async (api, at) =>
          toPull(repo, (await api.rest.pulls.create({ ...at, ...words })).data),
        );
      } catch (thrown) {
        // A second call for one branch, or an answer that was lost on the way.
        const known = isForgeError(thrown, "forge-refused") ? await findPull(repo, words.head) : null;
        if (known) return known;
        throw thrown;
      }
    },
    updatePull: ({ repo, number }, change) =>
      client.with(repo, async (api, at) => {
        await api.rest.pulls.update({ ...at, pull_number: number, ...change });
      }),
    merge: async (ref, options) => {
      for (let tried = 1; ; tried += 1) {
        try {
          return await mergePull(client, ref, options);
        } catch (thrown) {
          if (!isForgeError(thrown, "forge-conflict")) throw thrown;
          const commit = mergedAs(await pull(ref), options.head);
          if (commit) return { commit };
          if (tried === MERGE_TRIES || !BASE_MOVED.test(thrown.message)) throw thrown;
        }
      }
    },
  };
};

// Another merge came between; GitHub asks to try the same again.
const BASE_MOVED = /base branch was modified/i;
const MERGE_TRIES = 3;

const closedSince = async (api: Octokit, at: Place, repo: string, since: Date): Promise<PullRequest[]> => {
  const wish = { ...at, ...PAGE, state: "closed", sort: "updated", direction: "desc" } as const;
  const found: PullRequest[] = [];
  for await (const { data } of api.paginate.iterator(api.rest.pulls.list, wish)) {
    const recent = data.filter((one) => new Date(one.updated_at) >= since);
    found.push(...recent.map((one) => toPull(repo, one)));
    if (recent.length < data.length) break;
  }
  return found;
};

const mergePull = (
  client: GithubClient,
  { repo, number }: PullRef,
  { method, head }: Parameters<Forge["merge"]>[1],
): Promise<{ commit: string }> =>
  client.with(repo, async (api, at) => {
    const wish = { ...at, pull_number: number, merge_method: method, sha: head };
    const { data } = await api.rest.pulls.merge(wish);
    if (data.merged) return { commit: data.sha };
    throw new PlumblineError("forge-conflict", `GitHub did not merge ${repo}#${number}: ${data.message}`);
  });

/** What an earlier call already merged, if it was this head. */
const mergedAs = (pull: PullRequest, head: string): string | null =>
  pull.head.sha === head ? pull.mergeCommit : null;
