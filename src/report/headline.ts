import { countsText, isGrave } from "./change-text.ts";
import type { PullView, WorkspaceState, WorkspaceView } from "./pull-view.ts";

/** The one sentence that a tired person reads: the worst first. */
export const headline = ({ workspaces, notes }: PullView): string => {
  if (workspaces.length === 0) {
    return notes.length > 0 ? "Nothing could be planned" : "No workspace is touched by this pull request";
  }
  const [only] = workspaces;
  if (workspaces.length === 1 && only) return singleLine(only);
  const told = GROUPS.flatMap(([states, words]) => {
    const count = workspaces.filter(({ state }) => states.includes(state)).length;
    return count === 0 ? [] : [words(count)];
  });
  const grave = workspaces.filter(destroysState).length;
  return [...(grave > 0 ? [`⚠️ ${counted(grave, "workspace")} would lose durable state`] : []), ...told].join(
    ", ",
  );
};

const singleLine = (one: WorkspaceView): string => {
  const counts = one.summary && !QUIET.has(one.state) ? countsText(one.summary) : "";
  const state = STATE_TEXT[one.state];
  return [
    destroysState(one) ? `⚠️ Durable state at risk, ${state}` : state.charAt(0).toUpperCase() + state.slice(1),
    ...(counts === "" ? [] : [`: ${counts}`]),
  ].join("");
};

const QUIET: ReadonlySet<WorkspaceState> = new Set<WorkspaceState>(["no-changes", "formalized"]);

export const destroysState = ({ state, summary }: WorkspaceView): boolean =>
  state !== "applied" &&
  state !== "formalized" &&
  state !== "superseded" &&
  (summary?.resources.some(isGrave) ?? false);

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

type Group = readonly [readonly WorkspaceState[], (count: number) => string];

const GROUPS: readonly Group[] = [
  [["unknown"], (count) => `${count} with unknown outcome`],
  [["apply-failed"], (count) => `${count} failed to apply`],
  [["plan-failed"], (count) => `${count} failed to plan`],
  [["apply-denied"], (count) => `${count} stopped before the apply`],
  [["applying", "apply-queued"], (count) => `${count} applying`],
  [["queued", "planning"], (count) => `${count} planning`],
  [["planned"], (count) => `${count} with changes`],
  [["formalized"], (count) => `${count} formalized in part`],
  [["applied"], (count) => `${count} applied`],
  [["cancelled", "superseded"], (count) => `${count} cancelled`],
  [["no-changes"], (count) => `${count} without changes`],
];

/** What a state is called in tables and statuses. */
export const STATE_TEXT: Readonly<Record<WorkspaceState, string>> = {
  queued: "waiting to plan",
  planning: "planning",
  planned: "planned",
  "no-changes": "no changes",
  "plan-failed": "plan failed",
  superseded: "superseded by a newer head",
  cancelled: "cancelled",
  "apply-queued": "waiting to apply",
  applying: "applying",
  applied: "applied",
  formalized: "formalized in part, nothing is applied",
  "apply-failed": "apply failed",
  "apply-denied": "apply stopped",
  unknown: "outcome unknown",
};
