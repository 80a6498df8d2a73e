import { regexMatches } from "../config/safe-regex.ts";
import { applyGate } from "../gate/apply.ts";
import type { StatefulFacts } from "../gate/stateful-facts.ts";
import type { Decision } from "../model/decision.ts";
import type { PolicyVerdict } from "../model/policy.ts";
import type { PullRef, PullRequest } from "../model/pull.ts";
import { compareDigests } from "../plan/digest.ts";
import type { ApprovalRow, PlanRow } from "../ports/ledger.ts";
import type { PullLock } from "../ports/ledger-leases.ts";
import { durableFacts } from "./durable-facts.ts";
import type { Scratch } from "./frame.ts";
import { changesSomething, type SavedPlan } from "./plan-step.ts";
import { withOwners } from "./policy-approvals.ts";
import { policyStep } from "./policy-step.ts";
import { requirementFacts } from "./requirements.ts";
import type { RunInput } from "./run-input.ts";
import { driftFacts } from "./silent-revert.ts";
import type { World } from "./world.ts";

/** The gate's answer, and what it knew of durable state: the evidence keeps both. */
export interface Decided extends Decision {
  readonly stateful: StatefulFacts | null;
  readonly policies: PolicyVerdict | null;
}

/** Collects what the apply gate must know, at the last moment before the apply, and asks it. */
export const decideApply = async (
  world: World,
  scratch: Scratch,
  input: RunInput,
  saved: SavedPlan,
  drift: typeof driftFacts = driftFacts,
): Promise<Decided> => {
  const { run, workspace } = scratch;
  const pull = run.pull ? await world.forge.pull(run.pull) : null;
  const reviewed = pull ? await reviewedPlan(world, workspace.key, pull, input) : null;
  const approvals = run.pull ? await world.ledger.approvals.list(run.pull) : [];
  const holder = await lockHolder(world, scratch, input);
  const parts = reviewed?.digestParts as Readonly<Record<string, string>> | undefined;
  const mine = approvals.filter(
    (approval) => approval.workspace === null || approval.workspace === workspace.key,
  );
  const durable = await durableFacts(world, scratch, input, saved, pull);
  const verdict = await policyStep(world, scratch, input, saved);
  const bound = mine.filter((approval) => isBound(approval, pull));
  const decision = applyGate({
    intent: input.intent === "merge" || input.intent === "revert" ? input.intent : "comment",
    mode: world.server.mode,
    frozen: workspace.frozen,
    lockHolder: holder && !samePull(holder.pull, run.pull) && changesSomething(saved) ? holder.pull : null,
    trigger: world.server.triggerWords[0] ?? "plumbline",
    ...(input.targets.length > 0
      ? { revertDriftAllowed: input.targets.map((address) => ({ address, path: "" })) }
      : {}),
    reviewed: reviewed && parts ? { digest: reviewed.digest, parts } : null,
    fresh: saved.digest,
    changedPaths: parts ? compareDigests(parts, saved.digest).paths : [],
    approvals: bound,
    ...(verdict && changesSomething(saved)
      ? { policyDenied: await withOwners(world, workspace.repo, verdict.denied, bound) }
      : {}),
    class: saved.inspection.class,
    destructive: saved.inspection.changes.filter(
      (change) => change.action === "unknown" || (change.stateful && change.destructive),
    ),
    errored: saved.inspection.errored,
    ...(await drift(world, workspace, saved)),
    ...durable,
    baseBranchAllowed: pull === null || (await isDeployed(world, pull, input)),
    // As they stood on the protected branch when this was planned; the ledger's row may be another pull request's.
    ...(await requirementFacts(world, input.config.applyRequirements, pull)),
  });
  return { ...decision, stateful: durable.stateful ?? null, policies: verdict };
};

/**
 * What people looked at: the newest plan that a plan run made. A plan that a denied apply left behind does not count,
 * however new, or a second try would compare it with itself; it counts once somebody approves its digest.
 */
const reviewedPlan = async (
  world: World,
  workspace: string,
  pull: PullRequest,
  input: RunInput,
): Promise<PlanRow | null> => {
  const runs = await world.ledger.runs.list({ workspace, pull, kind: "plan", states: ["succeeded"] });
  const newest = runs.toSorted((left, right) => left.createdAt.getTime() - right.createdAt.getTime()).at(-1);
  const plan = newest ? await world.ledger.plans.ofRun(newest.id) : null;
  if (!plan || plan.discardedAt !== null) return null;
  // Before the merge it is the head that people look at, and it may have moved since the apply was asked for.
  return input.intent === "comment" && plan.head !== pull.head.sha ? null : plan;
};

/** Merges into other branches never apply; a revert applies the deploy branch, wherever it was asked for. */
const isDeployed = async (
  world: World,
  pull: PullRequest,
  { intent, config }: RunInput,
): Promise<boolean> => {
  if (intent === "revert") return true;
  const { ref } = pull.base;
  if (ref !== (await world.forge.defaultBranch(pull.repo))) return false;
  return config.branch === null || regexMatches(config.branch, ref);
};

/** Who holds the lock now; a workspace that locks on apply takes its place in line here. */
const lockHolder = async (
  world: World,
  { run, workspace }: Scratch,
  input: RunInput,
): Promise<PullLock | undefined> => {
  if (run.pull && input.config.lock === "on_apply")
    await world.ledger.locks.request(workspace.key, run.pull, run.requestedBy, world.clock.now());
  const [holder] = await world.ledger.locks.of(workspace.key);
  return holder;
};

const samePull = (left: PullRef, right: PullRef | null): boolean =>
  right !== null && left.repo === right.repo && left.number === right.number;

/** Approvals count for the head they were given on, and never from the service itself. */
const isBound = (approval: ApprovalRow, pull: PullRequest | null): boolean =>
  approval.voidedAt === null && pull !== null && approval.head === pull.head.sha;
