import { z } from "zod";
import type { CommitStatus, Forge, StatusState } from "../ports/forge.ts";
import { anything, type GiteaClient } from "./gitea-client.ts";
import { cutText } from "./github-words.ts";

type StatusCalls = Pick<Forge, "setStatus" | "statuses">;

const DESCRIPTION_LENGTH = 140;

const combinedShape = z.object({
  statuses: z
    .array(
      z.object({
        context: z.string(),
        status: z.string(),
        description: z.string(),
        target_url: z.string(),
      }),
    )
    .nullish(),
});

/** Gitea gives the list wrapped, and no list for none. */
const statusList = combinedShape.transform((combined) => combined.statuses ?? []);

export const giteaStatuses = (client: GiteaClient): StatusCalls => ({
  async setStatus(repo, commit, { context, state, description, targetUrl }) {
    const words = { description: cutText(description, DESCRIPTION_LENGTH), target_url: targetUrl ?? "" };
    const body = { context, state, ...words };
    await client.call(repo, { method: "POST", path: `statuses/${commit}`, body, shape: anything });
  },
  async statuses(repo, commit) {
    const found = await client.all(repo, { path: `commits/${commit}/status`, shape: statusList });
    return found.map(
      ({ context, status, description, target_url }): CommitStatus => ({
        context,
        state: STATES.get(status) ?? "error",
        description,
        targetUrl: target_url || null,
      }),
    );
  },
});

/** Gitea knows one more word, and a required context in that state stands in the way of a merge. */
const STATES: ReadonlyMap<string, StatusState> = new Map([
  ["pending", "pending"],
  ["success", "success"],
  ["warning", "failure"],
  ["failure", "failure"],
  ["error", "error"],
]);
