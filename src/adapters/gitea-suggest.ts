import { z } from "zod";
import type { Forge } from "../ports/forge.ts";
import { anything, type GiteaClient } from "./gitea-client.ts";
import { isForgeError } from "./gitea-errors.ts";

const reviewsShape = z.array(
  z.object({ body: z.string().nullish(), user: z.object({ login: z.string() }).nullish() }),
);

/** Gitea remarks on one line, the last of them, and shows a suggestion block as code to copy. */
export const giteaSuggest = (client: GiteaClient): Required<Pick<Forge, "suggest">> => ({
  async suggest({ repo, number }, { head, body, path, to, remark }) {
    const reviews = `pulls/${number}/reviews`;
    const known = async (): Promise<boolean> => {
      const own = await client.identity();
      const all = await client.all(repo, { path: reviews, shape: reviewsShape });
      return all.some((one) => one.user?.login === own && one.body === body);
    };
    if (await known()) return true;
    const comments = [{ path, body: remark, new_position: to }];
    const wish = { event: "COMMENT", commit_id: head, body, comments };
    const found = async (): Promise<true | null> => ((await known()) ? true : null);
    const call = { method: "POST", path: reviews, body: wish, shape: anything, found } as const;
    return client.call<unknown>(repo, call).then(
      () => true,
      (thrown: unknown) => {
        if (isForgeError(thrown, "forge-refused", "forge-not-found")) return false;
        throw thrown;
      },
    );
  },
});
