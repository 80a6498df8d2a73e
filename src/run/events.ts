import type { ForgeEvent } from "../model/forge-event.ts";
import { type FollowUp, followUps, nothing, type Outcome } from "../model/job.ts";
import { judgeMergeGroup } from "./merge-group.ts";
import { readConfig } from "./run-input.ts";
import { mergeSoon, publishSoon } from "./settle-run.ts";
import { syncWorkspaces } from "./sync-workspaces.ts";
import type { World } from "./world.ts";

/** Where each event leads. It only decides; the jobs that it returns read the facts again. */
export const routeEvent =
  (world: World) =>
  async ({ event }: { readonly event: ForgeEvent }): Promise<Outcome> => {
    switch (event.type) {
      case "pull-changed":
        return followUps(assessSoon(event));
      case "pull-closed":
        return followUps(
          event.merged ? mergeSoon(event.pull, event.sender) : { job: { kind: "close", pull: event.pull } },
        );
      case "commented":
        if (event.senderIsBot) return nothing;
        return followUps({
          job: {
            kind: "command",
            pull: event.pull,
            commentId: event.commentId,
            body: event.body,
            by: event.sender,
          },
        });
      case "reviewed":
      case "status-requested":
        return followUps(publishSoon(event.pull));
      case "merge-group":
        return judgeMergeGroup(world, event);
      case "pushed":
        return followUps(...(await afterPush(world, event)));
    }
  };

/** Of a flood of the same news one waits; whoever comes later finds that the head is known. */
const assessSoon = ({
  pull,
  head,
  why,
  sender,
}: ForgeEvent & { readonly type: "pull-changed" }): FollowUp => ({
  job: { kind: "assess", pull, head, trigger: why, by: sender },
  dedupeKey: `${why}:${pull.repo}#${pull.number}:${head}:${sender}`,
});

/**
 * When the deploy branch moves, its workspaces may be others, and plans made against the old tip may lie: each open
 * pull request is assessed again.
 */
const afterPush = async (
  world: World,
  event: { repo: string; branch: string; after: string; sender: string },
): Promise<readonly FollowUp[]> => {
  const deploy = await world.forge.defaultBranch(event.repo);
  if (event.branch !== deploy) return [];
  await world.git.fetch(event.repo);
  await syncWorkspaces(world, event.repo, event.after);
  const open = await world.ledger.pulls.list({ repo: event.repo, state: "open" });
  const assessments = open
    .filter((row) => row.deployBranch)
    .map((row) => ({
      job: {
        kind: "assess",
        pull: row.pull,
        head: row.head,
        trigger: "base-moved",
        by: event.sender,
      } as const,
      dedupeKey: `base-moved:${row.pull.repo}#${row.pull.number}:${event.after}`,
    }));
  return [...assessments, ...(await desiredLooks(world, event.repo, event.after))];
};

/** Databases in declarative mode: what the push wants of them is proposed now, not at the next look. */
const desiredLooks = async (world: World, repo: string, tip: string): Promise<readonly FollowUp[]> =>
  (await world.ledger.workspaces.list({ repo, removed: false }))
    .filter(({ config }) => readConfig(config).database?.desired !== undefined)
    .map(({ key }) => ({ job: { kind: "drift", workspace: key, slot: `desired:${tip}` } }));
