import { bodyAs, mergeWish, newPull, pullChange, reviewWish } from "./body.ts";
import { changePull, merge, openPull, review } from "./pulls.ts";
import { type Answer, onRepo, paged, pullOf, type RepoCall, type Route } from "./router.ts";
import { pullShape, reviewShape, simplePullShape } from "./shapes-pull.ts";
import { isPull, type PullThread } from "./state.ts";

export const pullRoutes: readonly Route[] = [
  onRepo("GET", "/pulls", "read", (call) => listPulls(call)),
  onRepo("POST", "/pulls", "read", async (call) => {
    const { body, draft = false, ...wish } = bodyAs(call, newPull);
    const thread = await openPull(call.hub, call.repo, call.person, { ...wish, body: body ?? "", draft });
    return { status: 201, body: pullShape(call.hub, call.repo, thread) };
  }),
  onRepo("GET", "/pulls/:number", "read", (call) => {
    const { switches } = call.hub;
    const known = switches.mergeableUnknown === 0;
    if (!known) switches.mergeableUnknown -= 1;
    return { status: 200, body: pullShape(call.hub, call.repo, pullOf(call), known) };
  }),
  onRepo("PATCH", "/pulls/:number", "write", async (call) => {
    const thread = pullOf(call);
    await changePull(call.hub, call.repo, thread, call.person, bodyAs(call, pullChange));
    return { status: 200, body: pullShape(call.hub, call.repo, thread) };
  }),
  onRepo("PUT", "/pulls/:number/merge", "write", async (call) => {
    const { sha = null, merge_method: method } = bodyAs(call, mergeWish);
    const commit = await merge(call.hub, call.repo, pullOf(call), call.person, { method, sha });
    return { status: 200, body: { sha: commit, merged: true, message: "Pull Request successfully merged" } };
  }),
  onRepo("GET", "/pulls/:number/reviews", "read", (call) => {
    const thread = pullOf(call);
    const { items, headers } = paged(
      call,
      pathOf(call, `/pulls/${thread.number}/reviews`),
      thread.pull.reviews,
    );
    const body = items.map((one) => reviewShape(call.hub, call.repo, thread, one));
    return { status: 200, body, headers };
  }),
  onRepo("POST", "/pulls/:number/reviews", "read", async (call) => {
    const thread = pullOf(call);
    const { event, body, commit_id: commit = null, comments } = bodyAs(call, reviewWish);
    const remarks = comments.map(({ path, body, line, start_line: from = line }) => ({
      path,
      from,
      line,
      body,
    }));
    const wish = { state: VERDICTS[event], body, commit, remarks };
    const made = await review(call.hub, call.repo, thread, call.person, wish);
    return { status: 200, body: reviewShape(call.hub, call.repo, thread, made) };
  }),
];

const VERDICTS = {
  APPROVE: "APPROVED",
  REQUEST_CHANGES: "CHANGES_REQUESTED",
  COMMENT: "COMMENTED",
} as const;

export const pathOf = ({ repo }: RepoCall, path: string): string => `/repos/${repo.fullName}${path}`;

const listPulls = (call: RepoCall): Answer => {
  const { hub, repo, query } = call;
  const state = query.get("state") ?? "open";
  const [head, base] = [query.get("head"), query.get("base")];
  const found = [...repo.threads.values()]
    .filter(isPull)
    .filter((thread) => state === "all" || thread.state === state)
    .filter(({ pull }) => head === null || `${pull.headRepo.owner}:${pull.headRef}` === head)
    .filter(({ pull }) => base === null || pull.baseRef === base)
    .sort(orderOf(query));
  const { items, headers } = paged(call, pathOf(call, "/pulls"), found);
  return { status: 200, body: items.map((thread) => simplePullShape(hub, repo, thread)), headers };
};

/** Newest first by creation unless asked otherwise; a sort by update is ascending unless asked. */
const orderOf = (query: URLSearchParams) => {
  const updated = query.get("sort") === "updated";
  const ascending = (query.get("direction") ?? (query.has("sort") ? "asc" : "desc")) === "asc";
  return (left: PullThread, right: PullThread): number => {
    const later = updated ? left.updatedAt.getTime() - right.updatedAt.getTime() : 0;
    return (later || left.number - right.number) * (ascending ? 1 : -1);
  };
};
