import type { FollowUp } from "../model/job.ts";
import type { PullRef } from "../model/pull.ts";
import type { Ledger } from "../ports/ledger.ts";
import { releaseLocks } from "./close.ts";
import { publishSoon } from "./settle-run.ts";

export interface Unlock {
  readonly pull: PullRef;
  readonly by: string;
  readonly at: Date;
  /** Null where a comment gave none; operators always say why. */
  readonly reason: string | null;
}

/**
 * Gives up what a pull request holds or waits for, with its plans, and records who did so and why. Inside a transaction;
 * the follow-ups are the caller's to queue.
 */
export const unlockPull = async (
  ledger: Ledger,
  { pull, by, at, reason }: Unlock,
): Promise<{ readonly workspaces: readonly string[]; readonly followUps: readonly FollowUp[] }> => {
  await ledger.plans.discard(pull, at);
  const { workspaces, followUps } = await releaseLocks(ledger, pull);
  await ledger.audit.append({
    at,
    actor: by,
    action: "unlock",
    subject: `${pull.repo}#${pull.number}`,
    details: { workspaces: [...workspaces], ...(reason === null ? {} : { reason }) },
  });
  return { workspaces, followUps: [publishSoon(pull), ...followUps] };
};
