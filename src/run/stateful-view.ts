import { approvalsByRole } from "../gate/approvals.ts";
import { demandedClass } from "../gate/claim.ts";
import { freezeGate } from "../gate/freeze.ts";
import { rolloutWarnings } from "../gate/rollout.ts";
import { statefulGates } from "../gate/stateful.ts";
import type { StatefulFacts } from "../gate/stateful-facts.ts";
import { worstClass } from "../model/change-class.ts";
import type { GateReason } from "../model/decision.ts";
import type { PlanSummary } from "../model/plan.ts";
import type { PullRequest } from "../model/pull.ts";
import { keptContext } from "../model/resource-context.ts";
import type { PullRow } from "../ports/ledger.ts";
import type { StatefulView } from "../report/pull-view.ts";
import { currentPlans } from "./current-plans.ts";
import { latestApplies } from "./newest-runs.ts";
import { changesSomething } from "./plan-step.ts";
import { protectedRules } from "./protected-rules.ts";
import { keptPullFiles } from "./pull-files.ts";
import {
  type AskedPlan,
  configuredOwners,
  isDangerous,
  isWorthTelling,
  statefulFacts,
} from "./stateful-facts.ts";
import type { World } from "./world.ts";

/**
 * What a pull request does to durable state and what is missing before it may be applied, as of now; null where there
 * is nothing to tell, or where all of it is applied already.
 */
export const statefulView = async (world: World, row: PullRow): Promise<StatefulView | null> => {
  const kept =
    row.state !== "closed" && row.deployBranch ? await keptPullFiles(world, row.pull, row.head) : null;
  if (!kept) return null;
  const pull = await world.forge.pull(row.pull);
  if (pull.head.sha !== row.head) return null;
  const rules = await protectedRules(world, pull.repo, kept.base).catch(() => null);
  // Plans fail with the same error, and say it.
  if (!rules) return null;
  const open = await openPlans(world, pull);
  if (open === "applied") return null;
  const all: StatefulFacts[] = [];
  for (const plan of open.length > 0 ? open : [null])
    all.push(await statefulFacts(world, pull, plan, rules, kept.base));
  const [first] = all;
  if (!first || !all.some(isWorthTelling)) return null;
  return {
    class: worstClass(all.map(demandedClass)),
    found: worstClass(all.map((one) => one.pullClass)),
    claimed: first.claims.claim?.class ?? null,
    sources: first.claims.claim?.sources ?? [],
    findings: first.changes
      .filter(isDangerous)
      .map(({ place, class: level, message, wayOut = "" }) => ({ place, class: level, message, wayOut })),
    approvals: distinct(all.flatMap(approvalsByRole)),
    missing: distinct(
      all.flatMap((facts): readonly GateReason[] => [...freezeGate(facts), ...statefulGates(facts)]),
    ),
    warnings: distinct(all.flatMap(rolloutWarnings)),
    ...compatibilityOf(all, open),
  };
};

// Only a database's schema has versions that applications meet.
const compatibilityOf = (
  all: readonly StatefulFacts[],
  open: readonly AskedPlan[],
): Pick<StatefulView, "compatibility"> => {
  const facts = all.find(({ databases }) => databases === true);
  const claim = facts?.claims.claim;
  if (!facts || !claim) return {};
  const versions = open.flatMap(({ versions: told }) => (told ? [told] : []));
  return {
    compatibility: {
      compatibility: claim.compatibility,
      rollbackBoundary: claim.rollbackBoundary,
      contract: claim.phases.includes("contract") || facts.changes.some(({ phase }) => phase === "contract"),
      versions: versions[0] ?? { now: null, next: null },
    },
  };
};

/** Plans that still wait for their apply, or that all of them had it. */
const openPlans = async (world: World, pull: PullRequest): Promise<readonly AskedPlan[] | "applied"> => {
  const runs = await world.ledger.runs.list({ pull });
  const applies = latestApplies(runs);
  const changing = (await currentPlans(world.ledger, pull, runs)).filter((plan) => {
    const summary = plan.summary as unknown as PlanSummary;
    return changesSomething({ summary, inspection: summary.inspection });
  });
  const open = changing.filter((plan) => applies.get(plan.workspace)?.state !== "succeeded");
  if (changing.length > 0 && open.length === 0) return "applied";
  return Promise.all(
    open.map(async (plan) => ({
      workspace: plan.workspace,
      inspection: (plan.summary as unknown as PlanSummary).inspection,
      context: keptContext((plan.summary as unknown as PlanSummary).context ?? []),
      digest: plan.digest,
      owners: await configuredOwners(world, plan),
      ...versionsOf(plan.summary as unknown as PlanSummary),
    })),
  );
};

const versionsOf = ({ migration }: PlanSummary): Pick<AskedPlan, "versions"> => {
  if (!migration) return {};
  const next = migration.migrations.findLast(({ version }) => version !== null)?.version ?? null;
  return { versions: { now: migration.history.version, next } };
};

const distinct = <T>(values: readonly T[]): readonly T[] => [
  ...new Map(values.map((value) => [JSON.stringify(value), value])).values(),
];
