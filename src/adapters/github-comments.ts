import type { Octokit } from "@octokit/rest";
import type { IssueComment, PullRef } from "../model/pull.ts";
import type { Forge } from "../ports/forge.ts";
import type { GithubClient } from "./github-client.ts";
import { isForgeError } from "./github-errors.ts";
import { createOnce, ONE_TRY } from "./github-once.ts";
import { toComment } from "./github-words.ts";

type CommentCalls = Pick<Forge, "comments" | "comment" | "updateComment" | "deleteComment" | "react">;

// The same words by us within this time are taken for the comment whose answer was lost; clocks may differ by less.
const LOST_WITHIN_MS = 60_000;

export const githubComments = (client: GithubClient): CommentCalls => {
  const comments = ({ repo, number }: PullRef, since?: Date): Promise<IssueComment[]> =>
    client.with(repo, async (api: Octokit, at) => {
      const wish = {
        ...at,
        issue_number: number,
        per_page: 100,
        ...(since ? { since: since.toISOString() } : {}),
      };
      const found = await api.paginate(api.rest.issues.listComments, wish);
      return found.map(toComment).sort((left, right) => left.id - right.id);
    });

  return {
    comments,
    async comment(ref, body) {
      const since = new Date(Date.now() - LOST_WITHIN_MS);
      const { id } = await createOnce<{ id: number }>(
        () => postComment(client, ref, body),
        async () => {
          const own = await client.identity();
          const recent = await comments(ref, since);
          return recent.find((one) => one.user === own && one.body === body) ?? null;
        },
      );
      return { id };
    },
    updateComment: ({ repo }, id, body) =>
      client.with(repo, async (api, at) => {
        await api.rest.issues.updateComment({ ...at, comment_id: id, body });
      }),
    async deleteComment({ repo }, id) {
      const deleted = client.with(repo, (api, at) =>
        api.rest.issues.deleteComment({ ...at, comment_id: id }),
      );
      await deleted.catch((thrown: unknown) => {
        if (!isForgeError(thrown, "forge-not-found")) throw thrown;
      });
    },
    react: ({ repo }, id, reaction) =>
      client.with(repo, async (api, at) => {
        await api.rest.reactions.createForIssueComment({ ...at, comment_id: id, content: reaction });
      }),
  };
};

const postComment = (
  client: GithubClient,
  { repo, number }: PullRef,
  body: string,
): Promise<{ id: number }> =>
  client.with(repo, async (api, at) => {
    const wish = { ...at, issue_number: number, body, ...ONE_TRY };
    return { id: (await api.rest.issues.createComment(wish)).data.id };
  });
