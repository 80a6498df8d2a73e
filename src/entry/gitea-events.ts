import { z } from "zod";
import type { ForgeEvent, PullChange } from "../model/forge-event.ts";
import { branchOf, isBotLogin, pullEvent, ZERO_COMMIT } from "./webhook-event-words.ts";

/**
 * A payload of Gitea or Forgejo in Plumbline's words, or null where it asks nothing of us. Their events look like
 * GitHub's and differ in the words: `synchronized`, `reviewed`, drafts by title, reviews as three events.
 */
export const giteaEvent = (name: string, payload: unknown): ForgeEvent | null =>
  READERS.get(name)?.(payload) ?? null;

const repository = z.object({ full_name: z.string() });
const sender = z.object({ id: z.int().optional(), login: z.string() }).nullish();
type Sender = z.infer<typeof sender>;
const loginOf = (user: Sender): string => user?.login ?? "";
const changed = z.object({ from: z.string() }).nullish();

const pullSchema = z.object({
  action: z.string(),
  number: z.int(),
  pull_request: z.object({
    head: z.object({ sha: z.string() }),
    merged: z.boolean().nullish(),
    draft: z.boolean().nullish(),
  }),
  changes: z.object({ title: changed, body: changed, ref: changed }).nullish(),
  repository,
  sender,
});
type PullPayload = z.infer<typeof pullSchema>;

const PULL_CHANGES: ReadonlyMap<string, PullChange> = new Map([
  ["opened", "opened"],
  ["synchronized", "pushed"],
  ["reopened", "reopened"],
]);

const pullRequest = (payload: unknown): ForgeEvent | null => {
  const { data } = pullSchema.safeParse(payload);
  return data ? pullEvent(data, loginOf(data.sender), PULL_CHANGES.get(data.action) ?? edited(data)) : null;
};

/** A title without its "WIP:" is how a draft becomes ready here. `ref` is the base branch. */
const edited = ({ action, changes, pull_request: pull }: PullPayload): PullChange | null => {
  if (action !== "edited" || !changes) return null;
  if (changes.title && WORK_IN_PROGRESS.test(changes.title.from) && pull.draft !== true) return "ready";
  return changes.body || changes.ref ? "edited" : null;
};
const WORK_IN_PROGRESS = /^\s*(\[?(wip|draft)\]|(wip|draft):)/i;

const commentSchema = z.object({
  action: z.literal("created"),
  is_pull: z.literal(true),
  issue: z.object({ number: z.int() }),
  comment: z.object({ id: z.int(), body: z.string().nullable() }),
  repository,
  sender,
});

const issueComment = (payload: unknown): ForgeEvent | null => {
  const { data } = commentSchema.safeParse(payload);
  if (!data) return null;
  return {
    type: "commented",
    pull: { repo: data.repository.full_name, number: data.issue.number },
    commentId: data.comment.id,
    body: data.comment.body ?? "",
    sender: loginOf(data.sender),
    senderIsBot: isBot(data.sender),
  };
};

/** System users (ghost, actions) have negative ids. */
const isBot = (user: Sender): boolean => (user?.id ?? 0) < 0 || isBotLogin(loginOf(user));

const reviewSchema = z.object({ number: z.int(), repository, sender });

const review = (payload: unknown): ForgeEvent | null => {
  const { data } = reviewSchema.safeParse(payload);
  if (!data) return null;
  const pull = { repo: data.repository.full_name, number: data.number };
  return { type: "reviewed", pull, sender: loginOf(data.sender) };
};

const pushSchema = z.object({
  ref: z.string(),
  before: z.string(),
  after: z.string(),
  pusher: sender,
  repository,
  sender,
});

const push = (payload: unknown): ForgeEvent | null => {
  const { data } = pushSchema.safeParse(payload);
  const branch = data && branchOf(data.ref);
  if (!data || !branch || ZERO_COMMIT.test(data.after)) return null;
  const who = loginOf(data.sender) || loginOf(data.pusher);
  return {
    type: "pushed",
    repo: data.repository.full_name,
    branch,
    before: data.before,
    after: data.after,
    sender: who,
  };
};

const READERS: ReadonlyMap<string, (payload: unknown) => ForgeEvent | null> = new Map([
  ["pull_request", pullRequest],
  ["issue_comment", issueComment],
  ["pull_request_approved", review],
  ["pull_request_rejected", review],
  ["pull_request_comment", review],
  ["push", push],
]);
