import { z } from "zod";
import type { ForgeEvent, PullChange } from "../model/forge-event.ts";
import { branchOf, isBotLogin, pullEvent, ZERO_COMMIT } from "./webhook-event-words.ts";

/**
 * GitHub's payload in Plumbline's words, or null where it asks nothing of us (an unknown event, an issue that is
 * no pull request, an edited comment, a tag, a payload without the fields that are needed). Never throws.
 */
export const githubEvent = (name: string, payload: unknown): ForgeEvent | null =>
  READERS.get(name)?.(payload) ?? null;

const repository = z.object({ full_name: z.string() });
const sender = z.object({ login: z.string(), type: z.string().optional() }).nullish();
type Sender = z.infer<typeof sender>;
const loginOf = (user: Sender): string => user?.login ?? "";

const pullSchema = z.object({
  action: z.string(),
  number: z.int(),
  pull_request: z.object({ head: z.object({ sha: z.string() }), merged: z.boolean().nullish() }),
  changes: z.object({ body: z.unknown(), base: z.unknown() }).partial().nullish(),
  repository,
  sender,
});

const PULL_CHANGES: ReadonlyMap<string, PullChange> = new Map([
  ["opened", "opened"],
  ["synchronize", "pushed"],
  ["reopened", "reopened"],
  ["ready_for_review", "ready"],
]);

const pullRequest = (payload: unknown): ForgeEvent | null => {
  const { data } = pullSchema.safeParse(payload);
  return data ? pullEvent(data, loginOf(data.sender), PULL_CHANGES.get(data.action) ?? edited(data)) : null;
};

/** A new base changes what merging means; the body may hold a `stateful_change` block; a title means nothing. */
const edited = ({ action, changes }: z.infer<typeof pullSchema>): PullChange | null =>
  action === "edited" && (changes?.body !== undefined || changes?.base !== undefined) ? "edited" : null;

const commentSchema = z.object({
  action: z.literal("created"),
  issue: z.object({ number: z.int(), pull_request: z.object({}) }),
  comment: z.object({ id: z.int(), body: z.string().nullable() }),
  repository,
  sender,
});

const issueComment = (payload: unknown): ForgeEvent | null => {
  const { data } = commentSchema.safeParse(payload);
  if (!data) return null;
  const who = loginOf(data.sender);
  return {
    type: "commented",
    pull: { repo: data.repository.full_name, number: data.issue.number },
    commentId: data.comment.id,
    body: data.comment.body ?? "",
    sender: who,
    senderIsBot: data.sender?.type === "Bot" || isBotLogin(who),
  };
};

const reviewSchema = z.object({
  action: z.enum(["submitted", "dismissed"]),
  pull_request: z.object({ number: z.int() }),
  repository,
  sender,
});

const review = (payload: unknown): ForgeEvent | null => {
  const { data } = reviewSchema.safeParse(payload);
  if (!data) return null;
  const pull = { repo: data.repository.full_name, number: data.pull_request.number };
  return { type: "reviewed", pull, sender: loginOf(data.sender) };
};

const pushSchema = z.object({
  ref: z.string(),
  before: z.string(),
  after: z.string(),
  deleted: z.boolean().optional(),
  pusher: z.object({ name: z.string().optional() }).nullish(),
  repository,
  sender,
});

const push = (payload: unknown): ForgeEvent | null => {
  const { data } = pushSchema.safeParse(payload);
  const branch = data && branchOf(data.ref);
  if (!data || !branch || data.deleted === true || ZERO_COMMIT.test(data.after)) return null;
  const who = loginOf(data.sender) || (data.pusher?.name ?? "");
  return {
    type: "pushed",
    repo: data.repository.full_name,
    branch,
    before: data.before,
    after: data.after,
    sender: who,
  };
};

const mergeGroupSchema = z.object({
  action: z.literal("checks_requested"),
  merge_group: z.object({ head_sha: z.string(), base_ref: z.string(), head_ref: z.string().nullish() }),
  repository,
});

const mergeGroup = (payload: unknown): ForgeEvent | null => {
  const { data } = mergeGroupSchema.safeParse(payload);
  if (!data) return null;
  const { head_sha: head, base_ref: base, head_ref } = data.merge_group;
  const ref = head_ref ?? null;
  return { type: "merge-group", repo: data.repository.full_name, head, base: branchOf(base) ?? base, ref };
};

const pulls = z.object({ pull_requests: z.array(z.object({ number: z.int() })) });
const checkSchema = z.object({
  action: z.literal("rerequested"),
  check_run: pulls.optional(),
  check_suite: pulls.optional(),
  repository,
  sender,
});

/** Somebody pressed "re-run"; without a pull request of this repository there is nothing to publish again. */
const checkRequested = (payload: unknown): ForgeEvent | null => {
  const { data } = checkSchema.safeParse(payload);
  const first = (data?.check_run ?? data?.check_suite)?.pull_requests[0];
  if (!data || !first) return null;
  const pull = { repo: data.repository.full_name, number: first.number };
  return { type: "status-requested", pull, sender: loginOf(data.sender) };
};

const READERS: ReadonlyMap<string, (payload: unknown) => ForgeEvent | null> = new Map([
  ["pull_request", pullRequest],
  ["issue_comment", issueComment],
  ["pull_request_review", review],
  ["push", push],
  ["merge_group", mergeGroup],
  ["check_run", checkRequested],
  ["check_suite", checkRequested],
]);
