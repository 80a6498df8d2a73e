import { destroysState } from "./headline.ts";
import type { PullView, WorkspaceState, WorkspaceView } from "./pull-view.ts";

/**
 * Whether a phase may go without its comment: the repository asks for that and nothing of it needs a word. What failed,
 * was stopped, waits for another, meets drift or policies, or takes something away is always told.
 */
export const isSilent = (view: PullView, phase: "plan" | "apply"): boolean =>
  (view.silent ?? []).includes(phase) &&
  view.notes.length + view.warnings.length === 0 &&
  !view.stateful &&
  view.unconfined !== true &&
  (view.policyTests ?? []).every(({ failed, error }) => failed.length === 0 && error === null) &&
  view.workspaces.every(isCalm);

const CALM: ReadonlySet<WorkspaceState> = new Set<WorkspaceState>([
  ...(["queued", "planning", "planned", "no-changes", "superseded", "cancelled"] as const),
  ...(["apply-queued", "applying", "applied"] as const),
]);

const isCalm = (one: WorkspaceView): boolean =>
  CALM.has(one.state) &&
  one.error === null &&
  (one.denied ?? []).length === 0 &&
  one.lock === null &&
  one.applied?.verified !== false &&
  !takesAway(one) &&
  !meetsDrift(one) &&
  saidByPolicies(one) === 0 &&
  !saidOfMigrations(one);

const takesAway = (one: WorkspaceView): boolean =>
  one.destroy ||
  destroysState(one) ||
  (one.summary?.resources ?? []).some(
    ({ destructive, action }) => destructive || action === "forget" || action === "unknown",
  );

const meetsDrift = (one: WorkspaceView): boolean =>
  [one.driftOnTheWay, one.overriddenDrift, one.formalizedHere, one.staysOpen].some(
    (findings) => (findings ?? []).length > 0,
  );

const saidByPolicies = ({ policies }: WorkspaceView): number =>
  policies === undefined
    ? 0
    : [policies.denied, policies.warned, policies.dryRun, policies.approved, policies.excepted].reduce(
        (sum, some) => sum + (some?.length ?? 0),
        0,
      );

/** Whatever the analysis found, someone's word against it included, and a rehearsal that did not go as it should. */
const saidOfMigrations = ({ summary }: WorkspaceView): boolean => {
  const { migrations = [], problems = [], passedOver = [], rehearsal } = summary?.migration ?? {};
  const { current, empty, again } = rehearsal ?? {};
  return (
    problems.length + passedOver.length > 0 ||
    migrations.some(({ findings, suppressed }) => findings.length + suppressed.length > 0) ||
    [current, empty, again].some((run) => (run?.failure ?? null) !== null) ||
    (again?.pending.length ?? 0) + (again?.changes.length ?? 0) > 0
  );
};
