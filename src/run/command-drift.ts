import type { FollowUp } from "../model/job.ts";
import { isSettled } from "../model/run.ts";
import type { WorkspaceRow } from "../ports/ledger.ts";
import type { Asked, CommandHandler } from "./asked.ts";
import { reply } from "./asked.ts";
import { publishSoon } from "./frame.ts";
import { currentPlans } from "./merge.ts";
import { addPendingIgnore } from "./pending-ignores.ts";
import { readConfig, writeRunInput } from "./run-input.ts";
import { selectRows } from "./select.ts";
import { planChangesSomething } from "./silent-revert.ts";
import type { World } from "./world.ts";

/** `revert [address]`: applies the code as it is on the deploy branch, through the same gates as any apply. */
export const revertCommand: CommandHandler = async (world, asked) => {
  const rows = await selectRows(world, asked.pull, asked.command);
  const targets = asked.command.args ?? [];
  const drifted: WorkspaceRow[] = [];
  for (const row of rows) {
    const open = await world.ledger.findings.open(row.key);
    if (open.some((finding) => targets.length === 0 || targets.includes(finding.address))) drifted.push(row);
  }
  if (drifted.length === 0)
    return [reply(asked, "No open drift matches. Comment `plumbline drift` to look again.")];
  const queued: FollowUp[] = [];
  for (const row of drifted) queued.push(...(await queueRevert(world, asked, row, targets)));
  return [
    reply(
      asked,
      `Reverting ${drifted.map((row) => `\`${row.key}\``).join(", ")} to the code on the deploy branch.`,
    ),
    publishSoon(asked.pull),
    ...queued,
  ];
};

const queueRevert = async (
  world: World,
  { pull, by }: Asked,
  row: WorkspaceRow,
  targets: readonly string[],
): Promise<readonly FollowUp[]> => {
  await world.git.fetch(row.repo);
  const commit = await world.git.resolve(row.repo, row.refs.desired.branch);
  if (commit === null) return [];
  const id = world.newId("run");
  const config = readConfig(row.config);
  await world.ledger.runs.create({
    id,
    workspace: row.key,
    kind: "apply",
    pull: { repo: pull.repo, number: pull.number },
    head: pull.head.sha,
    base: commit,
    trigger: "revert",
    requestedBy: by,
    createdAt: world.clock.now(),
    input: writeRunInput({
      config,
      commit,
      destroy: false,
      flags: [],
      provisionalOn: [],
      intent: "revert",
      targets,
    }),
  });
  return [{ job: { kind: "apply", run: id, workspace: row.key } }];
};

/** `formalize`: merges a drift pull request whose plan proves that the code already says what is real. */
export const formalizeCommand: CommandHandler = async (world, asked) => {
  const { pull } = asked;
  const row = await world.ledger.pulls.get(pull);
  if (!row?.driftOf) return [reply(asked, "`formalize` works on a drift pull request.")];
  const runs = await world.ledger.runs.list({ pull, head: pull.head.sha });
  if (runs.some((run) => !isSettled(run.state)))
    return [
      reply(asked, "The plan of this pull request is still being made; comment again when it is there."),
    ];
  const plans = (await currentPlans(world.ledger, pull, runs)).filter((plan) => plan.head === pull.head.sha);
  // An edit in a shared module reaches other workspaces: each of their plans must be empty too.
  const changing = plans.filter(planChangesSomething).map((plan) => `\`${plan.workspace}\``);
  if (plans.length === 0 || changing.length > 0) {
    const which =
      changing.length > 0 ? `the plan of ${changing.join(", ")} is not empty` : "there is no plan yet";
    return [
      reply(
        asked,
        `The code on this branch does not say yet what is live: ${which}. Push the edit to this branch, or comment \`plumbline revert\`.`,
      ),
    ];
  }
  await world.forge.merge(pull, { method: "merge", head: pull.head.sha });
  return [reply(asked, "The plan is empty: the code says what is live. Merged.")];
};

const DEFAULT_DAYS = 14;
const DAY_MS = 86_400_000;

/** `ignore address.path --for 14d --reason "..."`: written to plumbline.yaml on the drift branch, so that it is reviewed. */
export const ignoreCommand: CommandHandler = async (world, asked) => {
  const { pull, command, by } = asked;
  const row = await world.ledger.pulls.get(pull);
  if (!row?.driftOf)
    return [reply(asked, "`ignore` works on a drift pull request: it writes to its branch.")];
  const target = command.args?.[0];
  const reason = command.flags?.["reason"];
  if (!target || typeof reason !== "string")
    return [reply(asked, 'Say what and why: `plumbline ignore ADDRESS.PATH --for 14d --reason "..."`.')];
  const until = new Date(world.clock.now().getTime() + days(command.flags?.["for"]) * DAY_MS);
  const workspace = await world.ledger.workspaces.get(row.driftOf);
  if (!workspace) return [];
  await addPendingIgnore(world, workspace.key, {
    target,
    reason: `${reason} (${by})`,
    until: until.toISOString(),
  });
  const answer = `Taken down: \`${target}\` is ignored until ${until.toISOString().slice(0, 10)}. This branch gets it in plumbline.yaml, and no longer the edit for it. Merge to make it count.`;
  const slot = `ignore:${asked.commentId}`;
  return [reply(asked, answer), { job: { kind: "drift", workspace: workspace.key, slot } }];
};

const days = (text: true | string | undefined): number => {
  const found = typeof text === "string" ? /^(\d+)d$/.exec(text) : null;
  return found ? Number(found[1]) : DEFAULT_DAYS;
};
