import type { ParsedCommand } from "../model/command.ts";
import type { FollowUp } from "../model/job.ts";
import type { PullRef, PullRequest } from "../model/pull.ts";
import type { World } from "./world.ts";

/** A command with the facts that each of them needs. */
export interface Asked {
  readonly command: ParsedCommand;
  readonly pull: PullRequest;
  readonly by: string;
  readonly commentId: number;
}

export type CommandHandler = (world: World, asked: Asked) => Promise<readonly FollowUp[]>;

/** One answer per comment: handled twice, it is still one. */
export const reply = (
  job: { readonly pull: PullRef; readonly commentId: number },
  body: string,
): FollowUp => ({
  job: {
    kind: "reply",
    pull: { repo: job.pull.repo, number: job.pull.number },
    key: `reply:${job.commentId}`,
    body,
  },
});
