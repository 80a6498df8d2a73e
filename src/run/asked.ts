import type { ParsedCommand } from "../model/command.ts";
import type { FollowUp } from "../model/job.ts";
import type { PullRef, PullRequest } from "../model/pull.ts";
import type { World } from "./world.ts";

/** A command with the facts that each of them needs. */
export interface Asked {
  readonly command: ParsedCommand;
  readonly pull: PullRequest;
  readonly by: string;
  /** The comment's, or the name of the request where it was asked for over HTTP. */
  readonly commentId: number | string;
}

/**
 * Whether a name is that of a token or of a person at the identity provider, which `person:` or `token:` stands before:
 * no forge's login has a colon. Who they are on the forge is not known.
 */
export const isOverHttp = (by: string): boolean => by.includes(":");

export type CommandHandler = (world: World, asked: Asked) => Promise<readonly FollowUp[]>;

/** One answer per comment: handled twice, it is still one. */
export const reply = (
  job: { readonly pull: PullRef; readonly commentId: number | string },
  body: string,
): FollowUp => ({
  job: {
    kind: "reply",
    pull: { repo: job.pull.repo, number: job.pull.number },
    key: `reply:${job.commentId}`,
    body,
  },
});
