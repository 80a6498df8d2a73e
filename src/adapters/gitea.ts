import { z } from "zod";
import type { Forge } from "../ports/forge.ts";
import { type GiteaOptions, openGitea } from "./gitea-client.ts";
import { giteaComments } from "./gitea-comments.ts";
import { giteaIssues } from "./gitea-issues.ts";
import { giteaMergeable } from "./gitea-mergeable.ts";
import { giteaPeople } from "./gitea-people.ts";
import { giteaPulls } from "./gitea-pulls.ts";
import { giteaStatuses } from "./gitea-statuses.ts";
import { giteaSuggest } from "./gitea-suggest.ts";

export type { GiteaOptions } from "./gitea-client.ts";

/**
 * The `Forge` port over the API of Gitea and Forgejo, with a token. Rate limits and passing failures are waited
 * out by the clock; what remains comes as `forge-*` errors without headers, bodies or the token in them.
 */
export const createGiteaForge = (options: GiteaOptions): Forge => {
  const client = openGitea(options);
  const statuses = giteaStatuses(client);
  return {
    kind: "gitea",
    // Gitea itself sets none; pages with longer comments are slow to open.
    limits: { commentLength: 65_536 },
    identity: client.identity,
    async defaultBranch(repo) {
      const shape = z.object({ default_branch: z.string() });
      return (await client.call(repo, { path: "", shape })).default_branch;
    },
    ...giteaPulls(client),
    ...giteaComments(client),
    ...statuses,
    mergeable: giteaMergeable(client, statuses.statuses),
    ...giteaPeople(client),
    ...giteaIssues(client),
    ...giteaSuggest(client),
    async cloneAccess(repo) {
      const username = await client.identity();
      return { url: `${client.web}/${repo}.git`, username, password: options.token };
    },
    compareUrl: (repo, path, commit) =>
      `${client.web}/${repo}/src/commit/${commit}/${path.split("/").map(encodeURIComponent).join("/")}`,
  };
};
