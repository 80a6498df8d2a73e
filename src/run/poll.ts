import type { ForgeEvent } from "../model/forge-event.ts";
import { type FollowUp, followUps, type Outcome } from "../model/job.ts";
import { type PullRequest, pullKey } from "../model/pull.ts";
import type { World } from "./world.ts";

/**
 * Asks the forge what webhooks may have missed since the last look: open pull requests and their heads, merges,
 * closings, commands. What was handled already is told apart by the handlers, so that looking twice does no harm.
 */
export const pollRepository =
  (world: World) =>
  async ({ repo }: { readonly repo: string }): Promise<Outcome> => {
    const startedAt = world.clock.now();
    const since = await lastLook(world, repo);
    const open = await world.forge.openPulls(repo);
    const closed = await world.forge.closedPulls(repo, since);
    const events = [
      ...(await changedPulls(world, open)),
      ...(await closedPulls(world, repo, closed)),
      // A comment is news of a closed pull request too: what was said before or after its end is answered.
      ...(await newComments(world, [...open, ...closed], since)),
      ...(await movedDeployBranch(world, repo)),
    ];
    await world.ledger.meta.set(`poll:${repo}`, startedAt.toISOString());
    return followUps(
      ...events.map((event, index) => asFollowUp(event, `${repo}:${startedAt.getTime()}:${index}`)),
    );
  };

const OVERLAP_MS = 120_000;
const lastLook = async (world: World, repo: string): Promise<Date> => {
  const stored = await world.ledger.meta.get(`poll:${repo}`);
  const last = typeof stored === "string" ? new Date(stored) : world.clock.now();
  return new Date(last.getTime() - OVERLAP_MS);
};

const asFollowUp = (event: ForgeEvent, id: string): FollowUp => ({
  job: { kind: "event", delivery: `poll:${id}`, event },
});

const changedPulls = async (world: World, open: readonly PullRequest[]): Promise<readonly ForgeEvent[]> => {
  const events: ForgeEvent[] = [];
  for (const pull of open) {
    const row = await world.ledger.pulls.get(pull);
    if (row?.head === pull.head.sha && row.state === "open") continue;
    const { repo, number } = pull;
    events.push({
      type: "pull-changed",
      pull: { repo, number },
      head: pull.head.sha,
      why: row ? "pushed" : "opened",
      sender: pull.author,
    });
  }
  return events;
};

const closedPulls = async (
  world: World,
  repo: string,
  closed: readonly PullRequest[],
): Promise<readonly ForgeEvent[]> => {
  const known = new Map(
    (await world.ledger.pulls.list({ repo })).map((row) => [pullKey(row.pull), row.state]),
  );
  const isNews = (pull: PullRequest): boolean => {
    const state = known.get(pullKey(pull));
    // Opened and merged between two looks: nobody has planned it, which must be said.
    return state === undefined ? pull.state === "merged" : state === "open";
  };
  return closed.filter(isNews).map(({ number, state, author }) => ({
    type: "pull-closed",
    pull: { repo, number },
    merged: state === "merged",
    sender: author,
  }));
};

const newComments = async (
  world: World,
  pulls: readonly PullRequest[],
  since: Date,
): Promise<readonly ForgeEvent[]> => {
  const events: ForgeEvent[] = [];
  for (const { repo, number } of pulls) {
    const pull = { repo, number };
    // Forges find comments by their last edit, and what somebody edited into a command is none.
    const asWritten = (await world.forge.comments(pull, since)).filter(
      (one) => one.updatedAt.getTime() === one.createdAt.getTime(),
    );
    for (const comment of asWritten) {
      events.push({
        type: "commented",
        pull,
        commentId: comment.id,
        body: comment.body,
        sender: comment.user,
        senderIsBot: comment.bot,
      });
    }
  }
  return events;
};

const movedDeployBranch = async (world: World, repo: string): Promise<readonly ForgeEvent[]> => {
  const branch = await world.forge.defaultBranch(repo);
  await world.git.fetch(repo);
  const after = await world.git.resolve(repo, branch);
  const before = await world.ledger.meta.get(`tip:${repo}`);
  if (!after || after === before) return [];
  await world.ledger.meta.set(`tip:${repo}`, after);
  return [
    { type: "pushed", repo, branch, before: typeof before === "string" ? before : after, after, sender: "" },
  ];
};
