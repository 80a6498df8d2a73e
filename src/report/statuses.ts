import { countsText } from "./change-text.ts";
import { destroysState, headline, STATE_TEXT } from "./headline.ts";
import type { PullView, WorkspaceState, WorkspaceView } from "./pull-view.ts";

export interface StatusView {
  readonly context: string;
  readonly state: "pending" | "success" | "failure" | "error";
  /** At most 140 characters. */
  readonly description: string;
  readonly targetUrl: string | null;
}

/**
 * One constant `<prefix>/plan` on every head, so that a branch rule can require it: success also when nothing is
 * touched. Beside it one plan and, once it was tried, one apply status per workspace; those are never required.
 */
export const statusesFor = (
  view: PullView,
  { contextPrefix }: { readonly contextPrefix: string },
): readonly StatusView[] => [
  {
    context: `${contextPrefix}/plan`,
    state: overall(view),
    description: short(headline(view)),
    targetUrl: view.url,
  },
  ...statefulStatus(view, contextPrefix),
  ...policyTestStatuses(view, contextPrefix),
  ...view.workspaces.flatMap((one) => [
    {
      context: context(`${contextPrefix}/plan: ${one.title}`),
      state: planState(one),
      description: short(planText(one)),
      targetUrl: one.logUrl ?? view.url,
    },
    ...policyStatus(one, view, contextPrefix),
    ...applyStatus(one, view, contextPrefix),
  ]),
];

/** Said before anybody merges: what is missing for what would be lost. */
const statefulStatus = ({ stateful, url, mode }: PullView, prefix: string): readonly StatusView[] => {
  if (!stateful) return [];
  const { missing } = stateful;
  const names = [...new Set(missing.map(({ gate }) => gate))].join(", ");
  return [
    {
      context: `${prefix}/policy: durable state`,
      state: missing.length > 0 && mode === "enforce" ? "failure" : "success",
      description: short(
        `class ${stateful.class}${missing.length > 0 ? `, missing: ${names}` : ", nothing is missing"}`,
      ),
      targetUrl: url,
    },
  ];
};

const policyTestStatuses = ({ policyTests = [], url }: PullView, prefix: string): readonly StatusView[] =>
  policyTests.map(({ folder, passed, failed, error }) => ({
    context: context(`${prefix}/policy: tests of ${folder}`),
    state: error === null && failed.length === 0 ? ("success" as const) : ("failure" as const),
    description: short(error ?? `${passed} passed, ${failed.length} failed`),
    targetUrl: url,
  }));

const overall = ({ workspaces, notes }: PullView): StatusView["state"] => {
  const states = workspaces.map(planState);
  if (notes.length > 0 || states.includes("failure")) return "failure";
  if (states.includes("error")) return "error";
  return states.includes("pending") ? "pending" : "success";
};

const planState = ({ state }: WorkspaceView): StatusView["state"] => {
  if (state === "plan-failed") return "failure";
  if (state === "cancelled") return "error";
  return state === "queued" || state === "planning" || state === "superseded" ? "pending" : "success";
};

const planText = (one: WorkspaceView): string => {
  const counts = one.summary ? countsText(one.summary) : "";
  if (planState(one) !== "success" || one.state === "formalized") return STATE_TEXT[one.state];
  const warning = destroysState(one) ? "⚠️ durable state: " : "";
  return counts === "" ? "no changes" : `${warning}${counts}`;
};

const policyStatus = (one: WorkspaceView, view: PullView, prefix: string): readonly StatusView[] => {
  if (!one.policies) return [];
  const { denied, warned, approved = [] } = one.policies;
  const names = [...new Set(denied.map(({ policy }) => policy))].join(", ");
  const leave = approved.length > 0 ? "approved by owners" : "passed";
  const passed = warned.length === 0 ? leave : `${leave}, ${warned.length} to look at`;
  return [
    {
      context: context(`${prefix}/policy: ${one.title}`),
      state: denied.length > 0 ? "failure" : "success",
      description: short(denied.length > 0 ? `denied by ${names}` : passed),
      targetUrl: one.logUrl ?? view.url,
    },
  ];
};

const APPLY_STATES: Readonly<Partial<Record<WorkspaceState, StatusView["state"]>>> = {
  "apply-queued": "pending",
  applying: "pending",
  applied: "success",
  formalized: "success",
  "apply-failed": "failure",
  "apply-denied": "failure",
  unknown: "error",
};

const applyStatus = (one: WorkspaceView, view: PullView, prefix: string): readonly StatusView[] => {
  if (one.state === "planned" && one.overriddenDrift.length > 0) return [stopped(one, view, prefix)];
  const state = APPLY_STATES[one.state];
  if (state === undefined) return one.kind === "postgres-migrations" ? [awaited(one, view, prefix)] : [];
  const unverified = one.state === "applied" && one.applied?.verified === false;
  return [
    {
      context: context(`${prefix}/${one.kind === "postgres-migrations" ? "migrate" : "apply"}: ${one.title}`),
      state: unverified ? "failure" : state,
      description: short(
        unverified
          ? "applied, but a second plan is not empty"
          : (one.denied?.map((reason) => reason.message).join(" ") ?? STATE_TEXT[one.state]),
      ),
      targetUrl: one.logUrl ?? view.url,
    },
  ];
};

/**
 * Deployments wait on the status of a database, so that it is there from the opening of the pull request on and never
 * green before its migrations are verified.
 */
const awaited = (one: WorkspaceView, view: PullView, prefix: string): StatusView => {
  const isNothing = one.state === "no-changes";
  return {
    context: context(`${prefix}/migrate: ${one.title}`),
    state: isNothing ? "success" : "pending",
    description: isNothing ? "nothing to run" : short(`not run yet: ${STATE_TEXT[one.state]}`),
    targetUrl: one.logUrl ?? view.url,
  };
};

/** Said before anybody merges: this apply would be stopped. */
const stopped = (one: WorkspaceView, view: PullView, prefix: string): StatusView => ({
  context: context(`${prefix}/apply: ${one.title}`),
  state: "failure",
  description: short(
    `would undo ${one.overriddenDrift.length === 1 ? "a live change" : `${one.overriddenDrift.length} live changes`} made outside of Git`,
  ),
  targetUrl: one.logUrl ?? view.url,
});

const short = (text: string): string => (text.length <= 140 ? text : `${text.slice(0, 139)}…`);
// Forges refuse longer contexts.
const context = (text: string): string => (text.length <= 255 ? text : `${text.slice(0, 254)}…`);
