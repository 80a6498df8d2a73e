import { countsText } from "./change-text.ts";
import { code, plain, sentence } from "./escape.ts";
import type { PullView, WorkspaceView } from "./pull-view.ts";

/**
 * The second sticky comment of a pull request, written once its applies have ended, so that people are told by a
 * notification. Null while nothing has, and where nothing was to be applied.
 */
export const applyComment = (view: PullView): string | null => {
  const tried = view.workspaces.filter((one) => WORDS[one.state] !== undefined);
  const running = view.workspaces.some((one) => one.state === "apply-queued" || one.state === "applying");
  if (tried.length === 0 || running) return null;
  const open = tried.filter((one) => !isDone(one));
  const title = open.length === 0 ? "Applied and verified" : `${open.length} of ${tried.length} not done`;
  return [`## ${title}`, "", ...tried.flatMap(lines)].join("\n");
};

const isDone = (one: WorkspaceView): boolean => one.state === "applied" && one.applied?.verified === true;

const WORDS: Readonly<Partial<Record<WorkspaceView["state"], string>>> = {
  applied: "applied",
  "apply-failed": "**failed**",
  "apply-denied": "**stopped**",
  unknown: "**outcome unknown**",
};

const lines = (one: WorkspaceView): readonly string[] => {
  const counts = one.summary ? countsText(one.summary) : "";
  const word =
    one.state === "applied" && !isDone(one)
      ? "applied, **but a second plan is not empty**"
      : WORDS[one.state];
  return [
    `- ${code(one.title)}: ${word}${one.state === "applied" && counts !== "" ? ` (${counts})` : ""}`,
    ...(one.denied ?? []).map((reason) => `  - ${sentence(reason.message)} → ${sentence(reason.wayOut)}`),
    ...(one.error
      ? [`  - ${plain(firstLine(one.error.message))} ${sentence(one.error.hint ?? "")}`.trimEnd()]
      : []),
    ...(isDone(one) ? [] : leftLines(one.applied?.remaining ?? [])),
  ];
};

/** The plan's comment has them all; here a few say what kind of thing is left. */
const leftLines = (remaining: readonly string[]): readonly string[] => [
  ...remaining.slice(0, MOST).map((left) => `  - left: ${code(left)}`),
  ...(remaining.length > MOST ? [`  - and ${remaining.length - MOST} more`] : []),
];
const MOST = 10;

const firstLine = (text: string): string => text.split("\n")[0] ?? "";
