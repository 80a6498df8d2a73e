import { parseComment } from "../config/comment.ts";
import { allowedExtraArgs } from "../config/extra-args.ts";
import type { CommandName } from "../model/command.ts";
import { type FollowUp, nothing, type Outcome } from "../model/job.ts";
import { type PullRef, permits, pullKey } from "../model/pull.ts";
import { commandError, helpText } from "../report/replies.ts";
import { type Asked, type CommandHandler, reply } from "./asked.ts";
import { applyCommand } from "./command-apply.ts";
import { approveCommand } from "./command-approve.ts";
import { backfillCommand } from "./command-backfill.ts";
import { formalizeCommand } from "./command-formalize.ts";
import { ignoreCommand } from "./command-ignore.ts";
import { cancelCommand, driftCommand, planCommand, unlockCommand } from "./command-plain.ts";
import { approvePoliciesCommand } from "./command-policies.ts";
import { revertCommand } from "./command-revert.ts";
import { forceUnlockCommand, migrateCommand, stateCommand } from "./command-state.ts";
import { importCommand } from "./import-command.ts";
import { noteRefusal } from "./privileged.ts";
import type { World } from "./world.ts";

export interface CommandJob {
  readonly pull: PullRef;
  readonly commentId: number;
  readonly body: string;
  readonly by: string;
}

/**
 * A comment becomes a command once, whether the webhook or the poll brought it. Who may command is asked of the forge,
 * never of the comment.
 */
export const handleComment =
  (world: World) =>
  async (job: CommandJob): Promise<Outcome> => {
    const command = parseComment(job.body, { triggerWords: world.server.triggerWords });
    if (job.by === (await world.forge.identity()) || (await isDone(world, job))) return nothing;
    const jobs = await answersTo(world, job, command);
    await world.ledger.transaction(async (ledger) => {
      await ledger.outbox.add(jobs, world.clock.now());
      // When and where: the janitor forgets it long after the pull request's end.
      await ledger.meta.set(markOf(job), {
        at: world.clock.now().toISOString(),
        pull: pullKey(job.pull),
      });
    });
    world.nudge();
    return nothing;
  };

/** Remembered together with what follows from it: a forge or a database in trouble costs no command. */
const markOf = ({ pull, commentId }: CommandJob): string => `command:${pull.repo}:${commentId}`;
const isDone = async (world: World, job: CommandJob): Promise<boolean> =>
  (await world.ledger.meta.get(markOf(job))) !== undefined;

const answersTo = async (
  world: World,
  job: CommandJob,
  command: ReturnType<typeof parseComment>,
): Promise<readonly FollowUp[]> => {
  // Remembered as well: what somebody edits into a command later is none, should the poll come across it.
  if ("ignored" in command) return [];
  if ("error" in command) return [reply(job, commandError(command.error))];
  if (!(await mayCommand(world, job))) {
    await noteRefusal(world, { command, pull: job.pull, by: job.by }, "no permission to command");
    return [reply(job, refusal(world, job.by))];
  }
  await world.forge.react(job.pull, job.commentId, "eyes");
  const asked: Asked = {
    command,
    pull: await world.forge.pull(job.pull),
    by: job.by,
    commentId: job.commentId,
  };
  return followCommand(world, asked);
};

const mayCommand = async (world: World, job: CommandJob): Promise<boolean> =>
  permits(await world.forge.permission(job.pull.repo, job.by), world.server.commandPermission);

const refusal = (world: World, by: string): string =>
  `@${by} may not command Plumbline here: it takes \`${world.server.commandPermission}\` permission on the repository. Ask a maintainer to repeat the command.`;

const sayHelp: CommandHandler = async (world, asked) => [
  reply(asked, helpText(world.server.triggerWords[0] ?? "plumbline")),
];
const sayVersion: CommandHandler = async (world, asked) => {
  const engine = await world.engines.pick({});
  return [
    reply(
      asked,
      `Plumbline ${world.version}, default engine ${engine.version.distribution} ${engine.version.version}.`,
    ),
  ];
};
const notAllowed: CommandHandler = async (_world, asked) => [
  reply(
    asked,
    `\`${asked.command.command}\` changes the state without a plan and is off on this server. Use \`import\`, \`moved\` and \`removed\` blocks in a pull request: they are planned and reviewed.`,
  ),
];

/** What follows from a command, whoever was asked whether it is allowed, and wherever. */
export const followCommand: CommandHandler = async (world, asked) => {
  const { command } = asked;
  if (command.extraArgs === undefined) return handlers[command.command](world, asked);
  const flags = allowedExtraArgs(command.command, command.extraArgs);
  if (flags.ok)
    return handlers[command.command](world, { ...asked, command: { ...command, extraArgs: flags.args } });
  await noteRefusal(world, asked, "engine flags that are not allowed");
  return [reply(asked, commandError(flags.message))];
};

const handlers: { readonly [name in CommandName]: CommandHandler } = {
  plan: planCommand,
  apply: applyCommand,
  unlock: unlockCommand,
  cancel: cancelCommand,
  drift: driftCommand,
  formalize: (world, asked) =>
    (asked.command.flags?.["id"] === undefined ? formalizeCommand : importCommand)(world, asked),
  revert: revertCommand,
  ignore: ignoreCommand,
  approve: approveCommand,
  approve_policies: approvePoliciesCommand,
  import: notAllowed,
  state: stateCommand,
  "force-unlock": forceUnlockCommand,
  migrate: migrateCommand,
  backfill: backfillCommand,
  help: sayHelp,
  version: sayVersion,
};
