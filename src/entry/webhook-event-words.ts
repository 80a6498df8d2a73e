import type { ForgeEvent, PullChange } from "../model/forge-event.ts";

/** The branch of `refs/heads/<branch>`; null for tags and everything else. */
export const branchOf = (ref: string): string | null => /^refs\/heads\/(.+)$/.exec(ref)?.[1] ?? null;

/** What a forge gives as `after` of a deleted branch; SHA-256 repositories have 64 zeros. */
export const ZERO_COMMIT = /^0+$/;

/** Apps and their kin carry it in their name on GitHub, and by custom elsewhere. */
export const isBotLogin = (login: string): boolean => login.endsWith("[bot]");

/** A pull request's own event, where it is closed, or changed in a way that `why` names; null asks nothing of us. */
export const pullEvent = (
  payload: {
    readonly action: string;
    readonly number: number;
    readonly repository: { readonly full_name: string };
    readonly pull_request: {
      readonly head: { readonly sha: string };
      readonly merged?: boolean | null | undefined;
    };
  },
  sender: string,
  why: PullChange | null,
): ForgeEvent | null => {
  const pull = { repo: payload.repository.full_name, number: payload.number };
  if (payload.action === "closed")
    return { type: "pull-closed", pull, merged: payload.pull_request.merged === true, sender };
  return why ? { type: "pull-changed", pull, head: payload.pull_request.head.sha, why, sender } : null;
};
