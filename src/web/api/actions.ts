import { z } from "zod";
import type { AccessRole } from "../../model/access.ts";
import type { ParsedCommand } from "../../model/command.ts";
import { PlumblineError } from "../../model/errors.ts";
import type { PullRef } from "../../model/pull.ts";
import { answerDocument, findingDocument } from "./documents.ts";
import { pullOf } from "./operations.ts";

/** Who asks, and the name of this request: asked again under it, it is the same one. */
export interface Asking {
  readonly by: string;
  readonly request: string;
}

export interface Answered {
  readonly answer: string | null;
  readonly pull: PullRef | null;
  readonly queued: readonly string[];
}

/** What changes something: the functions that comments call, and those that only operators have. */
export interface Acts {
  /** The command on the drift pull request of a workspace; `not-found` where it has none. */
  onDrift(asking: Asking, workspace: string, command: ParsedCommand): Promise<Answered>;
  onPull(asking: Asking, pull: PullRef, command: ParsedCommand): Promise<Answered>;
  /** One of the workspace's backfills, or all; `not-found` where it has none. */
  onBackfill(asking: Asking, workspace: string, verb: string, name: string | null): Promise<Answered>;
  look(asking: Asking, workspace: string): Promise<Answered>;
  /** `target`: a workspace's key, or `*`. */
  freeze(asking: Asking, target: string, reason: string): Promise<Answered>;
  unfreeze(asking: Asking, target: string): Promise<Answered>;
  /** A message that is marked as a test; what the receiver answered. */
  testChannel(asking: Asking, channel: string): Promise<Answered>;
  /** Gives the finding as it is after it. */
  acknowledge(asking: Asking, finding: number, note: string | null): Promise<unknown>;
  snooze(
    asking: Asking,
    finding: number,
    wish: { readonly time: string; readonly reason: string },
  ): Promise<unknown>;
  workspaceOfFinding(finding: number): Promise<string>;
  /** Those that hold or await the pull request's locks; else all of its repository. */
  workspacesOfPull(pull: PullRef): Promise<readonly string[]>;
}

export interface Action<Body extends z.ZodObject = z.ZodObject, Answer extends z.ZodType = z.ZodType> {
  readonly name: string;
  readonly path: string;
  readonly about: string;
  readonly role: AccessRole;
  readonly body: Body;
  readonly answer: Answer;
  /** Keys of the workspaces that it is about; null: the whole service. Every one takes the role. */
  readonly reaches: (
    acts: Acts,
    given: z.infer<Body> & { readonly id: string },
  ) => Promise<readonly string[] | null>;
  readonly act: (
    acts: Acts,
    asking: Asking,
    given: z.infer<Body> & { readonly id: string },
  ) => Promise<unknown>;
}

const targets = z
  .array(z.string().min(1).max(500))
  .max(200)
  .describe("Addresses, or ADDRESS.PATH, of open findings.");
const reason = z.string().trim().min(1).max(500);
const time = z
  .string()
  .regex(/^\d{1,6}[smhdw]$/)
  .describe("Such as 8h or 14d.");
const none = z.object({});

const action = <Body extends z.ZodObject, Answer extends z.ZodType>(one: Action<Body, Answer>): Action =>
  one as unknown as Action;
const ofWorkspace = async (_acts: Acts, { id }: { readonly id: string }): Promise<readonly string[]> => [id];
const ofFinding = async (acts: Acts, { id }: { readonly id: string }): Promise<readonly string[]> => [
  await acts.workspaceOfFinding(findingId(id)),
];
const ofAll = async (): Promise<null> => null;
const ofPull = (acts: Acts, { id }: { readonly id: string }): Promise<readonly string[]> =>
  acts.workspacesOfPull(pullId(id));

const findingId = (id: string): number => {
  if (/^\d{1,15}$/.test(id)) return Number(id);
  throw new PlumblineError("not-found", `There is no finding ${id}.`);
};
const pullId = (id: string): PullRef => pullOf(id) ?? { repo: "", number: 0 };

/** As who may apply may: each of them is told on its pull request too. */
const onBackfill = (verb: string, about: string): Action =>
  action({
    ...{ name: `backfill-${verb}`, path: `/workspaces/{id}/backfills/${verb}`, role: "approver", about },
    reaches: ofWorkspace,
    body: z.object({ name: z.string().max(100).optional().describe("All of them where left out.") }),
    answer: answerDocument,
    act: (acts, asking, { id, name }) => acts.onBackfill(asking, id, verb, name ?? null),
  });

/** Everything of the API that changes something, through the gates that comments pass. */
export const ACTIONS: readonly Action[] = [
  action({
    ...{ name: "formalize", path: "/workspaces/{id}/formalize", role: "approver", reaches: ofWorkspace },
    about:
      "Merges the drift pull request whose plan proves that the code says what is live; with targets, makes it hold these only.",
    body: z.object({ targets: targets.default([]) }),
    answer: answerDocument,
    act: (acts, asking, { id, targets: args }) => acts.onDrift(asking, id, { command: "formalize", args }),
  }),
  action({
    ...{ name: "revert", path: "/workspaces/{id}/revert", role: "approver", reaches: ofWorkspace },
    about: "Applies the code of the deploy branch over the drift, through the gates of any apply.",
    body: z.object({ targets: targets.default([]) }),
    answer: answerDocument,
    act: (acts, asking, { id, targets: args }) => acts.onDrift(asking, id, { command: "revert", args }),
  }),
  action({
    ...{ name: "ignore", path: "/workspaces/{id}/ignore", role: "operator", reaches: ofWorkspace },
    about: "Writes into plumbline.yaml on the drift pull request that this drift is ignored for a time.",
    body: z.object({ targets: targets.min(1), for: time.default("14d"), reason }),
    answer: answerDocument,
    act: (acts, asking, { id, targets: args, for: length, reason: why }) =>
      acts.onDrift(asking, id, { command: "ignore", args, flags: { for: length, reason: why } }),
  }),
  action({
    ...{ name: "look", path: "/workspaces/{id}/drift", role: "operator", reaches: ofWorkspace },
    about: "Looks for drift now instead of at the next slot.",
    body: none,
    answer: answerDocument,
    act: (acts, asking, { id }) => acts.look(asking, id),
  }),
  action({
    ...{ name: "freeze-workspace", path: "/workspaces/{id}/freeze", role: "operator", reaches: ofWorkspace },
    about: "Stops every apply of one workspace until it is lifted.",
    body: z.object({ reason }),
    answer: answerDocument,
    act: (acts, asking, { id, reason: why }) => acts.freeze(asking, id, why),
  }),
  action({
    ...{
      name: "unfreeze-workspace",
      path: "/workspaces/{id}/unfreeze",
      role: "operator",
      reaches: ofWorkspace,
    },
    about: "Lifts the freeze of one workspace.",
    body: none,
    answer: answerDocument,
    act: (acts, asking, { id }) => acts.unfreeze(asking, id),
  }),
  onBackfill("pause", "Holds backfills at their next batch."),
  onBackfill("resume", "Lets paused or stopped backfills go on behind their last batch."),
  onBackfill("retry", "Tries the keys again that backfills left out."),
  onBackfill("cancel", "Ends backfills for good; what is done stays done."),
  action({
    ...{ name: "freeze", path: "/freeze", role: "operator", reaches: ofAll },
    about: "Stops every apply until it is lifted.",
    body: z.object({ reason }),
    answer: answerDocument,
    act: (acts, asking, { reason: why }) => acts.freeze(asking, "*", why),
  }),
  action({
    ...{ name: "unfreeze", path: "/unfreeze", role: "operator", reaches: ofAll },
    about: "Lifts the freeze of the whole service.",
    body: none,
    answer: answerDocument,
    act: (acts, asking) => acts.unfreeze(asking, "*"),
  }),
  action({
    ...{ name: "ack", path: "/findings/{id}/ack", role: "operator", reaches: ofFinding },
    about: "Says that somebody has this finding in hand.",
    body: z.object({ note: z.string().trim().min(1).max(500).nullable().default(null) }),
    answer: findingDocument,
    act: (acts, asking, { id, note }) => acts.acknowledge(asking, findingId(id), note),
  }),
  action({
    ...{ name: "snooze", path: "/findings/{id}/snooze", role: "operator", reaches: ofFinding },
    about: "Tells nobody of this finding again until the time is over. It stays open.",
    body: z.object({ for: time, reason }),
    answer: findingDocument,
    act: (acts, asking, { id, for: length, reason: why }) =>
      acts.snooze(asking, findingId(id), { time: length, reason: why }),
  }),
  action({
    ...{ name: "test-channel", path: "/alerts/channels/{id}/test", role: "operator", reaches: ofAll },
    about: "Sends a test, marked as one, through an alert channel, and says what it answered.",
    body: none,
    answer: answerDocument,
    act: (acts, asking, { id }) => acts.testChannel(asking, id),
  }),
  action({
    ...{ name: "plan", path: "/pulls/{id}/plan", role: "operator", reaches: ofPull },
    about: "Plans a pull request again. It is named OWNER/REPO#NUMBER, URL-encoded.",
    body: none,
    answer: answerDocument,
    act: (acts, asking, { id }) => acts.onPull(asking, pullId(id), { command: "plan" }),
  }),
  action({
    ...{ name: "unlock", path: "/pulls/{id}/unlock", role: "operator", reaches: ofPull },
    about:
      "Gives up every lock and plan of a pull request; whoever waits is planned again. The reason is recorded.",
    body: z.object({ reason }),
    answer: answerDocument,
    act: (acts, asking, { id, reason: why }) =>
      acts.onPull(asking, pullId(id), { command: "unlock", flags: { reason: why } }),
  }),
];
