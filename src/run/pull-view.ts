import type { GateReason } from "../model/decision.ts";
import type { Finding } from "../model/finding.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import type { PlanSummary } from "../model/plan.ts";
import type { PullRef } from "../model/pull.ts";
import type { Run } from "../model/run.ts";
import { parseWorkspaceKey, titleOf, type WorkspaceId } from "../model/workspace.ts";
import type { Ledger, PlanRow, PullRow } from "../ports/ledger.ts";
import type { PullView, WorkspaceState, WorkspaceView } from "../report/pull-view.ts";
import { logUrl } from "./log-link.ts";
import { latestApplies } from "./newest-runs.ts";
import { changesSomething } from "./plan-step.ts";
import { verdictIn } from "./policies.ts";
import { policyTestsOf } from "./policy-tests.ts";
import { policyView } from "./policy-view.ts";
import { MOST_LOG_BYTES, readRunLog } from "./read-log.ts";
import { readRunInput } from "./run-input.ts";
import { statefulView } from "./stateful-view.ts";
import { ownersOf } from "./workspace-owners.ts";
import type { World } from "./world.ts";

/** A pull request as people should see it now: from the ledger, and of durable state from the forge too. */
export const pullView = async (world: World, row: PullRow): Promise<PullView> => {
  const runs = await world.ledger.runs.list({ pull: row.pull });
  const told = newestByWorkspace(runs, row.head);
  return {
    pull: row.pull,
    headSha: row.head,
    state: row.state,
    mode: world.server.mode,
    deployBranch: row.deployBranch,
    notes: row.notes,
    warnings: [],
    workspaces: await Promise.all(told.map((runsOfOne) => workspaceView(world, row.pull, runsOfOne))),
    stateful: await statefulView(world, row),
    policyTests: await policyTestsOf(world, row.pull, row.head),
    trigger: world.server.triggerWords[0] ?? "plumbline",
    unconfined: world.server.sandbox !== undefined && !world.confined,
    silent: told.map(({ plan }) => readInputOf(plan)?.rules?.silencePrComments ?? []).at(0) ?? [],
    url: null,
  };
};

/** Of one workspace: its newest plan, and its newest apply where that came after it. */
interface Told {
  readonly workspace: string;
  readonly plan: Run;
  readonly apply: Run | null;
}

const newestByWorkspace = (runs: readonly Run[], head: string): readonly Told[] => {
  const applies = latestApplies(runs);
  const plans = new Map<string, Run>();
  for (const run of runs) {
    if (run.kind !== "plan" || run.head !== head) continue;
    const known = plans.get(run.workspace);
    if (!known || known.createdAt <= run.createdAt) plans.set(run.workspace, run);
  }
  return [...plans]
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([workspace, plan]) => {
      const apply = applies.get(workspace);
      return { workspace, plan, apply: apply && apply.createdAt >= plan.createdAt ? apply : null };
    });
};

const workspaceView = async (
  world: World,
  pull: PullRef,
  { workspace, plan, apply }: Told,
): Promise<WorkspaceView> => {
  const id = parseWorkspaceKey(workspace) as WorkspaceId;
  const run = apply ?? plan;
  const row = await world.ledger.plans.current(workspace, pull);
  const summary = (row?.summary ?? null) as unknown as PlanSummary | null;
  const denied = listIn<GateReason>(run.result, "denied");
  const overridden = listIn<Finding & { since?: string }>(plan.result, "overridden") ?? [];
  return {
    title: titleOf(id),
    selector: selectorOf(id),
    state: apply ? applyState(apply) : planState(plan, row),
    kind: readInputOf(plan)?.config.kind ?? "terraform",
    apply: readInputOf(plan)?.config.apply ?? "on_merge",
    summary,
    digest: row?.digest ?? null,
    destroy: readInputOf(plan)?.destroy ?? false,
    provisionalOn: (readInputOf(plan)?.provisionalOn ?? []).map(titleOfKey),
    lock: await lockOf(world.ledger, workspace, pull),
    driftOnTheWay: listIn<Finding>(plan.result, "aside") ?? [],
    staysOpen: listIn<Finding>(plan.result, "leftOpen") ?? [],
    formalizedHere: listIn<Finding>(plan.result, "formalized") ?? [],
    overriddenDrift: overridden,
    ...(overridden.length > 0 ? { keptBy: await keptBy(world, workspace) } : {}),
    error: denied ? null : run.error,
    denied,
    applied: apply?.state === "succeeded" || apply?.state === "failed" ? appliedOf(apply) : null,
    ...(await policyView(world, pull, verdictIn(run.result) ? run : plan, row)),
    log: await logOf(world, run),
    logUrl: logUrl(world, run.id),
  };
};

/** Who can write a live change into the code, and where. */
const keptBy = async (world: World, workspace: string): Promise<NonNullable<WorkspaceView["keptBy"]>> => {
  const [open] = await world.ledger.pulls.list({ driftOf: workspace, state: "open" });
  const row = await world.ledger.workspaces.get(workspace);
  return { pull: open?.pull.number ?? null, owners: row ? await ownersOf(world, row) : [] };
};

const readInputOf = (run: Run) =>
  isJsonObject(run.result) && "config" in run.result ? readRunInput(run) : null;

const listIn = <T>(result: Json, name: string): readonly T[] | null => {
  const value = isJsonObject(result) ? result[name] : undefined;
  return Array.isArray(value) ? (value as unknown as readonly T[]) : null;
};

const titleOfKey = (key: string): string => titleOf(parseWorkspaceKey(key) as WorkspaceId);

const selectorOf = ({ dir, name, project }: WorkspaceId): string =>
  project ? `-p ${project}` : `-d ${dir}${name === "default" ? "" : ` -w ${name}`}`;

const planState = (plan: Run, row: PlanRow | null): WorkspaceState => {
  switch (plan.state) {
    case "queued":
      return "queued";
    case "running":
      return "planning";
    case "superseded":
    case "cancelled":
      return plan.state;
    case "succeeded": {
      const summary = row?.summary as unknown as PlanSummary | undefined;
      const changes = summary && changesSomething({ summary, inspection: summary.inspection });
      if (row !== null && changes && (listIn(plan.result, "leftOpen")?.length ?? 0) > 0) return "formalized";
      return row === null ? "cancelled" : changes ? "planned" : "no-changes";
    }
    default:
      return "plan-failed";
  }
};

const applyState = (apply: Run): WorkspaceState => {
  switch (apply.state) {
    case "queued":
      return "apply-queued";
    case "running":
    case "apply-started":
    case "verifying":
      return "applying";
    case "succeeded":
      return isJsonObject(apply.result) && apply.result["leftOpen"] === true ? "formalized" : "applied";
    case "unknown":
      return "unknown";
    case "cancelled":
    case "superseded":
      return "cancelled";
    default:
      return listIn(apply.result, "denied") ? "apply-denied" : "apply-failed";
  }
};

const appliedOf = (apply: Run): WorkspaceView["applied"] => ({
  verified: isJsonObject(apply.result) && apply.result["verified"] === true,
  remaining: listIn<string>(apply.result, "remaining") ?? [],
});

const lockOf = async (ledger: Ledger, workspace: string, pull: PullRef): Promise<WorkspaceView["lock"]> => {
  const locks = await ledger.locks.of(workspace);
  const mine = locks.find((lock) => lock.pull.repo === pull.repo && lock.pull.number === pull.number);
  const holder = locks.find((lock) => lock.position === 0);
  return mine && holder && mine.position > 0 ? { holder: holder.pull, position: mine.position } : null;
};

const logOf = async (world: World, run: Run): Promise<string | null> => {
  try {
    return (await readRunLog(world, run.id, { tail: MOST_LOG_BYTES }))?.text ?? null;
  } catch (error) {
    world.log.warn("a run's log could not be read", { run: run.id, error });
    return null;
  }
};
