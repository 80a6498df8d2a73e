import { placeText } from "../model/finding.ts";
import type { FollowUp } from "../model/job.ts";
import { isJsonObject } from "../model/json.ts";
import type { PullRequest } from "../model/pull.ts";
import type { Run } from "../model/run.ts";
import { parseWorkspaceKey } from "../model/workspace.ts";
import type { Ledger, PlanRow } from "../ports/ledger.ts";
import type { Asked, CommandHandler } from "./asked.ts";
import { reply } from "./asked.ts";
import { currentPlans } from "./current-plans.ts";
import { queueApply } from "./merge.ts";
import { latestApplies } from "./newest-runs.ts";
import { overrideFreeze } from "./override-freeze.ts";
import { readRunInput } from "./run-input.ts";
import { matches } from "./select.ts";
import { mergeSoon, publishSoon } from "./settle-run.ts";
import { overriddenPaths } from "./silent-revert.ts";
import { UNPLANNED } from "./unplanned-merge.ts";
import type { World } from "./world.ts";

/**
 * `apply [-d -w -p] [--revert-drift]`: before the merge for workspaces that apply on comment, after it for whatever
 * was stopped. `--revert-drift` says, bound to head, digest and paths, that live changes may be undone.
 */
export const applyCommand: CommandHandler = async (world, asked) => {
  const { pull } = asked;
  if (pull.state === "closed")
    return [
      reply(asked, "This pull request is closed unmerged; its plans are gone. Reopen it, or open a new one."),
    ];
  await world.git.fetch(pull.repo);
  const runs = await world.ledger.runs.list({ pull });
  const plans = (await currentPlans(world.ledger, pull, runs)).filter((plan) => isNamed(plan, asked));
  if (plans.length === 0) return [reply(asked, NO_PLAN[pull.state])];
  const refused = await overrideFreeze(world, asked, plans);
  if (refused !== null) return [reply(asked, refused)];
  const overridden = asked.command.flags?.["revert-drift"] ? await overrideGuard(world, asked, plans) : [];
  const ready = plans.filter((plan) => mayStart(pull, plan, runs));
  const commit = pull.state === "merged" ? await world.git.resolve(pull.repo, pull.base.ref) : null;
  await world.ledger.transaction(async (ledger) => {
    // With the runs or not at all: a command that is repeated after a crash starts nothing twice.
    await ledger.outbox.add(await queueAll(world, ledger, asked, ready, commit), world.clock.now());
  });
  // Whatever else it starts: all may be applied already, and only the merge be missing.
  const merge = pull.state === "open" && ready.length === 0 ? [mergeSoon(pull, asked.by)] : [];
  if (ready.length === plans.length && overridden.length === 0 && isSilenced(runs, ready))
    return [publishSoon(pull)];
  const stopped = ready.length > 0 || overridden.length > 0 ? [] : await wouldBeStopped(world, plans);
  const waiting = plans.filter((plan) => modeOf(runs, plan) !== "on_comment");
  const said = answer(pull, { ready, waiting }, overridden) + stopped.join("");
  return [reply(asked, said), publishSoon(pull), ...merge];
};

/** That it begins: the eyes on the comment and the statuses say that too. */
const isSilenced = (runs: readonly Run[], plans: readonly PlanRow[]): boolean =>
  plans.every(({ run }) => {
    const planned = runs.find(({ id }) => id === run);
    return planned !== undefined && readRunInput(planned).rules?.silencePrComments.includes("apply") === true;
  });

const NO_PLAN = {
  open: "There is no current plan to apply here. Comment `plumbline plan` first.",
  // A plan here would be of what the deploy branch says by now.
  merged: UNPLANNED,
} as const;

const isNamed = (plan: PlanRow, { command }: Asked): boolean => {
  const id = parseWorkspaceKey(plan.workspace);
  return id !== undefined && matches(command, id);
};

const mayStart = (pull: PullRequest, plan: PlanRow, runs: readonly Run[]): boolean => {
  const latest = latestApplies(runs).get(plan.workspace);
  const running = latest && ["queued", "running", "apply-started", "verifying"].includes(latest.state);
  if (running || (latest?.state === "succeeded" && !leftSomething(latest))) return false;
  return pull.state === "merged" || modeOf(runs, plan) === "on_comment";
};

/** Applied, and yet the second plan was not empty: what is left goes through every gate anew. */
const leftSomething = ({ result }: Run): boolean =>
  isJsonObject(result) && result["verified"] === false && result["leftOpen"] !== true;

const modeOf = (runs: readonly Run[], plan: PlanRow): string | undefined => {
  const run = runs.find((candidate) => candidate.id === plan.run);
  return run && readRunInput(run).config.apply;
};

const queueAll = (
  world: World,
  ledger: Ledger,
  { pull, by }: Asked,
  plans: readonly PlanRow[],
  tip: string | null,
): Promise<readonly FollowUp[]> =>
  Promise.all(
    plans.map(async (plan) => {
      const planned = await ledger.runs.get(plan.run);
      const commit = tip ?? (planned ? readRunInput(planned).commit : plan.head);
      return queueApply(world, ledger, pull, plan, {
        by,
        commit,
        intent: tip === null ? "comment" : "merge",
      });
    }),
  );

/** Records the override, named path by named path, so that it covers exactly what was shown. */
const overrideGuard = async (
  world: World,
  { pull, by }: Asked,
  plans: readonly PlanRow[],
): Promise<readonly string[]> => {
  const said: string[] = [];
  for (const plan of plans) {
    const paths = await overriddenPaths(world, plan);
    if (paths.length === 0) continue;
    const at = world.clock.now();
    const { workspace, digest } = plan;
    await world.ledger.transaction(async (ledger) => {
      await ledger.approvals.add({
        pull: { repo: pull.repo, number: pull.number },
        workspace,
        kind: "revert-drift",
        by,
        head: pull.head.sha,
        digest,
        paths,
        at,
      });
      await ledger.audit.append({
        at,
        actor: by,
        action: "revert-drift",
        subject: workspace,
        details: { digest, paths: paths.map(({ address, path }) => ({ address, path })) },
      });
    });
    said.push(...paths.map(placeText));
  }
  return said;
};

/** Said before the merge, where it costs nothing yet. */
const wouldBeStopped = async (world: World, plans: readonly PlanRow[]): Promise<readonly string[]> => {
  const said: string[] = [];
  for (const plan of plans) {
    const paths = (await overriddenPaths(world, plan)).map(placeText);
    if (paths.length === 0) continue;
    said.push(
      `\n\n**It would be stopped:** it undoes ${paths.map((path) => `\`${path}\``).join(", ")}, changed outside of Git. Merge the drift pull request to keep that, or comment \`plumbline apply --revert-drift\` to undo it.`,
    );
  }
  return said;
};

const answer = (
  pull: PullRequest,
  { ready, waiting }: { readonly ready: readonly PlanRow[]; readonly waiting: readonly PlanRow[] },
  overridden: readonly string[],
): string => {
  const undone =
    overridden.length > 0
      ? `Recorded: this apply may undo ${overridden.map((path) => `\`${path}\``).join(", ")}. `
      : "";
  if (ready.length > 0)
    return `${undone}Applying ${ready.map((plan) => `\`${plan.workspace}\``).join(", ")}.`;
  // By comment at any time: what is not ready is done, or on its way.
  if (pull.state === "merged" || waiting.length === 0)
    return `${undone}Nothing is left to apply: each workspace is applied or being applied.`;
  const names = waiting.map((plan) => `\`${plan.workspace}\``).join(", ");
  return `${undone}${names} applies on merge: merge this pull request and exactly the reviewed plan is applied.`;
};
