import { tellPull, tellPush } from "./events.ts";
import type { Hub } from "./hub.ts";
import { refreshMerge } from "./merging.ts";
import {
  type Activity,
  isPull,
  openPullsOf,
  type Person,
  type PullThread,
  type Repo,
  ZERO,
} from "./state.ts";

/** Runs work that may move branches, then does what a forge does after a push. Returns the work's result. */
export const pushing = <T>(
  hub: Hub,
  repo: Repo,
  by: Person,
  work: () => Promise<T>,
  type?: Activity["type"],
): Promise<T> =>
  hub.exclusive(repo, async () => {
    const before = await repo.git.branches();
    try {
      return await work();
    } finally {
      await compareBranches(hub, repo, by, before, type);
    }
  });

const compareBranches = async (
  hub: Hub,
  repo: Repo,
  by: Person,
  before: ReadonlyMap<string, string>,
  type?: Activity["type"],
): Promise<void> => {
  const after = await repo.git.branches();
  for (const ref of new Set([...before.keys(), ...after.keys()])) {
    const [from, to] = [before.get(ref) ?? ZERO, after.get(ref) ?? ZERO];
    if (from !== to) await branchMoved(hub, repo, by, { ref, from, to }, type);
  }
};

interface Move {
  readonly ref: string;
  readonly from: string;
  readonly to: string;
}

const branchMoved = async (hub: Hub, repo: Repo, by: Person, move: Move, type?: Activity["type"]) => {
  const { ref, from, to } = move;
  const forced = from !== ZERO && to !== ZERO && !(await repo.git.isAncestor(from, to));
  const at = hub.now();
  repo.pushedAt = at;
  const kind = type ?? kindOf(move, forced);
  repo.activities.push({ id: hub.nextId(), ref, before: from, after: to, by, type: kind, at });
  tellPush(hub, repo, { ref, before: from, after: to, forced }, by);
  const branch = ref.replace("refs/heads/", "");
  for (const target of [repo, ...childrenOf(repo)]) await moveHeads(hub, target, repo, branch, to, by);
  for (const thread of openPullsOf(repo))
    if (thread.pull.baseRef === branch) await baseMoved(hub, repo, thread, to, by);
};

const kindOf = ({ from, to }: Move, forced: boolean): Activity["type"] => {
  if (from === ZERO) return "branch_creation";
  if (to === ZERO) return "branch_deletion";
  return forced ? "force_push" : "push";
};

/** A fork's branches are heads of pull requests in the repository that it was forked from. */
const childrenOf = (repo: Repo): readonly Repo[] => (repo.parent ? [repo.parent] : []);

const moveHeads = async (hub: Hub, target: Repo, source: Repo, branch: string, to: string, by: Person) => {
  const heads = openPullsOf(target).filter(
    ({ pull }) => pull.headRepo === source && pull.headRef === branch && pull.headSha !== to,
  );
  for (const thread of heads) {
    if (to === ZERO) closeThread(hub, target, thread, by);
    else await headMoved(hub, target, thread, to, by);
  }
};

const closeThread = (hub: Hub, repo: Repo, thread: PullThread, by: Person): void => {
  thread.state = "closed";
  thread.closedAt = thread.updatedAt = hub.now();
  tellPull(hub, repo, thread, "closed", by);
};

const headMoved = async (hub: Hub, repo: Repo, thread: PullThread, to: string, by: Person): Promise<void> => {
  const { pull, number } = thread;
  const before = pull.headSha;
  if (pull.headRepo === repo) await repo.git.setRef(`refs/pull/${number}/head`, to);
  else await repo.git.take(pull.headRepo.git, pull.headRef, `refs/pull/${number}/head`);
  pull.headSha = to;
  pull.baseSha = (await repo.git.resolve(`refs/heads/${pull.baseRef}`)) ?? pull.baseSha;
  thread.updatedAt = hub.now();
  await refreshMerge(hub, repo, thread);
  tellPull(hub, repo, thread, "synchronize", by, { before, after: to });
};

/** The base may now hold the head: GitHub then takes the pull request for merged. */
const baseMoved = async (hub: Hub, repo: Repo, thread: PullThread, to: string, by: Person): Promise<void> => {
  if (to === ZERO || thread.state !== "open" || !isPull(thread)) return;
  if (await repo.git.isAncestor(thread.pull.headSha, to)) {
    thread.pull.merged = { by, at: hub.now() };
    thread.pull.mergeCommit = to;
    closeThread(hub, repo, thread, by);
  } else await refreshMerge(hub, repo, thread);
};
