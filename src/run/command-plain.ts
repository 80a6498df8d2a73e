import type { FollowUp } from "../model/job.ts";
import type { PullRequest } from "../model/pull.ts";
import type { Run } from "../model/run.ts";
import { plain } from "../report/escape.ts";
import type { CommandHandler } from "./asked.ts";
import { reply } from "./asked.ts";
import { currentPlans } from "./current-plans.ts";
import { noteRefusal } from "./privileged.ts";
import { selectRows } from "./select.ts";
import { publishSoon } from "./settle-run.ts";
import { unlockPull } from "./unlock.ts";
import { UNPLANNED } from "./unplanned-merge.ts";
import type { World } from "./world.ts";

/** `plan [-d -w -p] [-- flags]`: the affected workspaces again, or the named one whether affected or not. */
export const planCommand: CommandHandler = async (world, { command, pull, by, commentId }) => {
  const { dir, workspace, project } = command;
  if (pull.state !== "open") return [reply({ pull, commentId }, await afterTheEnd(world, pull))];
  const select =
    dir !== undefined || workspace !== undefined || project !== undefined
      ? { dir, workspace, project }
      : undefined;
  return [
    {
      job: {
        kind: "assess",
        pull: { repo: pull.repo, number: pull.number },
        head: pull.head.sha,
        trigger: "command",
        by,
        flags: command.extraArgs ?? [],
        commentId,
        ...(select ? { select } : {}),
      },
    },
  ];
};

/** A plan here would be of what the deploy branch says by now, which is nobody's pull request any more. */
const afterTheEnd = async (world: World, pull: PullRequest): Promise<string> => {
  if (pull.state === "closed") return "This pull request is closed unmerged. Reopen it, or open a new one.";
  const plans = await currentPlans(world.ledger, pull, await world.ledger.runs.list({ pull }));
  return plans.length > 0
    ? "This pull request is merged, and its reviewed plans are what counts. Comment `plumbline apply` for what was stopped."
    : UNPLANNED;
};

/** `unlock [--reason TEXT]`: gives up every lock and plan of this pull request; whoever waits is planned again. */
export const unlockCommand: CommandHandler = async (world, asked) => {
  const { pull, by, command } = asked;
  const reason = command.flags?.["reason"];
  const said = {
    pull,
    by,
    at: world.clock.now(),
    reason: typeof reason === "string" ? world.redactor.redact(reason) : null,
  };
  return world.ledger.transaction(async (ledger) => {
    const { workspaces, followUps } = await unlockPull(ledger, said);
    const text =
      workspaces.length === 0
        ? "This pull request holds no lock."
        : `Released ${workspaces.map((key) => `\`${key}\``).join(", ")}; the plans here were thrown away. Comment \`plumbline plan\` to start again.`;
    return [
      reply(asked, said.reason === null ? text : `${text}\n\nReason: ${plain(said.reason)}`),
      ...followUps,
    ];
  });
};

/**
 * `cancel`: waiting runs end at once, running plans are interrupted; a running apply is never cut off. A plan of another
 * replica is over in the ledger, so that no result of it counts; that replica stops its work at the next beat.
 */
export const cancelCommand: CommandHandler = async (world, asked) => {
  const runs = await world.ledger.runs.list({
    pull: asked.pull,
    states: ["queued", "running", "apply-started", "verifying"],
  });
  const at = world.clock.now();
  let ended = 0;
  const over = ({ id, state, token }: Run): Promise<boolean> =>
    world.ledger.runs.transition(id, { from: [state], to: "cancelled", token, at });
  for (const run of runs) {
    if (run.state === "queued" && (await over(run))) ended += 1;
    if (run.state === "running" && run.kind !== "apply" && (world.cancel(run.id) || (await over(run))))
      ended += 1;
  }
  const applying = runs.filter((run) => run.state === "apply-started" || run.state === "verifying").length;
  if (applying > 0) await noteRefusal(world, asked, `${applying} apply is running: it is never cut off`);
  const left =
    applying > 0 ? ` ${applying} apply is running and will end by itself: a cut-off apply loses state.` : "";
  return [reply(asked, `Cancelled ${ended} of ${runs.length} runs.${left}`), publishSoon(asked.pull)];
};

/** `drift [-d -w -p]`: looks now instead of at the next tick. */
export const driftCommand: CommandHandler = async (world, asked) => {
  const rows = await selectRows(world, asked.pull, asked.command);
  if (rows.length === 0)
    return [
      reply(asked, "No workspace of this repository matches. Leave the flags out to look at all of them."),
    ];
  const looks: readonly FollowUp[] = rows.map((row) => ({
    job: { kind: "drift", workspace: row.key, slot: `command:${asked.commentId}`, pull: asked.pull },
  }));
  return [reply(asked, `Looking for drift in ${rows.map((row) => `\`${row.key}\``).join(", ")}.`), ...looks];
};
