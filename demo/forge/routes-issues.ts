import { bodyAs, commentBody, newIssue, pullChange, reactionBody } from "./body.ts";
import { changePull } from "./pulls.ts";
import { notFound } from "./refusal.ts";
import { numberOf, onRepo, paged, type RepoCall, type Route, threadOf } from "./router.ts";
import { pathOf } from "./routes-pulls.ts";
import { commentShape, issueShape, reactionShape } from "./shapes-issue.ts";
import { isPull, stamp } from "./state.ts";
import {
  changeIssue,
  comment,
  deleteComment,
  editComment,
  type FoundComment,
  findComment,
  openIssue,
  react,
} from "./threads.ts";

export const issueRoutes: readonly Route[] = [
  onRepo("GET", "/issues", "read", (call) => {
    const { hub, repo, query } = call;
    const state = query.get("state") ?? "open";
    const creator = query.get("creator")?.toLowerCase();
    const found = [...repo.threads.values()]
      .filter((thread) => state === "all" || thread.state === state)
      .filter((thread) => !creator || thread.author.login.toLowerCase() === creator)
      .reverse();
    const { items, headers } = paged(call, pathOf(call, "/issues"), found);
    return { status: 200, body: items.map((thread) => issueShape(hub, repo, thread)), headers };
  }),
  onRepo("POST", "/issues", "read", (call) => {
    const { title, body } = bodyAs(call, newIssue);
    const thread = openIssue(call.hub, call.repo, call.person, { title, body: body ?? "" });
    return { status: 201, body: issueShape(call.hub, call.repo, thread) };
  }),
  onRepo("GET", "/issues/:number", "read", (call) => ({
    status: 200,
    body: issueShape(call.hub, call.repo, threadOf(call)),
  })),
  onRepo("PATCH", "/issues/:number", "write", async (call) => {
    const thread = threadOf(call);
    const change = bodyAs(call, pullChange);
    if (isPull(thread)) await changePull(call.hub, call.repo, thread, call.person, change);
    else changeIssue(call.hub, call.repo, thread, call.person, change);
    return { status: 200, body: issueShape(call.hub, call.repo, thread) };
  }),
  onRepo("GET", "/issues/:number/comments", "read", (call) => {
    const thread = threadOf(call);
    // GitHub compares to the second, as it tells the times.
    const since = call.query.get("since");
    const from = since ? stamp(new Date(since)) : "";
    const found = thread.comments.filter((one) => stamp(one.updatedAt) >= from);
    const { items, headers } = paged(call, pathOf(call, `/issues/${thread.number}/comments`), found);
    const body = items.map((one) => commentShape(call.hub, call.repo, thread, one));
    return { status: 200, body, headers };
  }),
  onRepo("POST", "/issues/:number/comments", "read", (call) => {
    const thread = threadOf(call);
    const made = comment(call.hub, call.repo, thread, call.person, bodyAs(call, commentBody).body);
    return { status: 201, body: commentShape(call.hub, call.repo, thread, made) };
  }),
  onRepo("GET", "/issues/comments/:id", "read", (call) => commentAnswer(call, commentOf(call))),
  onRepo("PATCH", "/issues/comments/:id", "write", (call) => {
    const found = commentOf(call);
    editComment(call.hub, call.repo, found, call.person, bodyAs(call, commentBody).body);
    return commentAnswer(call, found);
  }),
  onRepo("DELETE", "/issues/comments/:id", "write", (call) => {
    deleteComment(call.hub, call.repo, commentOf(call), call.person);
    return { status: 204 };
  }),
  onRepo("GET", "/issues/comments/:id/reactions", "read", (call) => {
    const all = commentOf(call).comment.reactions;
    const { items, headers } = paged(
      call,
      pathOf(call, `/issues/comments/${call.params["id"]}/reactions`),
      all,
    );
    return { status: 200, body: items.map((one) => reactionShape(call.hub, one)), headers };
  }),
  onRepo("POST", "/issues/comments/:id/reactions", "read", (call) => {
    const { content } = bodyAs(call, reactionBody);
    const { reaction, made } = react(call.hub, commentOf(call), call.person, content);
    return { status: made ? 201 : 200, body: reactionShape(call.hub, reaction) };
  }),
];

const commentOf = (call: RepoCall): FoundComment => {
  const found = findComment(call.repo, numberOf(call, "id"));
  if (!found) throw notFound();
  return found;
};

const commentAnswer = (call: RepoCall, found: FoundComment) => ({
  status: 200,
  body: commentShape(call.hub, call.repo, found.thread, found.comment),
});
