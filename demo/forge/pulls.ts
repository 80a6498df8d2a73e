import { tellPull, tellReview } from "./events.ts";
import type { Hub } from "./hub.ts";
import { type MergeMethod, mergePull, refreshMerge } from "./merging.ts";
import { pushing } from "./pushes.ts";
import { invalid, Refusal } from "./refusal.ts";
import { openPullsOf, type Person, type PullThread, permissionOf, type Repo, type Review } from "./state.ts";

// What people do with pull requests, over HTTP or in a script of the demo.

export interface NewPull {
  readonly title: string;
  readonly body: string;
  /** `branch`, or `owner:branch` of a fork. */
  readonly head: string;
  readonly base: string;
  readonly draft: boolean;
}

export const openPull = (hub: Hub, repo: Repo, by: Person, wish: NewPull): Promise<PullThread> =>
  hub.exclusive(repo, async () => {
    const { headRepo, headRef } = findHead(hub, repo, wish.head);
    const headSha = await headRepo.git.resolve(`refs/heads/${headRef}`);
    const baseSha = await repo.git.resolve(`refs/heads/${wish.base}`);
    if (!headSha)
      throw new Refusal(422, "Validation Failed", [
        { resource: "PullRequest", field: "head", code: "invalid" },
      ]);
    if (!baseSha)
      throw new Refusal(422, "Validation Failed", [
        { resource: "PullRequest", field: "base", code: "invalid" },
      ]);
    refuseTwin(repo, headRepo, headRef, wish.base);
    await repo.git.take(headRepo.git, headRef, `refs/pull/${repo.nextNumber}/head`);
    if (await repo.git.isAncestor(headSha, baseSha))
      throw invalid("PullRequest", `No commits between ${wish.base} and ${wish.head}`);
    const thread = newThread(hub, repo, by, wish, { headRepo, headRef, headSha, baseSha });
    await refreshMerge(hub, repo, thread);
    repo.threads.set(thread.number, thread);
    tellPull(hub, repo, thread, "opened", by);
    return thread;
  });

const findHead = (hub: Hub, repo: Repo, head: string): { headRepo: Repo; headRef: string } => {
  const [owner, branch] = head.includes(":") ? head.split(":", 2) : [repo.owner, head];
  const found = [repo, ...hub.repos.values()].find(
    (one) => one.owner === owner && (one === repo || one.parent === repo),
  );
  if (!found || !branch) throw invalid("PullRequest", `There is no ${head}`);
  return { headRepo: found, headRef: branch };
};

const refuseTwin = (repo: Repo, headRepo: Repo, headRef: string, base: string): void => {
  const twin = openPullsOf(repo).some(
    ({ pull }) => pull.headRepo === headRepo && pull.headRef === headRef && pull.baseRef === base,
  );
  if (twin) throw invalid("PullRequest", `A pull request already exists for ${headRepo.owner}:${headRef}.`);
};

const newThread = (
  hub: Hub,
  repo: Repo,
  author: Person,
  { title, body, base, draft }: NewPull,
  ends: Pick<PullThread["pull"], "headRepo" | "headRef" | "headSha" | "baseSha">,
): PullThread => {
  const at = hub.now();
  const number = repo.nextNumber;
  repo.nextNumber += 1;
  const pull = {
    ...ends,
    baseRef: base,
    draft,
    mergeable: false,
    merged: null,
    mergeCommit: null,
    reviews: [],
  };
  const times = { createdAt: at, updatedAt: at, closedAt: null };
  return {
    id: hub.nextId(),
    number,
    author,
    title,
    body,
    state: "open",
    ...times,
    labels: [],
    comments: [],
    pull,
  };
};

export interface PullChange {
  readonly title?: string | undefined;
  readonly body?: string | undefined;
  readonly base?: string | undefined;
  readonly state?: "open" | "closed" | undefined;
}

export const changePull = async (
  hub: Hub,
  repo: Repo,
  thread: PullThread,
  by: Person,
  change: PullChange,
): Promise<void> => {
  await editPull(hub, repo, thread, by, change);
  if (change.state === "closed" && thread.state === "open") {
    thread.state = "closed";
    thread.closedAt = thread.updatedAt = hub.now();
    tellPull(hub, repo, thread, "closed", by);
  }
  if (change.state === "open" && thread.state === "closed") await reopen(hub, repo, thread, by);
};

const editPull = async (
  hub: Hub,
  repo: Repo,
  thread: PullThread,
  by: Person,
  { title, body, base }: PullChange,
): Promise<void> => {
  const changes: Record<string, object> = {};
  if (title !== undefined && title !== thread.title) changes["title"] = { from: thread.title };
  if (body !== undefined && body !== thread.body) changes["body"] = { from: thread.body };
  if (base !== undefined && base !== thread.pull.baseRef) {
    const tip = await repo.git.resolve(`refs/heads/${base}`);
    if (!tip) throw invalid("PullRequest", `There is no branch ${base}`);
    changes["base"] = { ref: { from: thread.pull.baseRef }, sha: { from: thread.pull.baseSha } };
    Object.assign(thread.pull, { baseRef: base, baseSha: tip });
    await refreshMerge(hub, repo, thread);
  }
  if (Object.keys(changes).length === 0) return;
  thread.title = title ?? thread.title;
  thread.body = body ?? thread.body;
  thread.updatedAt = hub.now();
  tellPull(hub, repo, thread, "edited", by, { changes });
};

const reopen = async (hub: Hub, repo: Repo, thread: PullThread, by: Person): Promise<void> => {
  const { pull } = thread;
  const head = await pull.headRepo.git.resolve(`refs/heads/${pull.headRef}`);
  if (pull.merged || !head) throw invalid("PullRequest", "state cannot be changed.");
  pull.headSha = head;
  await repo.git.take(pull.headRepo.git, pull.headRef, `refs/pull/${thread.number}/head`);
  await refreshMerge(hub, repo, thread);
  thread.state = "open";
  thread.closedAt = null;
  thread.updatedAt = hub.now();
  tellPull(hub, repo, thread, "reopened", by);
};

export const setDraft = (hub: Hub, repo: Repo, thread: PullThread, by: Person, draft: boolean): void => {
  if (thread.pull.draft === draft) return;
  thread.pull.draft = draft;
  thread.updatedAt = hub.now();
  tellPull(hub, repo, thread, draft ? "converted_to_draft" : "ready_for_review", by);
};

export const merge = async (
  hub: Hub,
  repo: Repo,
  thread: PullThread,
  by: Person,
  wish: { readonly method: MergeMethod; readonly sha: string | null },
): Promise<string> => {
  const commit = await pushing(hub, repo, by, () => mergePull(hub, repo, thread, by, wish), "pr_merge");
  tellPull(hub, repo, thread, "closed", by);
  return commit;
};

/** GitHub takes remarks on lines that the diff shows, and no others. */
const refuseOutside = async (
  repo: Repo,
  { pull }: PullThread,
  commit: string,
  remarks: Review["remarks"],
): Promise<void> => {
  for (const { path, from, line } of remarks) {
    const shown = await repo.git.shownLines(pull.baseSha, commit, path);
    if (!shown.has(from) || !shown.has(line))
      throw invalid("PullRequestReviewComment", "line must be part of the diff");
  }
};

export const review = async (
  hub: Hub,
  repo: Repo,
  thread: PullThread,
  by: Person,
  wish: {
    readonly state: Review["state"];
    readonly body: string;
    readonly commit: string | null;
    readonly remarks?: Review["remarks"];
  },
): Promise<Review> => {
  if (by === thread.author && wish.state !== "COMMENTED")
    throw new Refusal(422, "Unprocessable Entity", [{ message: "Can not approve your own pull request" }]);
  if (permissionOf(repo, by) === "none") throw new Refusal(404, "Not Found");
  const { state, body, remarks = [] } = wish;
  const commit = wish.commit ?? thread.pull.headSha;
  await refuseOutside(repo, thread, commit, remarks);
  const made = { id: hub.nextId(), author: by, state, body, commit, remarks, at: hub.now() };
  thread.pull.reviews.push(made);
  thread.updatedAt = made.at;
  tellReview(hub, repo, thread, made);
  return made;
};
