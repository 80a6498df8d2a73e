import { z } from "zod";
import type { Forge } from "../ports/forge.ts";
import type { GiteaClient } from "./gitea-client.ts";
import { isForgeError } from "./gitea-errors.ts";
import { reviewShape, toPermission, toReview } from "./gitea-words.ts";

type PeopleCalls = Pick<Forge, "reviews" | "permission" | "lastPusher" | "teamMember">;

export const giteaPeople = (client: GiteaClient): PeopleCalls => ({
  async reviews({ repo, number }) {
    const found = await client.all(repo, { path: `pulls/${number}/reviews`, shape: z.array(reviewShape) });
    return found.flatMap((one) => toReview(one) ?? []).sort((left, right) => left.id - right.id);
  },
  async permission(repo, user) {
    const path = `collaborators/${encodeURIComponent(user)}/permission`;
    const answer = client.call(repo, { path, shape: z.object({ permission: z.string() }) });
    return answer.then(
      ({ permission }) => toPermission(permission),
      (thrown: unknown) => {
        if (isForgeError(thrown, "forge-not-found")) return "none";
        throw thrown;
      },
    );
  },
  async teamMember(_repo, team, user) {
    const [org = "", name = ""] = team.split("/");
    const path = `orgs/${encodeURIComponent(org)}/teams/search`;
    const found = await client.call(null, { path, query: { q: name }, shape: teamsShape });
    const id = found.data.find((one) => one.name.toLowerCase() === name.toLowerCase())?.id;
    if (id === undefined) return false;
    const member = `teams/${id}/members/${encodeURIComponent(user)}`;
    return client.call(null, { path: member, shape: z.unknown() }).then(
      () => true,
      (thrown: unknown) => {
        if (isForgeError(thrown, "forge-not-found")) return false;
        throw thrown;
      },
    );
  },
  lastPusher: (repo, branch, head) => pusherOf(client, repo, `refs/heads/${branch}`, head),
});

const teamsShape = z.object({ data: z.array(z.object({ id: z.int(), name: z.string() })) });

const activityShape = z.object({
  op_type: z.string(),
  ref_name: z.string().nullish(),
  content: z.string().nullish(),
  act_user: z.object({ login: z.string() }).nullish(),
});

const PAGES_LOOKED_AT = 4;

/** The newest push in the repository's activities that left the branch at this head; long ago counts as unknown. */
const pusherOf = async (
  client: GiteaClient,
  repo: string,
  ref: string,
  head: string,
): Promise<string | null> => {
  const shape = z.array(activityShape);
  let looked = 0;
  for await (const page of client.pages(repo, { path: "activities/feeds", shape })) {
    const found = page.find((one) => one.ref_name === ref && headOf(one.content ?? "") === head);
    if (found) return found.act_user?.login ?? null;
    looked += 1;
    if (looked === PAGES_LOOKED_AT) break;
  }
  return null;
};

const pushShape = z.object({ HeadCommit: z.object({ Sha1: z.string() }) });

/** What a push left behind is JSON in a text; other activities have other texts there. */
const headOf = (content: string): string | null => {
  try {
    return pushShape.parse(JSON.parse(content)).HeadCommit.Sha1;
  } catch {
    return null;
  }
};
