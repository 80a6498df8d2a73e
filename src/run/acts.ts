import type { ParsedCommand } from "../model/command.ts";
import { PlumblineError } from "../model/errors.ts";
import type { FollowUp } from "../model/job.ts";
import type { JsonObject } from "../model/json.ts";
import type { PullRef } from "../model/pull.ts";
import { parseWorkspaceKey } from "../model/workspace.ts";
import type { ReadModel } from "../ports/read-model.ts";
import { code } from "../report/escape.ts";
import type { CommandHandler } from "./asked.ts";
import { testChannel } from "./channels.ts";
import { followCommand } from "./command.ts";
import { tellBackfills } from "./command-backfill.ts";
import { setSwitch } from "./freeze-switch.ts";
import { findingOf, marksOf } from "./marks.ts";
import type { World } from "./world.ts";

/** Who asks (`token:NAME` or `person:NAME`), and the name of the request. */
interface Asking {
  readonly by: string;
  readonly request: string;
}

interface Answered {
  readonly answer: string | null;
  readonly pull: PullRef | null;
  readonly queued: readonly string[];
}

/**
 * What people may change over HTTP, once it is known that they may. Commands are followed by the very functions that
 * follow comments, their answers are also told on the pull request; everything enters the audit before it is done.
 */
export const actsOf = (world: World, read: ReadModel) => ({
  onDrift: async (asking: Asking, workspace: string, command: ParsedCommand): Promise<Answered> => {
    const [open] = await world.ledger.pulls.list({ driftOf: workspace, state: "open" });
    if (!open)
      throw new PlumblineError("not-found", `${workspace} has no open drift pull request.`, {
        hint: "Ask for a look at it (drift) first: what it finds gets one.",
      });
    return follow(world, asking, open.pull, command, workspace);
  },
  onPull: (asking: Asking, pull: PullRef, command: ParsedCommand): Promise<Answered> =>
    follow(world, asking, pull, command, `${pull.repo}#${pull.number}`),
  onBackfill: async (
    asking: Asking,
    workspace: string,
    verb: string,
    name: string | null,
  ): Promise<Answered> => {
    const rows = await world.ledger.backfills.list({ workspace });
    const row = rows.findLast((one) => one.pull !== null && (name === null || one.name === name));
    const place = parseWorkspaceKey(workspace);
    if (!row?.pull || !place) throw new PlumblineError("not-found", `${workspace} has no such backfill.`);
    const args = name === null ? [verb] : [verb, name];
    const command = { command: "backfill", args, dir: place.dir, workspace: place.name } as const;
    return follow(world, asking, row.pull, command, workspace, orRefused);
  },
  look: async (asking: Asking, workspace: string): Promise<Answered> => {
    if (!(await world.ledger.workspaces.get(workspace)))
      throw new PlumblineError("not-found", `There is no workspace ${workspace}.`);
    await note(world, asking, "drift-asked", workspace, {});
    return queue(world, null, [{ job: { kind: "drift", workspace, slot: `request:${asking.request}` } }]);
  },
  freeze: async (asking: Asking, target: string, reason: string): Promise<Answered> => {
    if (target !== "*" && !(await world.ledger.workspaces.get(target)))
      throw new PlumblineError("not-found", `There is no workspace ${target}.`);
    await note(world, asking, "freeze-on", target, { reason });
    const since = world.clock.now();
    await setSwitch(world, target, { target, by: asking.by, reason, since }, asking.by);
    return { answer: `${named(target)} is frozen: ${reason}`, pull: null, queued: [] };
  },
  unfreeze: async (asking: Asking, target: string): Promise<Answered> => {
    await note(world, asking, "freeze-off", target, {});
    await setSwitch(world, target, null, asking.by);
    return { answer: `${named(target)} is no longer frozen by this switch.`, pull: null, queued: [] };
  },
  testChannel: async (asking: Asking, name: string): Promise<Answered> => {
    const { answer, skipped } = await testChannel(world, asking, name);
    const said = skipped ? `Nothing was sent through ${name}` : `A test went through ${name}. It answered`;
    return { answer: `${said}: ${answer}`, pull: null, queued: [] };
  },
  ...marksOf({ ledger: world.ledger, read, clock: world.clock }),
  workspaceOfFinding: async (id: number): Promise<string> => (await findingOf(read, id)).workspace,
  workspacesOfPull: (pull: PullRef): Promise<readonly string[]> => workspacesOfPull(world, pull),
});

const workspacesOfPull = async ({ ledger }: World, pull: PullRef): Promise<readonly string[]> => {
  // A place in a queue is given up as a lock is.
  const queued = (await ledger.locks.list()).filter(
    ({ pull: { repo, number } }) => repo === pull.repo && number === pull.number,
  );
  if (queued.length > 0) return queued.map((lock) => lock.workspace);
  const rows = await ledger.workspaces.list({ repo: pull.repo, removed: false });
  if (rows.length > 0) return rows.map((row) => row.key);
  throw new PlumblineError("not-found", `Nothing is known of ${pull.repo}.`);
};

const named = (target: string): string => (target === "*" ? "Everything" : target);

const follow = async (
  world: World,
  asking: Asking,
  ref: PullRef,
  command: ParsedCommand,
  subject: string,
  handler: CommandHandler = followCommand,
): Promise<Answered> => {
  const pull = await world.forge.pull(ref);
  const details = JSON.parse(JSON.stringify({ ...command, pull: ref.number })) as JsonObject;
  await note(world, asking, `asked-${command.command}`, subject, details);
  const jobs = await handler(world, {
    command,
    pull,
    by: asking.by,
    commentId: `request-${asking.request}`,
  });
  return queue(
    world,
    ref,
    jobs.map((one) => withAsker(one, asking.by)),
  );
};

/** A program has to see that nothing was done, and the pull request need not hear of it. */
const orRefused: CommandHandler = async (world, asked) => {
  const told = await tellBackfills(world, asked);
  if ("refused" in told) throw new PlumblineError("wrong-state", told.refused);
  return told.followUps;
};

/** On the pull request nobody has read the question. */
const withAsker = (followUp: FollowUp, by: string): FollowUp =>
  followUp.job.kind === "reply"
    ? { ...followUp, job: { ...followUp.job, body: `Asked for by ${code(by)}.\n\n${followUp.job.body}` } }
    : followUp;

const queue = async (world: World, pull: PullRef | null, jobs: readonly FollowUp[]): Promise<Answered> => {
  await world.ledger.outbox.add(jobs, world.clock.now());
  world.nudge();
  const replies = jobs.flatMap(({ job }) => (job.kind === "reply" ? [job.body] : []));
  return {
    answer: replies.length === 0 ? null : world.redactor.redact(replies.join("\n\n")),
    pull,
    queued: jobs.map(({ job }) => job.kind).filter((kind) => kind !== "reply"),
  };
};

const note = async (
  { ledger, clock }: World,
  { by, request }: Asking,
  action: string,
  subject: string,
  details: JsonObject,
): Promise<void> => {
  await ledger.audit.append({
    at: clock.now(),
    actor: by,
    action,
    subject,
    details: { ...details, request },
  });
};
