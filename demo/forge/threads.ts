import { tellComment, tellIssue, tellStatus } from "./events.ts";
import type { Hub } from "./hub.ts";
import { invalid, Refusal } from "./refusal.ts";
import type { Comment, Person, Repo, Status, Thread } from "./state.ts";

// Issues, comments, reactions and statuses.

export const openIssue = (
  hub: Hub,
  repo: Repo,
  author: Person,
  { title, body }: { readonly title: string; readonly body: string },
): Thread => {
  const at = hub.now();
  const number = repo.nextNumber;
  repo.nextNumber += 1;
  const times = { createdAt: at, updatedAt: at, closedAt: null };
  const thread: Thread = {
    ...{ id: hub.nextId(), number, author, title, body, state: "open", ...times },
    ...{ labels: [], comments: [], pull: null },
  };
  repo.threads.set(number, thread);
  tellIssue(hub, repo, thread, "opened", author);
  return thread;
};

export const changeIssue = (
  hub: Hub,
  repo: Repo,
  thread: Thread,
  by: Person,
  change: { title?: string | undefined; body?: string | undefined; state?: "open" | "closed" | undefined },
): void => {
  const { title = thread.title, body = thread.body, state = thread.state } = change;
  const edited = title !== thread.title || body !== thread.body;
  const moved = state !== thread.state;
  if (!edited && !moved) return;
  const at = hub.now();
  Object.assign(thread, { title, body, state, updatedAt: at, closedAt: state === "closed" ? at : null });
  if (edited) tellIssue(hub, repo, thread, "edited", by);
  if (moved) tellIssue(hub, repo, thread, state === "closed" ? "closed" : "reopened", by);
};

const MOST_CHARACTERS = 65_536;

export const comment = (hub: Hub, repo: Repo, thread: Thread, author: Person, body: string): Comment => {
  refuseLong(body);
  const at = hub.now();
  const made = { id: hub.nextId(), author, body, createdAt: at, updatedAt: at, reactions: [] };
  thread.comments.push(made);
  thread.updatedAt = at;
  tellComment(hub, repo, thread, made, "created", author);
  return made;
};

const refuseLong = (body: string): void => {
  if (body === "") throw invalid("IssueComment", "body can't be blank");
  if ([...body].length > MOST_CHARACTERS)
    throw invalid("IssueComment", `body is too long (maximum is ${MOST_CHARACTERS} characters)`);
};

export interface FoundComment {
  readonly thread: Thread;
  readonly comment: Comment;
}

export const findComment = (repo: Repo, id: number): FoundComment | null => {
  for (const thread of repo.threads.values()) {
    const found = thread.comments.find((one) => one.id === id);
    if (found) return { thread, comment: found };
  }
  return null;
};

export const editComment = (
  hub: Hub,
  repo: Repo,
  { thread, comment: found }: FoundComment,
  by: Person,
  body: string,
) => {
  refuseLong(body);
  found.body = body;
  found.updatedAt = hub.now();
  tellComment(hub, repo, thread, found, "edited", by);
};

export const deleteComment = (hub: Hub, repo: Repo, { thread, comment: found }: FoundComment, by: Person) => {
  thread.comments.splice(thread.comments.indexOf(found), 1);
  tellComment(hub, repo, thread, found, "deleted", by);
};

/** The same reaction by the same person is there once; `made` tells whether it is new. */
export const react = (hub: Hub, { comment: found }: FoundComment, by: Person, content: string) => {
  const known = found.reactions.find((one) => one.by === by && one.content === content);
  if (known) return { reaction: known, made: false };
  const reaction = { id: hub.nextId(), by, content, at: hub.now() };
  found.reactions.push(reaction);
  hub.changed();
  return { reaction, made: true };
};

const LONGEST_DESCRIPTION = 140;

export const setStatus = async (
  hub: Hub,
  repo: Repo,
  creator: Person,
  sha: string,
  wish: Pick<Status, "context" | "state" | "description" | "targetUrl">,
): Promise<{ commit: string; status: Status }> => {
  const commit = await repo.git.resolve(sha);
  if (!commit) throw new Refusal(422, `No commit found for SHA: ${sha}`);
  if ([...(wish.description ?? "")].length > LONGEST_DESCRIPTION)
    throw invalid("Status", `description is too long (maximum is ${LONGEST_DESCRIPTION} characters)`);
  const status = { ...wish, id: hub.nextId(), creator, at: hub.now() };
  repo.statuses.set(commit, [...(repo.statuses.get(commit) ?? []), status]);
  tellStatus(hub, repo, commit, status);
  return { commit, status };
};
