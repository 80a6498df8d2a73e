import { z } from "zod";
import type { ForgeEvent, PullChange } from "../model/forge-event.ts";
import { branchOf, isBotLogin, ZERO_COMMIT } from "./webhook-event-words.ts";

/**
 * GitLab's payload in Plumbline's words, or null where it asks nothing of us. `name` is the X-Gitlab-Event header;
 * a merge request's number is its `iid`, a repository its path with all groups.
 */
export const gitlabEvent = (name: string, payload: unknown): ForgeEvent | null =>
  READERS.get(name)?.(payload) ?? null;

const project = z.object({ path_with_namespace: z.string() });
const user = z.object({ username: z.string() }).nullish();

const mergeRequestSchema = z.object({
  object_attributes: z.object({
    iid: z.int(),
    action: z.string(),
    oldrev: z.string().nullish(),
    last_commit: z.object({ id: z.string() }),
  }),
  changes: z
    .object({
      draft: z.object({ previous: z.boolean().nullish(), current: z.boolean().nullish() }).nullish(),
      description: z.unknown(),
      target_branch: z.unknown(),
    })
    .partial()
    .nullish(),
  project,
  user,
});
type MergeRequestPayload = z.infer<typeof mergeRequestSchema>;

const REVIEWS = new Set(["approved", "unapproved", "approval", "unapproval"]);

const mergeRequest = (payload: unknown): ForgeEvent | null => {
  const { data } = mergeRequestSchema.safeParse(payload);
  if (!data) return null;
  const { iid, action, last_commit: head } = data.object_attributes;
  const pull = { repo: data.project.path_with_namespace, number: iid };
  const sender = data.user?.username ?? "";
  if (action === "close" || action === "merge")
    return { type: "pull-closed", pull, merged: action === "merge", sender };
  if (REVIEWS.has(action)) return { type: "reviewed", pull, sender };
  const why = changeOf(data);
  return why ? { type: "pull-changed", pull, head: head.id, why, sender } : null;
};

/** Everything is an `update` here; only one with `oldrev` is a push. */
const changeOf = ({
  object_attributes: { action, oldrev },
  changes,
}: MergeRequestPayload): PullChange | null => {
  if (action === "open") return "opened";
  if (action === "reopen") return "reopened";
  if (action !== "update") return null;
  if (oldrev) return "pushed";
  if (changes?.draft?.previous === true && changes.draft.current !== true) return "ready";
  return changes?.description !== undefined || changes?.target_branch !== undefined ? "edited" : null;
};

const noteSchema = z.object({
  object_attributes: z.object({
    id: z.int(),
    note: z.string(),
    noteable_type: z.literal("MergeRequest"),
    action: z.string().optional(),
    system: z.boolean().optional(),
  }),
  merge_request: z.object({ iid: z.int() }),
  project,
  user,
});

/** `action` came with GitLab 16.10; before it only new notes were sent. */
const note = (payload: unknown): ForgeEvent | null => {
  const { data } = noteSchema.safeParse(payload);
  if (!data || data.object_attributes.system === true) return null;
  const { id, note: body, action = "create" } = data.object_attributes;
  if (action !== "create") return null;
  const sender = data.user?.username ?? "";
  const pull = { repo: data.project.path_with_namespace, number: data.merge_request.iid };
  return { type: "commented", pull, commentId: id, body, sender, senderIsBot: isBot(sender) };
};

/** Access tokens of projects and groups act under such a name. */
const isBot = (username: string): boolean =>
  /^(project|group)_\d+_bot/.test(username) || isBotLogin(username);

const pushSchema = z.object({
  ref: z.string(),
  before: z.string(),
  after: z.string(),
  user_username: z.string().nullish(),
  project,
});

const push = (payload: unknown): ForgeEvent | null => {
  const { data } = pushSchema.safeParse(payload);
  const branch = data && branchOf(data.ref);
  if (!data || !branch || ZERO_COMMIT.test(data.after)) return null;
  const { before, after, user_username: sender } = data;
  return {
    type: "pushed",
    repo: data.project.path_with_namespace,
    branch,
    before,
    after,
    sender: sender ?? "",
  };
};

const READERS: ReadonlyMap<string, (payload: unknown) => ForgeEvent | null> = new Map([
  ["Merge Request Hook", mergeRequest],
  ["Note Hook", note],
  ["Push Hook", push],
]);
