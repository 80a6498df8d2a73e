import { openDenials } from "../gate/policies.ts";
import type { Denial } from "../model/policy.ts";
import type { ApprovalRow, PlanRow } from "../ports/ledger.ts";
import { type Asked, type CommandHandler, reply } from "./asked.ts";
import { currentPlans } from "./current-plans.ts";
import { verdictIn } from "./policies.ts";
import { ownersAmong, withOwners } from "./policy-approvals.ts";
import { whoMayNotApprove } from "./requirements.ts";
import { selectRows } from "./select.ts";
import { publishSoon } from "./settle-run.ts";
import type { World } from "./world.ts";

interface DeniedPlan {
  readonly plan: PlanRow;
  readonly denied: readonly Denial[];
}

/** `approve_policies [-d -w -p]`: an owner lets exactly these plans pass what their policy set denies. */
export const approvePoliciesCommand: CommandHandler = async (world, asked) => {
  const { pull, by, command } = asked;
  // Taken as an approval of everything, either would do more than was asked, or the opposite.
  const narrower = ["policy-set", "clear-policy-approval"].find(
    (flag) => command.flags?.[flag] !== undefined,
  );
  if (narrower !== undefined)
    return [
      reply(
        asked,
        `\`--${narrower}\` is not served here, so nothing was approved. An approval holds for all denials of the named workspaces that you own, for this head and plan alone: a push takes it back.`,
      ),
    ];
  if ((world.server.policies?.sets ?? []).length === 0)
    return [reply(asked, "No policy set is configured on this server, so there is nothing to approve.")];
  const plans = await deniedPlans(world, asked);
  if (plans.length === 0)
    return [
      reply(asked, "No policy denies a current plan of this pull request, so there is nothing to approve."),
    ];
  if ((await whoMayNotApprove(world, pull)).has(by))
    return [
      reply(
        asked,
        "Whoever wrote or last pushed this pull request cannot approve its policies; ask another owner of them.",
      ),
    ];
  const owned = await ownedBy(world, asked, plans);
  if (owned.length === 0) return [reply(asked, notAnOwner(asked, plans))];
  await keep(world, asked, owned);
  return [reply(asked, await whatIsLeft(world, asked, owned)), publishSoon(pull)];
};

const deniedPlans = async (world: World, { pull, command }: Asked): Promise<readonly DeniedPlan[]> => {
  const { dir, workspace, project } = command;
  const named = dir !== undefined || workspace !== undefined || project !== undefined;
  const wanted = named ? new Set((await selectRows(world, pull, command)).map(({ key }) => key)) : null;
  const plans = await currentPlans(world.ledger, pull, await world.ledger.runs.list({ pull }));
  const found: DeniedPlan[] = [];
  for (const plan of plans) {
    if (wanted && !wanted.has(plan.workspace)) continue;
    const run = await world.ledger.runs.get(plan.run);
    const denied = run ? (verdictIn(run.result)?.denied ?? []) : [];
    if (denied.length > 0) found.push({ plan, denied });
  }
  return found;
};

const ownedBy = async (
  world: World,
  { pull, by }: Asked,
  plans: readonly DeniedPlan[],
): Promise<readonly DeniedPlan[]> => {
  const found: DeniedPlan[] = [];
  for (const one of plans) {
    for (const { owners } of one.denied) {
      if ((await ownersAmong(world, pull.repo, owners, [by])).length === 0) continue;
      found.push(one);
      break;
    }
  }
  return found;
};

const notAnOwner = ({ by }: Asked, plans: readonly DeniedPlan[]): string => {
  const denied = plans.flatMap((one) => one.denied);
  const sets = [...new Map(denied.map(({ set, owners }) => [set, owners])).entries()].map(
    ([set, owners]) =>
      `\`${set}\`: ${owners.length > 0 ? owners.map((one) => `\`${one}\``).join(", ") : "nobody is named"}`,
  );
  return `@${by} owns none of the policy sets that deny this. Owners: ${sets.join("; ")}.`;
};

const keep = async (world: World, { pull, by }: Asked, plans: readonly DeniedPlan[]): Promise<void> => {
  const at = world.clock.now();
  await world.ledger.transaction(async (ledger) => {
    for (const { plan, denied } of plans) {
      await ledger.approvals.add({
        pull: { repo: pull.repo, number: pull.number },
        workspace: plan.workspace,
        kind: "policy",
        by,
        head: pull.head.sha,
        digest: plan.digest,
        paths: [],
        at,
      });
      await ledger.audit.append({
        at,
        actor: by,
        action: "approve-policies",
        subject: plan.workspace,
        details: {
          digest: plan.digest,
          head: pull.head.sha,
          pull: pull.number,
          policies: denied.map(({ set, policy }) => `${set}: ${policy}`),
        },
      });
    }
  });
};

const whatIsLeft = async (
  world: World,
  { pull, by }: Asked,
  plans: readonly DeniedPlan[],
): Promise<string> => {
  const rows = (await world.ledger.approvals.list(pull)).filter((row) => isInForce(row, pull.head.sha));
  const left: string[] = [];
  for (const { plan, denied } of plans) {
    const mine = rows.filter(({ workspace }) => workspace === null || workspace === plan.workspace);
    const open = openDenials(await withOwners(world, pull.repo, denied, mine), mine, plan.digest);
    for (const set of new Set(open.map((one) => one.set))) {
      const needs = open.find((one) => one.set === set)?.needs ?? 1;
      left.push(`\`${plan.workspace}\` still waits for the owners of \`${set}\` (it takes ${needs})`);
    }
  }
  const list = plans.map(({ plan }) => `\`${plan.workspace}\``).join(", ");
  const trigger = world.server.triggerWords[0] ?? "plumbline";
  const next =
    left.length > 0 ? `${left.join("; ")}.` : `Comment \`${trigger} apply\` to go on where an apply waits.`;
  return `@${by} approved what the policies deny of ${list}, for exactly this plan. ${next}`;
};

/** Not taken back, and given for the head that is there now. */
export const isInForce = (row: ApprovalRow, head: string): boolean =>
  row.voidedAt === null && row.head === head;
