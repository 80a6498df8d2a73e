import { z } from "zod";
import type { IssueComment, PullRef } from "../model/pull.ts";
import type { Forge } from "../ports/forge.ts";
import { anything, type GiteaClient } from "./gitea-client.ts";
import { isForgeError } from "./gitea-errors.ts";
import { commentShape, toComment } from "./gitea-words.ts";

type CommentCalls = Pick<Forge, "comments" | "comment" | "updateComment" | "deleteComment" | "react">;

// The same words by us within this time are taken for the comment whose answer was lost; clocks may differ by less.
const LOST_WITHIN_MS = 60_000;

export const giteaComments = (client: GiteaClient): CommentCalls => {
  const comments = async ({ repo, number }: PullRef, since?: Date): Promise<IssueComment[]> => {
    const query: Record<string, string> = since ? { since: since.toISOString() } : {};
    const shape = z.array(commentShape);
    const found = await client.all(repo, { path: `issues/${number}/comments`, query, shape });
    return found.map(toComment).sort((left, right) => left.id - right.id);
  };
  return {
    comments,
    comment(ref, body) {
      const since = new Date(client.clock.now().getTime() - LOST_WITHIN_MS);
      return client.call(ref.repo, {
        method: "POST",
        path: `issues/${ref.number}/comments`,
        body: { body },
        shape: z.object({ id: z.int() }),
        async found() {
          const own = await client.identity();
          const recent = await comments(ref, since);
          const lost = recent.find((one) => one.user === own && one.body === body);
          return lost ? { id: lost.id } : null;
        },
      });
    },
    async updateComment({ repo }, id, body) {
      const path = `issues/comments/${id}`;
      await client.call(repo, { method: "PATCH", path, body: { body }, shape: anything });
    },
    async deleteComment({ repo }, id) {
      const path = `issues/comments/${id}`;
      await client.call(repo, { method: "DELETE", path, shape: anything }).catch((thrown: unknown) => {
        if (!isForgeError(thrown, "forge-not-found")) throw thrown;
      });
    },
    async react({ repo }, id, reaction) {
      const path = `issues/comments/${id}/reactions`;
      await client.call(repo, { method: "POST", path, body: { content: reaction }, shape: anything });
    },
  };
};
