import type { GateReason } from "../model/decision.ts";
import type { WorkspaceKind } from "../model/workspace.ts";
import { countsText, destroyLines, diffLines } from "./change-text.ts";
import { code, plain, sentence } from "./escape.ts";
import { findingsTable } from "./finding-text.ts";
import { fence, folded, upTo, whereTheRestIs } from "./folded.ts";
import { migrationBlocks } from "./migration-section.ts";
import { type Block, text } from "./pack.ts";
import { policyBlocks } from "./policy-section.ts";
import type { PullView, WorkspaceView } from "./pull-view.ts";
import { exampleBlock } from "./stateful-section.ts";

/** How much of what may be shortened is shown. */
export interface Detail {
  /** Most characters of a workspace's diff; 0 leaves it out. */
  readonly diff: number;
  /** Most characters of a log's end; 0 leaves it out. */
  readonly log: number;
}

/** One workspace, the urgent first: why it stopped, what it destroys, whose change it undoes; then the rest, folded. */
export const workspaceBlocks = (view: PullView, one: WorkspaceView, detail: Detail): readonly Block[] => [
  text(`### ${code(one.title)}`, "", ...opening(one)),
  ...problemBlocks(view, one),
  ...(one.summary?.migration && !isOver(one)
    ? migrationBlocks(one.summary.migration, { most: detail.diff, logUrl: one.logUrl })
    : []),
  ...destroyBlocks(one),
  ...driftBlocks(view, one),
  ...foldedBlocks(one, detail),
];

const opening = (one: WorkspaceView): readonly string[] => {
  const counts = one.summary ? countsText(one.summary) : "";
  const level =
    one.summary && one.summary.inspection.class !== "R0" ? ` Class ${one.summary.inspection.class}.` : "";
  const plan = one.digest ? ` Plan \`${one.digest.replace(/^pd1:/, "").slice(0, 12)}\`.` : "";
  switch (one.state) {
    case "planned":
    case "apply-denied":
    case "apply-queued":
      return [
        `**${counts === "" ? "Changes no resource" : sentenceCase(counts)}.**${level}${plan}`,
        ...planNotes(one),
      ];
    case "applied":
      return [appliedText(one, counts), ...(one.applied?.remaining ?? []).map((left) => `- ${code(left)}`)];
    case "formalized":
      return [
        "The code says what is live where it is formalized. **Merging applies nothing:** that would undo the rest of the drift, which stays open and comes back in the next drift pull request.",
      ];
    case "apply-failed":
      return ["**The apply failed.** Left undone:", ...remaining(one)];
    case "unknown":
      return [
        "**Nobody knows yet how this apply ended:** its worker is gone. Nothing is tried again by itself. When the worker returns, or somebody confirms that it is dead, state and reality are read and told here.",
      ];
    case "no-changes":
      return [
        one.summary?.migration ? noMigration(one) : "No changes: live infrastructure is what this code says.",
        ...planNotes(one),
      ];
    case "plan-failed":
      return ["**The plan failed.**"];
    default:
      return [`${sentenceCase(WAITING[one.state] ?? one.state)}.`];
  }
};

const WAITING: Readonly<Partial<Record<WorkspaceView["state"], string>>> = {
  queued: "waiting for its turn to plan",
  planning: "planning",
  applying: "applying now; this is not interrupted",
  superseded: "a newer head is planned instead",
  cancelled: "cancelled",
};

const sentenceCase = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

const noMigration = ({ destroy }: WorkspaceView): string =>
  destroy ? "No changes." : "No changes: every migration has been run.";

const LEAVES: Readonly<Record<WorkspaceKind, string>> = {
  terraform: "The folder leaves the code: **this plan destroys the whole workspace.**",
  "postgres-migrations":
    "The folder leaves the code: **the database stays as it is.** Nothing is run and nothing is dropped; once this is merged nobody looks at it from here.",
};

const planNotes = (one: WorkspaceView): readonly string[] => [
  ...(one.destroy ? ["", LEAVES[one.kind ?? "terraform"]] : []),
  ...(one.provisionalOn.length > 0
    ? ["", `A preview only: it is planned again after ${one.provisionalOn.map(code).join(", ")}.`]
    : []),
];

const appliedText = (one: WorkspaceView, counts: string): string => {
  const done = `Applied${counts === "" ? "" : ` (${counts})`}`;
  if (one.applied === null || one.applied.verified) return `${done} and verified: a second plan is empty.`;
  return `${done}, **but a second plan is not empty.** Left:`;
};

const remaining = (one: WorkspaceView): readonly string[] =>
  one.applied === null || one.applied.remaining.length === 0
    ? ["- see the error and the log"]
    : one.applied.remaining.map((left) => `- not done: ${code(left)}`);

const problemBlocks = (view: PullView, one: WorkspaceView): readonly Block[] => [
  ...(one.error ? errorBlocks(one.error) : []),
  ...(one.denied ?? []).flatMap((reason) => reasonBlocks(reason, view)),
  ...policyBlocks(one, view),
  ...(one.lock
    ? [
        text(
          `🔒 #${one.lock.holder.number} holds the lock; this pull request is number ${one.lock.position} in line. It is planned by itself when the lock is free. To free it: merge or close #${one.lock.holder.number}, or comment \`${view.trigger} unlock\` there.`,
        ),
      ]
    : []),
];

const errorBlocks = (error: NonNullable<WorkspaceView["error"]>): readonly Block[] => [
  messageBlock(error.diagnostics ?? error.message),
  ...(error.hint ? [text(sentence(error.hint))] : []),
];

const messageBlock = (message: string): Block =>
  message.includes("\n") ? fence("", message.split("\n")) : text(plain(message));

const reasonBlocks = (
  { gate, message, wayOut, details = [], example }: GateReason,
  { stateful }: PullView,
): readonly Block[] => [
  text(
    `**Stopped (${gate}):** ${sentence(message)}`,
    ...details.map((detail) => `- ${code(detail)}`),
    "",
    `→ ${sentence(wayOut)}`,
  ),
  // Above, what is missing is told with the same block.
  ...(example === undefined || stateful?.missing.some((one) => one.example === example)
    ? []
    : [exampleBlock(example)]),
];

/** The plan is done with, or never meant to be applied. */
const isOver = ({ state }: WorkspaceView): boolean => state === "applied" || state === "formalized";

const destroyBlocks = (one: WorkspaceView): readonly Block[] => {
  if (one.summary === null || isOver(one)) return [];
  const lines = destroyLines(one.summary);
  return lines.length === 0 ? [] : [{ head: "**Takes away**\n", lines, tail: "" }];
};

const driftBlocks = (view: PullView, one: WorkspaceView): readonly Block[] => [
  ...(one.overriddenDrift.length > 0 && !isOver(one) ? guardBlocks(view, one) : []),
  ...(one.formalizedHere && one.formalizedHere.length > 0
    ? [table("Formalized here, so that the code says what is live:\n", one.formalizedHere)]
    : []),
  ...(one.staysOpen && one.staysOpen.length > 0 ? [table("Drift that stays open:\n", one.staysOpen)] : []),
  ...(one.driftOnTheWay.length > 0
    ? [table("Drift in this workspace that this plan leaves alone:\n", one.driftOnTheWay)]
    : []),
];

/** The guard against a silent revert, a section of its own: what, since when, who may keep it, how to undo it. */
const guardBlocks = (view: PullView, one: WorkspaceView): readonly Block[] => [
  text("#### ⚠️ Live changes that this plan would undo"),
  table(
    "**Undoes live changes that were made outside of Git**, so that it is not applied.\n",
    one.overriddenDrift,
  ),
  text(
    `→ To keep them: ${keeping(view, one)}`,
    `→ To undo them: comment \`${view.trigger} apply ${one.selector} --revert-drift\`; that is recorded, for this very plan.`,
  ),
];

const keeping = ({ trigger }: PullView, { keptBy, selector }: WorkspaceView): string => {
  const owners = (keptBy?.owners ?? []).map((owner) => plain(owner.replace(/^@/, "")));
  const who = owners.length === 0 ? "" : ` (${owners.join(", ")})`;
  const pull = keptBy?.pull ?? null;
  return pull === null
    ? `comment \`${trigger} drift ${selector}\`, and have its owners${who} merge the drift pull request that follows.`
    : `have its owners${who} merge the drift pull request #${pull}, which writes them into the code.`;
};

const table = (title: string, findings: WorkspaceView["overriddenDrift"]): Block => {
  const [header = "", rule = "", ...rows] = findingsTable(findings).split("\n");
  return { head: `${title}\n${header}\n${rule}`, lines: rows, tail: "" };
};

const foldedBlocks = (one: WorkspaceView, detail: Detail): readonly Block[] => [
  ...diffBlocks(one, detail.diff),
  ...logBlocks(one, detail.log),
];

const diffBlocks = (one: WorkspaceView, most: number): readonly Block[] => {
  const all = one.summary && !isOver(one) ? diffLines(one.summary) : [];
  if (all.length === 0) return [];
  const shown = upTo(all, most);
  const left = all.length - shown.length;
  return [
    ...(shown.length > 0 ? [folded("Show the changes", fence("diff", shown))] : []),
    ...(left > 0 ? [text(`${left} more lines of changes: ${whereTheRestIs(one)}.`)] : []),
  ];
};

const logBlocks = (one: WorkspaceView, most: number): readonly Block[] => {
  if (one.log === null || one.log.trim() === "") return [];
  const link = one.logUrl ? [text(`[Log](${one.logUrl})`)] : [];
  const lines = one.log.trimEnd().split("\n").reverse();
  const shown = [...upTo(lines, most)].reverse();
  if (shown.length === 0) return link;
  const title = shown.length < lines.length ? "Log (its end)" : "Log";
  return [folded(title, fence("", shown)), ...link];
};
