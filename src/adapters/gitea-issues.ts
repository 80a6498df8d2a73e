import { z } from "zod";
import type { Forge } from "../ports/forge.ts";
import { anything, type GiteaClient } from "./gitea-client.ts";

type IssueCalls = Pick<Forge, "upsertIssue" | "closeIssue">;

const issueShape = z.object({
  number: z.int(),
  title: z.string(),
  body: z.string(),
  user: z.object({ login: z.string() }).nullish(),
});
type Issue = z.infer<typeof issueShape>;

export const giteaIssues = (client: GiteaClient): IssueCalls => {
  const find = (repo: string, marker: string) => findMarked(client, repo, marker);
  const change = (repo: string, number: number, body: object) =>
    client.call(repo, { method: "PATCH", path: `issues/${number}`, body, shape: anything });
  return {
    async upsertIssue(repo, marker, issue) {
      const known = await find(repo, marker);
      if (known) {
        if (known.title !== issue.title || known.body !== issue.body) await change(repo, known.number, issue);
        return { number: known.number };
      }
      const { number } = await client.call(repo, {
        method: "POST",
        path: "issues",
        body: issue,
        shape: issueShape,
        found: () => find(repo, marker),
      });
      return { number };
    },
    async closeIssue(repo, marker, comment) {
      const known = await find(repo, marker);
      if (!known) return;
      const path = `issues/${known.number}/comments`;
      await client.call(repo, { method: "POST", path, body: { body: comment }, shape: anything });
      await change(repo, known.number, { state: "closed" });
    },
  };
};

/** Only an issue of our own counts: anybody can write the marker into theirs. */
const findMarked = async (client: GiteaClient, repo: string, marker: string): Promise<Issue | null> => {
  const login = await client.identity();
  const query = { state: "open", type: "issues", created_by: login };
  for await (const page of client.pages(repo, { path: "issues", query, shape: z.array(issueShape) })) {
    const found = page.find((issue) => issue.user?.login === login && issue.body.includes(marker));
    if (found) return found;
  }
  return null;
};
