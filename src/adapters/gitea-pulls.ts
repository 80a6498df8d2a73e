import { z } from "zod";
import type { PullRef, PullRequest } from "../model/pull.ts";
import type { Forge } from "../ports/forge.ts";
import { anything, type GiteaClient } from "./gitea-client.ts";
import { isForgeError } from "./gitea-errors.ts";
import { pullShape, toPull } from "./gitea-words.ts";

type PullCalls = Pick<
  Forge,
  "pull" | "openPulls" | "closedPulls" | "findPull" | "createPull" | "updatePull" | "merge"
>;

export const giteaPulls = (client: GiteaClient): PullCalls => {
  const pull = async ({ repo, number }: PullRef): Promise<PullRequest> =>
    toPull(repo, await client.call(repo, { path: `pulls/${number}`, shape: pullShape }));
  const openPulls = async (repo: string): Promise<PullRequest[]> => {
    const query = { state: "open" };
    const found = await client.all(repo, { path: "pulls", query, shape: z.array(pullShape) });
    return found.map((one) => toPull(repo, one));
  };
  const findPull = async (repo: string, branch: string): Promise<PullRequest | null> =>
    (await openPulls(repo)).find((one) => one.head.ref === branch && !one.fork) ?? null;
  return {
    pull,
    openPulls,
    findPull,
    closedPulls: (repo, since) => closedSince(client, repo, since),
    async createPull(repo, words) {
      try {
        const call = { method: "POST", path: "pulls", body: words, shape: pullShape } as const;
        return toPull(repo, await client.call(repo, call));
      } catch (thrown) {
        // A second call for one branch, or an answer that was lost on the way.
        const known = isForgeError(thrown, "forge-conflict") ? await findPull(repo, words.head) : null;
        if (known) return known;
        throw thrown;
      }
    },
    async updatePull({ repo, number }, change) {
      await client.call(repo, { method: "PATCH", path: `pulls/${number}`, body: change, shape: anything });
    },
    merge: (ref, options) => merge(client, () => pull(ref), ref, options),
  };
};

/** Newest change first, so the first one that is too old ends it. */
const closedSince = async (client: GiteaClient, repo: string, since: Date): Promise<PullRequest[]> => {
  const query = { state: "closed", sort: "recentupdate" };
  const found: PullRequest[] = [];
  for await (const page of client.pages(repo, { path: "pulls", query, shape: z.array(pullShape) })) {
    const recent = page.filter((one) => new Date(one.updated_at) >= since);
    found.push(...recent.map((one) => toPull(repo, one)));
    if (recent.length < page.length) break;
  }
  return found;
};

/** While Gitea still checks for conflicts it refuses as it does for a conflict: "try again later". */
const MERGE_WAITS_MS = [500, 1000, 2000];

const merge = async (
  client: GiteaClient,
  look: () => Promise<PullRequest>,
  { repo, number }: PullRef,
  { method, head }: Parameters<Forge["merge"]>[1],
): Promise<{ commit: string }> => {
  const body = { Do: method, head_commit_id: head };
  const call = { method: "POST", path: `pulls/${number}/merge`, body, shape: anything } as const;
  for (const waitMs of [...MERGE_WAITS_MS, null]) {
    const refusal = await client.call(repo, call).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    if (refusal !== null && !isForgeError(refusal, "forge-conflict")) throw refusal;
    const pull = await look();
    if (pull.mergeCommit !== null && pull.head.sha === head) return { commit: pull.mergeCommit };
    if (waitMs === null || pull.state !== "open" || !/try again later/i.test(String(refusal))) throw refusal;
    await client.clock.wait(waitMs);
  }
  throw new Error("unreachable: the last wait is null");
};
